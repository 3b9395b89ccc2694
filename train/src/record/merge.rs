//! How a run's model was merged of others, as its result has it.

use mtlift_schedule::Merge;
use serde::{Deserialize, Serialize};

/// How a model was merged of others; the first of them is the one whose head it has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MergeRecord {
    /// The rule with its parameters, the chosen one among them.
    pub method: Merge,
    /// `[models]`: what each model counts, where one number says it; else empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coefficients: Vec<f64>,
    /// `[models]`: how far each encoder was from the base, ‖τ‖.
    pub changes: Vec<f64>,
    /// `[models]`: how many rows of each model's own task were looked at; else empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<usize>,
}
