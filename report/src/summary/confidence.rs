//! What is said of an arm's second outcome, the probability of the right label.

use serde::Serialize;

use super::ends::{Ends, ends};
use crate::findings::{Against, GoldProbability};

#[derive(Serialize)]
pub(super) struct Confidence {
    mean: f64,
    deviation: Option<f64>,
    gain: Option<f64>,
    interval: Option<Ends>,
    p: Option<f64>,
    p_corrected: Option<f64>,
    told_apart: Option<bool>,
}

impl Confidence {
    pub(super) fn of(found: &GoldProbability) -> Self {
        let gain = found.gain.as_ref();
        Self {
            mean: found.mean,
            deviation: found.deviation,
            gain: gain.map(|gain| gain.difference.value),
            interval: gain.and_then(|gain| gain.difference.estimate()).as_ref().map(ends),
            p: gain.and_then(|gain| gain.p_value),
            p_corrected: gain.and_then(|gain| gain.p_holm),
            told_apart: gain.map(Against::is_decided_corrected),
        }
    }
}
