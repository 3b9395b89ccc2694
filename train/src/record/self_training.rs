//! Which rows a run trained on that a model had labelled, as its result has it.

use std::collections::BTreeMap;

use mtlift_schedule::{FilterCounts, SelfTraining};
use serde::{Deserialize, Serialize};

/// The rows that were labelled, and what became of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelfTrainingRecord {
    /// How they were labelled and filtered.
    pub method: SelfTraining,
    /// Rows with labels of their own that were trained on.
    pub gold: usize,
    /// Where the rows without labels are from.
    pub unlabelled: Vec<Unlabelled>,
    /// How many of them each filter dropped.
    pub dropped: FilterCounts,
    /// How many were trained on, by their label.
    pub kept: BTreeMap<String, usize>,
}

/// Rows of which the texts alone were read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unlabelled {
    /// The task whose file they are from.
    pub task: String,
    /// The split.
    pub split: String,
    /// How many.
    pub rows: usize,
    /// The hash of the file.
    pub file: String,
}

impl SelfTrainingRecord {
    /// All rows that were labelled.
    pub fn rows(&self) -> usize {
        self.unlabelled.iter().map(|source| source.rows).sum()
    }
}
