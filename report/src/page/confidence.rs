//! The rows of a target's table of gold probabilities, as text. The table stands apart, so that nobody takes it for the score's.

use serde::Serialize;

use super::rows::standing;
use crate::findings::{ArmFindings, GoldProbability};
use crate::format::{self, none};

/// A row: an arm.
#[derive(Serialize)]
pub(super) struct Confidence<'a> {
    name: &'a str,
    mean: String,
    deviation: String,
    gain: String,
    look: String,
    p_value: String,
    p_holm: String,
}

impl<'a> Confidence<'a> {
    /// None of an arm without probabilities.
    pub(super) fn of(arm: &'a ArmFindings) -> Option<Self> {
        let GoldProbability { mean, deviation, gain } = arm.gold_probability.as_ref()?;
        let gain = gain.as_ref();
        Some(Self {
            name: &arm.label,
            mean: format::score(*mean),
            deviation: deviation.map_or_else(none, format::score),
            gain: gain.map_or_else(none, |gain| format::difference(&gain.difference)),
            look: gain.map_or_else(none, standing),
            p_value: format::p_or_none(gain.and_then(|gain| gain.p_value)),
            p_holm: format::p_or_none(gain.and_then(|gain| gain.p_holm)),
        })
    }
}
