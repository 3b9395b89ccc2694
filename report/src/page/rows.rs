//! The rows of a target's tables, as text: one for each arm, and one for each pair of the target and a support.

use mtlift_eval::{Look, Strategy};
use serde::Serialize;

use crate::findings::{Against, ArmFindings, Cell, SeedScore};
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
    /// `decided`, `undecided`, `tie` or `no look yet`.
    look: String,
    /// Over `single:steps`.
    over_steps: String,
    over_steps_interval: String,
    p_value: String,
    p_holm: String,
    p_bh: String,
    sign_flip: String,
    paper_p: String,
    /// `6 to 45`, `from 6`, or a dash.
    needed: String,
    /// Each look in words.
    looks: Vec<String>,
    /// The directory of its best seed's model.
    model: String,
    best: String,
    shrunken: String,
    shrunken_interval: String,
    loss: String,
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
        let (gain, shrunken, expected) = (arm.gain.as_ref(), arm.shrunken, arm.expected_gain());
        let of_gain = |show: &dyn Fn(&Against) -> Option<String>| gain.and_then(show).unwrap_or_else(none);
        let over_steps = arm.over_single_steps.as_ref();
        let ends = |gain: Option<&Against>| {
            gain.and_then(|gain| gain.difference.estimate()).map_or_else(String::new, |gain| {
                format!("[{}, {}]", format::gain(gain.low), format::gain(gain.high))
            })
        };
        let seed = |seed: &SeedScore| (seed.seed.to_string(), format::score(seed.score), seed.degenerate);
        Arm {
            name: arm.label.clone(),
            mean: arm.mean.map_or_else(none, |mean| format::score(mean.value)),
            // Of one seed it would be about these very weights, beside intervals that are not.
            interval: arm.mean.filter(|_| arm.scores.len() > 1).map_or_else(String::new, |mean| {
                format!("[{}, {}]", format::score(mean.low), format::score(mean.high))
            }),
            deviation: arm.deviation.map_or_else(none, format::score),
            gain: of_gain(&|gain| Some(format::gain(gain.difference.value))),
            gain_interval: ends(gain),
            over_steps: over_steps.map_or_else(none, |gain| format::gain(gain.difference.value)),
            over_steps_interval: ends(over_steps),
            look: of_gain(&|gain| Some(standing(gain))),
            p_value: of_gain(&|gain| gain.p_value.map(format::p_value)),
            p_holm: of_gain(&|gain| gain.p_holm.map(format::p_value)),
            p_bh: of_gain(&|gain| gain.p_bh.map(format::p_value)),
            sign_flip: of_gain(&|gain| gain.sign_flip.map(format::p_value)),
            paper_p: of_gain(&|gain| gain.paper_p.map(format::p_value)),
            needed: of_gain(&needed),
            looks: gain.map_or_else(Vec::new, |gain| gain.looks.iter().map(look).collect()),
            best: arm.best.map_or_else(none, format::percent),
            model: arm.model.clone().unwrap_or_else(none),
            shrunken: expected.map_or_else(none, |gain| format::gain(gain.value)),
            shrunken_interval: expected.map_or_else(String::new, |gain| {
                format!("[{}, {}]", format::gain(gain.low), format::gain(gain.high))
            }),
            loss: shrunken.map_or_else(none, |shrunken| format::score(shrunken.loss)),
            cost: arm.cost.map_or_else(none, |cost| format::amount(cost.minutes)),
            seeds: arm.scores.iter().map(seed).collect(),
        }
    }
}

/// What the latest look came to, after Holm's correction.
pub(super) fn standing(gain: &Against) -> String {
    let word = match gain {
        _ if gain.tied => "tie",
        _ if gain.is_decided_corrected() => "decided",
        Against { p_value: None, .. } => "no look yet",
        _ => "undecided",
    };
    word.to_owned()
}

fn needed(gain: &Against) -> Option<String> {
    let count = |seeds: u32| format::count(seeds as usize);
    match (gain.seeds_least, gain.seeds_most) {
        (Some(least), Some(most)) if least < most => Some(format!("{} to {}", count(least), count(most))),
        (_, Some(most)) => Some(count(most)),
        (Some(least), None) => Some(format!("from {}", count(least))),
        (None, None) => gain.seeds_needed.map(count),
    }
}

/// `5 seeds: +1.2, p 0.031 against a level of 0.019`
fn look(look: &Look) -> String {
    let Look { seeds, planned, difference, p_value, level } = look;
    format!(
        "{seeds} seeds{}: {}, p {} against a level of {}{}",
        if *planned { "" } else { " (not planned)" },
        format::gain(*difference),
        format::p_value(*p_value),
        format::p_value(*level),
        if look.rejects() { ", decides" } else { "" },
    )
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
            difference: format::difference(&against.difference),
            p_value: format::p_or_none(against.p_value),
            p_holm: format::p_or_none(against.p_holm),
            winner: winner(cell.winner),
            paper: winner(cell.paper_winner),
            over_single: cell
                .over_single
                .as_ref()
                .map_or_else(none, |gain| format::difference(&gain.difference)),
        }
    }
}
