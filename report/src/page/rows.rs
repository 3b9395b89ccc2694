//! The rows of a target's tables, as text: one for each arm, and one for each pair of the target and a support.

use mtlift_eval::Strategy;
use serde::Serialize;

use crate::findings::{Against, ArmFindings, Cell, Estimate, SeedScore};
use crate::format::{self, none};

/// A row of the arms' table.
#[derive(Serialize)]
pub(super) struct Arm {
    name: String,
    mean: String,
    interval: String,
    deviation: String,
    gain: String,
    gain_interval: String,
    p_value: String,
    p_holm: String,
    p_bh: String,
    sign_flip: String,
    paper_p: String,
    needed: String,
    best: String,
    cost: String,
    seeds: Vec<(String, String, bool)>,
}

/// A row of the pairs' table.
#[derive(Serialize)]
pub(super) struct Pair<'a> {
    support: &'a str,
    sizes: String,
    difference: String,
    p_value: String,
    p_holm: String,
    winner: String,
    paper: String,
    over_single: String,
}

impl Arm {
    pub(super) fn of(arm: &ArmFindings) -> Arm {
        let gain = arm.gain.as_ref();
        let of_gain = |show: &dyn Fn(&Against) -> Option<String>| gain.and_then(show).unwrap_or_else(none);
        let seed = |seed: &SeedScore| (seed.seed.to_string(), format::score(seed.score), seed.degenerate);
        Arm {
            name: arm.label.clone(),
            mean: arm.mean.map_or_else(none, |mean| format::score(mean.value)),
            interval: arm.mean.map_or_else(String::new, |mean| {
                format!("[{}, {}]", format::score(mean.low), format::score(mean.high))
            }),
            deviation: arm.deviation.map_or_else(none, format::score),
            gain: of_gain(&|gain| Some(format::gain(gain.difference.value))),
            gain_interval: gain.map_or_else(String::new, |gain| {
                let Estimate { low, high, .. } = gain.difference;
                format!("[{}, {}]", format::gain(low), format::gain(high))
            }),
            p_value: of_gain(&|gain| Some(format::p_value(gain.p_value))),
            p_holm: of_gain(&|gain| Some(format::p_value(gain.p_holm))),
            p_bh: of_gain(&|gain| Some(format::p_value(gain.p_bh))),
            sign_flip: of_gain(&|gain| gain.sign_flip.map(format::p_value)),
            paper_p: of_gain(&|gain| gain.paper_p.map(format::p_value)),
            needed: of_gain(&|gain| gain.seeds_needed.map(|seeds| format::count(seeds as usize))),
            best: arm.best.map_or_else(none, format::percent),
            cost: arm.cost.map_or_else(none, |cost| format::amount(cost.minutes)),
            seeds: arm.scores.iter().map(seed).collect(),
        }
    }
}

impl Pair<'_> {
    pub(super) fn of(cell: &Cell) -> Pair<'_> {
        let against = &cell.mtl_minus_stilts;
        let winner = |winner: Option<Strategy>| match winner {
            Some(Strategy::Mtl) => "MTL".to_owned(),
            Some(Strategy::Stilts) => "STILTs".to_owned(),
            None => none(),
        };
        Pair {
            support: &cell.support,
            sizes: format!("{} / {}", format::count(cell.sizes.target), format::count(cell.sizes.support)),
            difference: format::gain_interval(&against.difference),
            p_value: format::p_value(against.p_value),
            p_holm: format::p_value(against.p_holm),
            winner: winner(cell.winner),
            paper: winner(cell.paper_winner),
            over_single: cell
                .over_single
                .as_ref()
                .map_or_else(none, |gain| format::gain_interval(&gain.difference)),
        }
    }
}
