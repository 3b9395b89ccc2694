//! A gradient for each task of a step, and the one that a rule makes of them.
//!
//! A task's gradient comes from its own rows alone, which go through the network by themselves. Dropout's masks are those
//! of the row, so they are the same rows; and all tasks together are as many rows as the step has, so all gradients cost
//! about what one does. Each task's take memory for themselves.

use mtlift_nn::random::Stream;
use mtlift_nn::{Entry, Gradients, Layout, Role, Store};
use mtlift_schedule::{Combination, Gram, Row, TaskGradients};

use super::passes::{Passes, StepRows, Sums};

/// A rule at work.
pub(super) struct Combining {
    rule: &'static dyn Combination,
    draws: Stream,
    /// What the rule carries from step to step.
    pub(super) state: Vec<f64>,
    /// One for each task.
    gradients: Vec<Gradients<f32>>,
    /// The rows of one task in a step.
    rows: Vec<Row>,
}

/// The tasks of a step.
struct Step<'a> {
    tasks: &'a [usize],
    losses: &'a [f64],
    gradients: &'a [Gradients<f32>],
}

impl TaskGradients for Step<'_> {
    fn tasks(&self) -> &[usize] {
        self.tasks
    }

    fn losses(&self) -> Vec<f64> {
        self.losses.to_vec()
    }

    fn gram(&self) -> Gram {
        let of = |place: usize| &self.gradients[self.tasks[place]];
        Gram::of(self.tasks.len(), |i, j| of(i).dot(of(j), is_shared))
    }
}

/// Whether a rule weighs the gradient of a parameter: every task's reaches it, and it trains.
fn is_shared(entry: &Entry) -> bool {
    entry.role == Role::Encoder && entry.trains
}

impl Combining {
    pub(super) fn new(rule: &'static dyn Combination, draws: Stream, layout: &Layout, tasks: usize) -> Self {
        let gradients = (0..tasks).map(|_| layout.gradients()).collect();
        Self { rule, draws, state: rule.state(tasks), gradients, rows: Vec::new() }
    }

    /// Adds what the rule makes of the tasks' gradients to `grads`: over shared parameters their weighted sum, over a head's
    /// the sum of its own tasks', weighed if the rule says so.
    pub(super) fn add(
        &mut self,
        passes: &mut Passes,
        params: &Store<f32>,
        all: StepRows<'_>,
        grads: &mut Gradients<f32>,
        sums: &mut Sums,
    ) {
        let (mut present, mut losses) = (Vec::new(), Vec::new());
        for task in 0..all.tasks.len() {
            self.rows.clear();
            self.rows.extend(all.rows.iter().filter(|row| row.task as usize == task));
            if !self.rows.is_empty() {
                let own = &mut self.gradients[task];
                passes.add(params, StepRows { rows: &self.rows, ..all }, own, sums);
                present.push(task);
                losses.push(sums.of_task[task] / self.rows.len() as f64);
            }
        }
        let of_step = Step { tasks: &present, losses: &losses, gradients: &self.gradients };
        let coefficients = self.rule.coefficients(&of_step, &mut self.state, &mut self.draws.at(all.step));
        for (&task, coefficient) in present.iter().zip(coefficients) {
            let own = &mut self.gradients[task];
            grads.add_scaled(own, coefficient, is_shared);
            let of_head = if self.rule.weighs_heads() { coefficient } else { 1.0 };
            grads.add_scaled(own, of_head, |entry| entry.role.head().is_some());
            own.clear();
        }
    }
}

impl std::fmt::Debug for Combining {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Combining").field("state", &self.state).finish_non_exhaustive()
    }
}
