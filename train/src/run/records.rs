//! What a run writes down as it goes: a JSON object a line, with nothing in it that depends on the machine's speed.

use mtlift_eval::Scores;
use serde::Serialize;

use crate::StepReport;

/// A line of `steps.jsonl`.
#[derive(Clone, Debug, Serialize)]
pub(super) struct StepRecord {
    /// Steps made.
    step: u64,
    /// Epochs made.
    epoch: f64,
    /// The rate of this step.
    learning_rate: f64,
    /// Its loss: for one task the mean over its examples.
    loss: f64,
    /// The gradients' norm before clipping.
    grad_norm: f64,
    /// Real tokens.
    tokens: usize,
}

impl StepRecord {
    pub(super) fn new(step: u64, epoch: f64, learning_rate: f64, report: &StepReport) -> Self {
        let StepReport { loss, grad_norm, tokens } = *report;
        Self { step, epoch, learning_rate, loss, grad_norm, tokens }
    }
}

/// A line of `evals.jsonl`.
#[derive(Clone, Debug, Serialize)]
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
    /// Whether this is the best model so far.
    pub selected: bool,
}
