//! The rows of a target's table of what became of the rows that its model has labelled, as text: means over seeds.

use serde::Serialize;

use crate::findings::{ArmFindings, SelfTrained};
use crate::format;

/// A row: an arm.
#[derive(Serialize)]
pub(super) struct Labelling<'a> {
    name: &'a str,
    gold: String,
    rows: String,
    kept: String,
    /// What each filter dropped.
    dropped: Vec<(&'static str, String)>,
}

impl<'a> Labelling<'a> {
    /// None of an arm that labels nothing.
    pub(super) fn of(arm: &'a ArmFindings) -> Option<Self> {
        let all = &arm.self_trained;
        let first = all.first()?;
        let mean = |of: &dyn Fn(&SelfTrained) -> usize| format::mean_count(all.iter().map(of));
        let names = first.dropped.named().into_iter().enumerate();
        let dropped = names.map(|(place, (name, _))| (name, mean(&|seed| seed.dropped.named()[place].1)));
        Some(Self {
            name: &arm.label,
            gold: mean(&|seed| seed.gold),
            rows: mean(&|seed| seed.rows),
            kept: mean(&|seed| seed.kept),
            dropped: dropped.collect(),
        })
    }
}
