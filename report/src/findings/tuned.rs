//! The settings that were chosen for an arm, and among which.

use serde::{Deserialize, Serialize};

/// What a search for an arm's settings came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tuned {
    /// The settings that its runs are trained with, `lr=5e-5,epochs=3`; none while a trial is not finished.
    pub chosen: Option<String>,
    /// How many seeds tried each of them. They are none of the study's.
    pub seeds: usize,
    /// The settings that were tried, at least two.
    pub tried: Vec<Tried>,
    /// What the finished trials took, with what they started from.
    pub minutes: f64,
}

/// Settings that were tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tried {
    /// As they are written: `lr=5e-5,epochs=3`.
    pub settings: String,
    /// The mean over seeds of the best score on the held-out rows; none while one is not finished.
    pub score: Option<f64>,
}
