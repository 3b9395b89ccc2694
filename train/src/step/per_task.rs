//! A gradient for each task of a step.
//!
//! A task's gradient comes from its own rows alone, which go through the network by themselves. Dropout's masks are those
//! of the row, so they are the same rows; and all tasks together are as many rows as the step has, so all gradients cost
//! about what one does. Each task's take memory for themselves.

use mtlift_nn::{Entry, Gradients, Layout, Role, Store};
use mtlift_schedule::{Gram, Row, TaskGradients};

use super::passes::{Passes, StepRows, Sums};

/// The tasks' gradients of a step.
#[derive(Debug)]
pub(super) struct PerTask {
    /// One for each task; zero between steps.
    gradients: Vec<Gradients<f32>>,
    /// The rows of one task in a step.
    rows: Vec<Row>,
    /// The tasks of the last step, ascending, and of each its mean loss.
    present: Vec<usize>,
    pub(super) losses: Vec<f64>,
}

impl TaskGradients for PerTask {
    fn tasks(&self) -> &[usize] {
        &self.present
    }

    fn losses(&self) -> Vec<f64> {
        self.losses.clone()
    }

    fn gram(&self) -> Gram {
        let present: Vec<&Gradients<f32>> = self.present.iter().map(|&task| &self.gradients[task]).collect();
        let (k, products) = (present.len(), Gradients::products(&present, is_shared));
        Gram::of(k, |i, j| products[i * k + j])
    }
}

/// Whether a rule weighs the gradient of a parameter: every task's reaches it, and it trains.
fn is_shared(entry: &Entry) -> bool {
    entry.role == Role::Encoder && entry.trains
}

impl PerTask {
    pub(super) fn new(layout: &Layout, tasks: usize) -> Self {
        Self {
            gradients: (0..tasks).map(|_| layout.gradients()).collect(),
            rows: Vec::new(),
            present: Vec::new(),
            losses: Vec::new(),
        }
    }

    /// Takes the gradient of each task that has rows in the step, and adds the rows' losses to `sums`.
    pub(super) fn take(
        &mut self,
        passes: &mut Passes,
        params: &Store<f32>,
        all: StepRows<'_>,
        sums: &mut Sums,
    ) {
        self.present.clear();
        self.losses.clear();
        for task in 0..all.tasks.len() {
            self.rows.clear();
            self.rows.extend(all.rows.iter().filter(|row| row.task as usize == task));
            if !self.rows.is_empty() {
                passes.add(params, StepRows { rows: &self.rows, ..all }, &mut self.gradients[task], sums);
                self.present.push(task);
                self.losses.push(sums.of_task[task] / self.rows.len() as f64);
            }
        }
    }

    /// Adds to `grads` each task's gradient over shared parameters times its coefficient, and that over its head times what
    /// `of_head` makes of the coefficient.
    pub(super) fn add_to(
        &self,
        grads: &mut Gradients<f32>,
        coefficients: &[f64],
        of_head: impl Fn(f64) -> f64,
    ) {
        let present = || self.present.iter().map(|&task| &self.gradients[task]).zip(coefficients);
        let shared: Vec<_> = present().map(|(own, &coefficient)| (own, coefficient)).collect();
        let heads: Vec<_> = present().map(|(own, &coefficient)| (own, of_head(coefficient))).collect();
        grads.add_all(&shared, is_shared);
        grads.add_all(&heads, |entry| entry.role.head().is_some());
    }

    /// Sets the gradients of the step to zero; its tasks and losses stay.
    pub(super) fn clear(&mut self) {
        self.present.iter().for_each(|&task| self.gradients[task].clear());
    }
}
