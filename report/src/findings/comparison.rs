//! An estimate and a comparison of two arms, with what says how sure they are.
//!
//! The level stands here, beside the fields that it governs: whoever makes findings and whoever prints them mean the same one.

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

/// One arm's score minus another's, on the same seeds and examples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Against {
    /// The difference.
    pub difference: Estimate,
    /// Whether the interval excludes 0 and `p_value` is below 0.05, over at least two seeds.
    pub decided: bool,
    /// Two-sided, from the mixed model over seeds and examples.
    pub p_value: f64,
    /// The exact sign-flip test over seeds.
    pub sign_flip: Option<f64>,
    /// `p_value` adjusted by Holm: a gain over the arms of its target, a cell over the grid.
    pub p_holm: f64,
    /// `p_value` adjusted by Benjamini and Hochberg.
    pub p_bh: f64,
    /// The paper's test: t from the means and deviations over seeds.
    pub paper_t: Option<f64>,
    /// Its p-value; it decides at less than 0.1.
    pub paper_p: Option<f64>,
    /// Seeds compared.
    pub seeds: usize,
    /// The seeds at which this difference would be decided with 80 % power: a gain at Holm's first step, a cell on its own. None
    /// if 200 seeds do not do it on these examples, and with one seed, which says nothing of the next.
    pub seeds_needed: Option<u32>,
}

impl Against {
    /// Whether the difference is decided on its own, and after Holm's correction too.
    pub fn is_decided_corrected(&self) -> bool {
        self.decided && self.p_holm < 1.0 - LEVEL
    }
}
