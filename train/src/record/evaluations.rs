//! `evals.jsonl`: a line for each look at a task's watched rows.

use mtlift_eval::{GroupScore, Scores};
use serde::{Deserialize, Serialize};

/// A line of `evals.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EvaluationRecord {
    /// Steps made.
    pub step: u64,
    /// Epochs made.
    pub epoch: f64,
    /// The task.
    pub task: String,
    /// The rows looked at.
    pub rows: String,
    /// What they scored.
    pub scores: Scores,
    /// The group of them that scored least, of a task with groups; none where no group has rows enough to be told of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worst_group: Option<GroupScore>,
    /// Whether this is the best model so far.
    pub selected: bool,
}
