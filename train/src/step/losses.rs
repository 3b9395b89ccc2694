//! The losses of a step's tasks: all that a rule sees which weighs losses.

use mtlift_schedule::{Gram, TaskGradients};

use super::passes::{StepRows, Sums};

/// The tasks of a step, and what each came to.
#[derive(Clone, Debug, Default)]
pub(super) struct Losses {
    /// Those that have rows in the step, ascending.
    present: Vec<usize>,
    /// The mean loss of each.
    pub(super) means: Vec<f64>,
}

impl Losses {
    /// Of a step whose rows came to `sums`.
    pub(super) fn of(all: StepRows<'_>, sums: &Sums) -> Self {
        let rows = |task: usize| all.rows.iter().filter(|row| row.task as usize == task).count();
        let tasks = sums.of_task.iter().enumerate();
        let (present, means) = tasks
            .map(|(task, sum)| (task, rows(task), sum))
            .filter(|&(_, rows, _)| rows > 0)
            .map(|(task, rows, sum)| (task, sum / rows as f64))
            .unzip();
        Self { present, means }
    }
}

impl TaskGradients for Losses {
    fn tasks(&self) -> &[usize] {
        &self.present
    }

    fn losses(&self) -> Vec<f64> {
        self.means.clone()
    }

    /// # Panics
    /// Always: there are no gradients yet, and a rule that weighs losses asks for none.
    fn gram(&self) -> Gram {
        unreachable!("a rule that weighs losses looks at no gradients")
    }
}
