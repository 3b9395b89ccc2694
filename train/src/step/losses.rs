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
        let mut losses = Self::default();
        for (task, sum) in sums.of_task.iter().enumerate() {
            let rows = all.rows.iter().filter(|row| row.task as usize == task).count();
            if rows > 0 {
                losses.push(task, sum / rows as f64);
            }
        }
        losses
    }

    pub(super) fn push(&mut self, task: usize, mean: f64) {
        self.present.push(task);
        self.means.push(mean);
    }

    pub(super) fn clear(&mut self) {
        self.present.clear();
        self.means.clear();
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
