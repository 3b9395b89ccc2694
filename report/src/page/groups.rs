//! The rows of a target's table of groups, as text.

use serde::Serialize;

use super::rows::standing;
use crate::findings::{ArmFindings, GroupFindings, GroupRow};
use crate::format::{self, none};

/// A row: an arm.
#[derive(Serialize)]
pub(super) struct Groups<'a> {
    name: &'a str,
    average: String,
    average_deviation: String,
    worst: String,
    worst_deviation: String,
    /// Which group that is under most seeds.
    which: String,
    gain: String,
    look: String,
    p_value: String,
    p_holm: String,
    /// Each group in words.
    groups: Vec<String>,
}

impl<'a> Groups<'a> {
    /// None of a task without groups.
    pub(super) fn of(arm: &'a ArmFindings) -> Option<Self> {
        let found = arm.groups.as_ref()?;
        let GroupFindings { average, average_deviation, worst, worst_deviation, gain, groups } = found;
        let gain = gain.as_ref();
        Some(Self {
            name: &arm.label,
            average: format::score(*average),
            average_deviation: average_deviation.map_or_else(none, format::score),
            worst: worst.map_or_else(none, format::score),
            worst_deviation: worst_deviation.map_or_else(none, format::score),
            which: found.worst_group().map_or_else(none, |group| group.group.clone()),
            gain: gain.map_or_else(none, |gain| format::difference(&gain.difference)),
            look: gain.map_or_else(none, standing),
            p_value: format::p_or_none(gain.and_then(|gain| gain.p_value)),
            p_holm: format::p_or_none(gain.and_then(|gain| gain.p_holm)),
            groups: groups.iter().map(group).collect(),
        })
    }
}

/// `yes/with 61.3 (75 rows, the worst of 4 seeds)`
fn group(GroupRow { group, rows, accuracy, worst_in }: &GroupRow) -> String {
    let seeds = if *worst_in == 1 { "seed" } else { "seeds" };
    let worst = if *worst_in > 0 { format!(", the worst of {worst_in} {seeds}") } else { String::new() };
    format!("{group} {} ({} rows{worst})", format::score(*accuracy), format::count(*rows))
}
