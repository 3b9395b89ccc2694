//! What several runs predict together.

use serde::{Deserialize, Serialize};

/// The predictions of several runs averaged: probabilities of a classification, values of a regression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ensemble {
    /// The target.
    pub target: String,
    /// The label of the arm whose runs they are; none for those of all arms.
    pub arm: Option<String>,
    /// How many.
    pub runs: usize,
    /// What they score together.
    pub score: f64,
}
