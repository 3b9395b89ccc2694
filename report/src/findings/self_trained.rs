//! What became of the rows that an arm's model has labelled.

use mtlift_schedule::FilterCounts;
use serde::{Deserialize, Serialize};

/// The rows that were labelled for a run, the last of its seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfTrained {
    /// The seed.
    pub seed: u64,
    /// Rows with labels of their own that were trained on.
    pub gold: usize,
    /// Rows that were labelled.
    pub rows: usize,
    /// How many of them each filter dropped.
    pub dropped: FilterCounts,
    /// How many were trained on.
    pub kept: usize,
}
