//! An estimate and a comparison of two arms, with what says how sure they are.
//!
//! The level stands here, beside the fields that it governs: whoever makes findings and whoever prints them mean the same one.
//! What cannot be said yet is absent: fewer seeds than the first look has no interval and no p-value.

use mtlift_eval::Look;
use serde::{Deserialize, Serialize};

/// The level of every interval and of `decided`.
pub const LEVEL: f64 = 0.95;
/// The most seeds that [`Against::seeds_needed`] names: more than anyone will run.
pub const MOST_SEEDS: u32 = 200;

/// An estimate with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// The interval's lower end.
    pub low: f64,
    /// The interval's upper end.
    pub high: f64,
}

/// A difference, with its 95 % interval where there are seeds enough for one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The raw mean over seeds.
    pub value: f64,
    /// The interval's lower end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// The interval's upper end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
}

impl Difference {
    /// A difference with an interval, if there is one.
    pub fn new(value: f64, interval: Option<(f64, f64)>) -> Self {
        Self { value, low: interval.map(|ends| ends.0), high: interval.map(|ends| ends.1) }
    }

    /// The same with its interval; none without one.
    pub fn estimate(&self) -> Option<Estimate> {
        Some(Estimate { value: self.value, low: self.low?, high: self.high? })
    }
}

/// One arm's score minus another's, on the same seeds and examples: a gain over `single`, by a test at planned looks, or MTL
/// minus STILTs, by the test of one look.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Against {
    /// The difference; its interval is the repeated confidence interval of the latest look where there are looks.
    pub difference: Difference,
    /// Whether the two are told apart at the level. Never with one seed; of a test at looks, never before the first.
    pub decided: bool,
    /// Whether the predictions of the two are the same under every seed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub tied: bool,
    /// Two-sided, from the mixed model over seeds and examples; where there are looks, what holds however often one looks.
    pub p_value: Option<f64>,
    /// The exact sign-flip test over seeds.
    pub sign_flip: Option<f64>,
    /// `p_value` adjusted by Holm: a gain over the arms of its target, a cell over the grid.
    pub p_holm: Option<f64>,
    /// `p_value` adjusted by Benjamini and Hochberg.
    pub p_bh: Option<f64>,
    /// The paper's test: t from the means and deviations over seeds.
    pub paper_t: Option<f64>,
    /// Its p-value; it decides at less than 0.1.
    pub paper_p: Option<f64>,
    /// Seeds compared.
    pub seeds: usize,
    /// The seeds in all at which a cell's difference would be found with 80 % power, if it is as large as it looks. None if 200
    /// seeds do not do it on these examples, with one seed, which says nothing of the next, and of a gain at looks.
    pub seeds_needed: Option<u32>,
    /// The seeds in all at which a gain would be found with 80 % power at Holm's first step, if it is as large as it may well be
    /// (the upper end of its 80 % range). None if 200 seeds do not do it, and before the first look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seeds_least: Option<u32>,
    /// The same if it is as small as it may well be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seeds_most: Option<u32>,
    /// The looks so far, in order; none of a test of one look.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looks: Vec<Look>,
}

impl Against {
    /// Whether the difference is decided on its own, and after Holm's correction too.
    pub fn is_decided_corrected(&self) -> bool {
        self.decided && self.p_holm.is_some_and(|p| p < 1.0 - LEVEL)
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
pub(super) fn is_false(flag: &bool) -> bool {
    !flag
}
