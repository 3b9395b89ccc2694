//! The rows that an arm's model compares with their twins.

use serde::{Deserialize, Serialize};

/// The rows of a run, the last of its seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// The seed.
    pub seed: u64,
    /// Whether they are the rows that were trained on, because there were none without labels.
    pub of_gold: bool,
    /// How many there were.
    pub rows: usize,
    /// How many of them had a twin.
    pub twins: usize,
}
