//! `steps.jsonl`: a line for each step, with nothing in it that depends on the machine's speed.

use serde::{Deserialize, Serialize};

/// A line of `steps.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Steps made.
    pub step: u64,
    /// Epochs made.
    pub epoch: f64,
    /// The rate of this step.
    pub learning_rate: f64,
    /// Its loss: for one task the mean over its examples.
    pub loss: f64,
    /// The gradients' norm before clipping.
    pub grad_norm: f64,
    /// Real tokens.
    pub tokens: usize,
    /// The tasks that had rows in the step. Runs of 0.1.0 have none.
    #[serde(default)]
    pub tasks: Vec<TaskStep>,
}

/// A task's part in a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskStep {
    /// The task.
    pub task: String,
    /// Rows of it that the step saw.
    pub rows: usize,
    /// The mean loss of these rows, not weighted.
    pub loss: f64,
    /// What its gradient counted beside the other tasks', where a rule says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// The norm of its gradient over the encoder, before any rule, where the step was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grad_norm: Option<f64>,
    /// The cosines of its gradient with those of the tasks before it in the line, in their order, where the step was looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cosines: Vec<f64>,
    /// The share of these rows that an adversary told from other tasks' by what the tasks share, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adversary_accuracy: Option<f64>,
}
