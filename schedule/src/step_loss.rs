//! What a row counts in the loss of a step that holds several tasks. The published code sums the tasks'
//! means, by which a task with few rows in the batch weighs as much as one with many; the other form lets
//! every row weigh the same. Weights of classes change what a row counts beside the other rows of its task, and not what
//! a task counts: they have a mean of 1 over a task's rows in the step.

use serde::{Deserialize, Serialize};

use crate::Row;
use crate::named;

/// How the losses of a batch's rows become the loss of the step: `Σ weight(task of row) · loss(row)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepLoss {
    /// The sum over the tasks in the batch of `w_t` times the mean loss of the task's rows (the code of
    /// Weller et al. 2022, with every `w_t` 1).
    #[default]
    TaskMeans,
    /// The mean over all rows of `w_t` times the row's loss.
    ExampleMean,
}

named!(StepLoss, "step loss", TaskMeans => "task-means", ExampleMean => "example-mean");

impl StepLoss {
    /// What a row of each task counts in the loss of a step over `rows`: `w_t / count_t` or `w_t / count`,
    /// and 0 for a task without rows. `task_weights` are the `w_t`. It is the whole batch that is counted,
    /// also where it runs as micro-batches.
    ///
    /// # Panics
    /// If a row's task has no weight.
    #[track_caller]
    pub fn weights(self, rows: &[Row], task_weights: &[f64]) -> Vec<f64> {
        let mut counts = vec![0_usize; task_weights.len()];
        for row in rows {
            counts[row.task as usize] += 1;
        }
        let shared_by = |count| match self {
            StepLoss::TaskMeans => count,
            StepLoss::ExampleMean => rows.len(),
        };
        let weight = |(&weight, count)| if count == 0 { 0.0 } else { weight / shared_by(count) as f64 };
        task_weights.iter().zip(counts).map(weight).collect()
    }
}
