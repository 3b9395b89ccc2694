//! `failure.json`: why a run stopped. JSON has no NaN, so numbers that may not be finite are written as text.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// `failure.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// The step that failed.
    pub step: u64,
    /// Its loss.
    pub loss: String,
    /// The norm of its gradients.
    pub grad_norm: String,
    /// Its learning rate.
    pub learning_rate: f64,
    /// The training rows that it saw.
    pub rows: FailedRows,
}

/// Rows of one task, or of several by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FailedRows {
    /// Of a run on one task.
    Rows(Vec<u32>),
    /// Of a run on several.
    ByTask(BTreeMap<String, Vec<u32>>),
}

impl FailedRows {
    /// The rows of each task, of all tasks of a run.
    pub(crate) fn of(rows: &[(&str, Vec<u32>)]) -> Self {
        match rows {
            [(_, rows)] => FailedRows::Rows(rows.clone()),
            several => {
                let there = several.iter().filter(|(_, rows)| !rows.is_empty());
                FailedRows::ByTask(there.map(|(task, rows)| ((*task).to_owned(), rows.clone())).collect())
            }
        }
    }
}
