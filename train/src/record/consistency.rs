//! Which rows a run compared with their twins, as its result has it.

use serde::{Deserialize, Serialize};

use super::Unlabelled;

/// The rows that have twins, and how many.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConsistencyRecord {
    /// Whether they are those that were trained on, because there were none without labels.
    pub of_gold: bool,
    /// Where they are from.
    pub from: Vec<Unlabelled>,
    /// How many of them have a twin: no more than the steps can show.
    pub twins: usize,
}

impl ConsistencyRecord {
    /// All rows that there were.
    pub fn rows(&self) -> usize {
        self.from.iter().map(|source| source.rows).sum()
    }
}
