//! The steps and exposures of a run, before it is made.

use serde::Serialize;

/// The steps of a run and how often each task's rows are seen.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunPlan {
    /// What it is.
    pub run: String,
    /// Steps; where the sampler looks at scores an estimate, as if all tasks were as far from their single-task scores.
    pub steps: u64,
    /// Whether patience may end it before these.
    pub may_stop_early: bool,
    /// Whether the sampler looks at scores, so that later epochs may differ from these.
    pub estimated: bool,
    /// Epochs, those included that the least steps add.
    pub epochs: u64,
    /// For each task.
    pub tasks: Vec<TaskPlan>,
}

impl RunPlan {
    /// Rows that it trains on, each as often as it is seen.
    pub(crate) fn rows_seen(&self) -> f64 {
        self.tasks.iter().map(|task| task.passes * task.rows as f64 * self.epochs as f64).sum()
    }
}

/// A task in a run's epochs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TaskPlan {
    /// Its name.
    pub task: String,
    /// Its rows to train on.
    pub rows: usize,
    /// How many of them an epoch holds, of the first epoch and of the last.
    pub seen: (u64, u64),
    /// The mean share of its rows seen in an epoch: 2 if each is seen twice.
    pub passes: f64,
    /// The texts that go through the encoder for it where each is seen once: its rows; of heads of one file all texts for the first, and none
    /// for the others.
    #[serde(skip)]
    pub(crate) texts: usize,
    /// The rows without labels, or else to train on, of which a twin is written; 0 where none is.
    #[serde(skip)]
    pub(crate) twins: usize,
}
