//! Every setting that a schedule refuses, each with what is allowed. After a `check` nothing fails.

use crate::Shape;

/// Why a schedule cannot be made from these settings.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// A name that is no shape's.
    #[error("unknown learning-rate shape `{name}`, expected one of {}", Shape::ALL.map(Shape::name).join(", "))]
    UnknownShape {
        /// The name as given.
        name: String,
    },
    /// A peak learning rate that is zero, negative, infinite or NaN.
    #[error("peak learning rate is {found}, expected a finite number above 0")]
    Peak {
        /// The value as given.
        found: f64,
    },
    /// A warm-up share outside `[0, 1)`.
    #[error("warm-up is {found}, expected a share of the steps: at least 0 and below 1")]
    Warmup {
        /// The value as given.
        found: f64,
    },
    /// More steps of warm-up than steps.
    #[error("{found} warm-up steps for a run of {total_steps}, expected no more than the run has")]
    WarmupSteps {
        /// Warm-up steps as given.
        found: u64,
        /// Steps of the run.
        total_steps: u64,
    },
    /// A run or an epoch without steps.
    #[error("{what} has 0 steps, expected at least 1")]
    NoSteps {
        /// `the run` or `an epoch`.
        what: &'static str,
    },
    /// An epoch over nothing.
    #[error("no tasks to train on, expected at least one")]
    NoTasks,
    /// A task without rows.
    #[error("task {task} has no rows, expected at least one")]
    NoRows {
        /// The task's index, from 0.
        task: usize,
    },
    /// More rows or tasks than a [`Row`](crate::Row) can name.
    #[error("{found} {what}, expected at most {}", u32::MAX)]
    TooMany {
        /// `tasks`, or the rows of which task.
        what: String,
        /// How many there are.
        found: usize,
    },
    /// A batch of no rows.
    #[error("batch size is 0, expected at least 1 row")]
    BatchSize,
    /// An evaluation interval that is zero, negative, infinite or NaN.
    #[error("evaluation every {found} epochs, expected a finite number above 0")]
    EvaluationInterval {
        /// The value as given, in epochs.
        found: f64,
    },
    /// A patience of zero evaluations.
    #[error("patience is 0, expected at least 1 evaluation; leave it out to never stop early")]
    Patience,
}
