//! A gradient for each task of a step, and the one that a rule makes of them.
//!
//! A task's gradient comes from its own rows alone, which go through the network by themselves. Dropout's masks are those
//! of the row, so they are the same rows; and all tasks together are as many rows as the step has, so all gradients cost
//! about what one does. Each task's take memory for themselves.

use mtlift_nn::random::Stream;
use mtlift_nn::{Entry, Gradients, Layout, Role, Store};
use mtlift_schedule::{Combination, Gram, Row, TaskGradients, Weighs};

use super::passes::{Passes, StepRows, Sums};

/// A rule at work.
pub(super) struct Combining {
    rule: Box<dyn Combination>,
    draws: Stream,
    /// What the rule carries from step to step.
    pub(super) state: Vec<f64>,
    /// One for each task.
    gradients: Vec<Gradients<f32>>,
    /// The rows of one task in a step.
    rows: Vec<Row>,
    /// The tasks of the last step, ascending, and of each its mean loss and its coefficient.
    present: Vec<usize>,
    pub(super) losses: Vec<f64>,
    coefficients: Vec<f64>,
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
    pub(super) fn new(rule: Box<dyn Combination>, draws: Stream, layout: &Layout, tasks: usize) -> Self {
        Self {
            state: rule.state(tasks),
            rule,
            draws,
            gradients: (0..tasks).map(|_| layout.gradients()).collect(),
            rows: Vec::new(),
            present: Vec::new(),
            losses: Vec::new(),
            coefficients: Vec::new(),
        }
    }

    /// Adds what the rule makes of the tasks' gradients to `grads`: over shared parameters their weighted sum, over a head's
    /// the sum of its own tasks', weighed if the rule weighs losses.
    pub(super) fn add(
        &mut self,
        passes: &mut Passes,
        params: &Store<f32>,
        all: StepRows<'_>,
        grads: &mut Gradients<f32>,
        sums: &mut Sums,
    ) {
        self.present.clear();
        self.losses.clear();
        for task in 0..all.tasks.len() {
            self.rows.clear();
            self.rows.extend(all.rows.iter().filter(|row| row.task as usize == task));
            if !self.rows.is_empty() {
                let own = &mut self.gradients[task];
                passes.add(params, StepRows { rows: &self.rows, ..all }, own, sums);
                self.present.push(task);
                self.losses.push(sums.of_task[task] / self.rows.len() as f64);
            }
        }
        let of_step = Step { tasks: &self.present, losses: &self.losses, gradients: &self.gradients };
        self.coefficients = self.rule.of_step(&of_step, &mut self.state, &mut self.draws.at(all.step));
        for (&task, &coefficient) in self.present.iter().zip(&self.coefficients) {
            let own = &mut self.gradients[task];
            grads.add_scaled(own, coefficient, is_shared);
            let of_head = if self.rule.weighs() == Weighs::Losses { coefficient } else { 1.0 };
            grads.add_scaled(own, of_head, |entry| entry.role.head().is_some());
            own.clear();
        }
    }

    /// What the rule carries, to begin a step again.
    pub(super) fn memory(&self) -> Vec<f64> {
        self.state.clone()
    }

    /// Forgets that the step was begun; gives the losses that it had.
    pub(super) fn begin_again(&mut self, memory: Vec<f64>) -> Vec<f64> {
        self.state = memory;
        std::mem::take(&mut self.losses)
    }

    /// Looks at the step's losses again under the parameters that came of it, if the rule asks.
    pub(super) fn look_back(&mut self, passes: &mut Passes, params: &Store<f32>, all: StepRows<'_>) {
        if self.rule.looks_back() {
            let mut sums = Sums::default();
            sums.clear(all.tasks.len());
            passes.look(params, all, &mut sums);
            let rows = |task: usize| all.rows.iter().filter(|row| row.task as usize == task).count();
            let after: Vec<f64> =
                self.present.iter().map(|&task| sums.of_task[task] / rows(task) as f64).collect();
            self.rule.updated(&self.present, &self.losses, &after, &mut self.state);
        }
    }

    pub(super) fn epoch_ended(&mut self) {
        self.rule.epoch_ended(&mut self.state);
    }

    pub(super) fn evaluated(&mut self, scores: &[f64]) {
        self.rule.evaluated(scores, &mut self.state);
    }

    /// What a task's gradient counted in the last step, if it had rows in it.
    pub(super) fn coefficient(&self, task: usize) -> Option<f64> {
        let place = self.present.iter().position(|&present| present == task)?;
        Some(self.coefficients[place])
    }
}

impl std::fmt::Debug for Combining {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Combining").field("state", &self.state).finish_non_exhaustive()
    }
}
