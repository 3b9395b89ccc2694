//! What is said of the groups of an arm's rows.

use serde::Serialize;

use super::ends::{Ends, ends};
use crate::findings::{Against, GroupFindings, GroupRow};

#[derive(Serialize)]
pub(super) struct Groups<'a> {
    average: f64,
    average_deviation: Option<f64>,
    worst: Option<f64>,
    worst_deviation: Option<f64>,
    worst_group: Option<&'a str>,
    gain: Option<f64>,
    interval: Option<Ends>,
    p: Option<f64>,
    p_corrected: Option<f64>,
    told_apart: Option<bool>,
    groups: &'a [GroupRow],
}

impl<'a> Groups<'a> {
    pub(super) fn of(found: &'a GroupFindings) -> Self {
        let gain = found.gain.as_ref();
        Self {
            average: found.average,
            average_deviation: found.average_deviation,
            worst: found.worst,
            worst_deviation: found.worst_deviation,
            worst_group: found.worst_group().map(|group| group.group.as_str()),
            gain: gain.map(|gain| gain.difference.value),
            interval: gain.and_then(|gain| gain.difference.estimate()).as_ref().map(ends),
            p: gain.and_then(|gain| gain.p_value),
            p_corrected: gain.and_then(|gain| gain.p_holm),
            told_apart: gain.map(Against::is_decided_corrected),
            groups: &found.groups,
        }
    }
}
