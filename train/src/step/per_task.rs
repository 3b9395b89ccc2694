//! A gradient for each task of a step.
//!
//! A task's gradient comes from its own rows alone, which go through the network by themselves. Dropout's masks are those
//! of the row, so they are the same rows; and all tasks together are as many rows as the step has, so all gradients cost
//! about what one does. Each task's take memory for themselves.

use mtlift_nn::{Entry, Gradients, Store};
use mtlift_schedule::{Gram, Row, TaskGradients};

use super::climbing::Climbing;
use super::losses::Losses;
use super::passes::{Passes, StepRows, Sums};
use crate::Network;

/// The tasks' gradients of a step.
#[derive(Debug)]
pub(super) struct PerTask {
    /// One for each task; zero between steps.
    gradients: Vec<Gradients<f32>>,
    /// What several tasks reach.
    shared: Shared,
    /// The rows of one task in a step.
    rows: Vec<Row>,
    /// Of the last step.
    pub(super) losses: Losses,
}

impl TaskGradients for PerTask {
    fn tasks(&self) -> &[usize] {
        self.losses.tasks()
    }

    fn losses(&self) -> Vec<f64> {
        self.losses.means.clone()
    }

    fn gram(&self) -> Gram {
        let present: Vec<&Gradients<f32>> = self.tasks().iter().map(|&task| &self.gradients[task]).collect();
        let (k, products) = (present.len(), Gradients::products(&present, |entry| self.shared.has(entry)));
        Gram::of(k, |i, j| products[i * k + j])
    }
}

/// The parameters whose gradients a rule weighs: those that several tasks reach and that train.
#[derive(Clone, Copy, Debug)]
struct Shared {
    /// They lie before this place of the layout.
    end: usize,
}

impl Shared {
    fn has(self, entry: &Entry) -> bool {
        entry.range.end <= self.end && entry.trains
    }
}

impl PerTask {
    pub(super) fn new(network: &Network) -> Self {
        Self {
            gradients: (0..network.tasks()).map(|_| network.layout().gradients()).collect(),
            shared: Shared { end: network.shared_values() },
            rows: Vec::new(),
            losses: Losses::default(),
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
        for task in 0..all.tasks.len() {
            self.take_rows(all, task);
            if !self.rows.is_empty() {
                passes.add(params, StepRows { rows: &self.rows, ..all }, &mut self.gradients[task], sums);
            }
        }
        self.losses = Losses::of(all, sums);
    }

    /// Takes what is added to each of these gradients of the step where its task climbs by itself.
    pub(super) fn take_what_climbs_add(
        &mut self,
        gradients: &PerTask,
        passes: &mut Passes,
        params: &mut Store<f32>,
        all: StepRows<'_>,
        climbing: &mut Climbing,
    ) {
        self.losses.clone_from(&gradients.losses);
        let mut up_there = Sums::of(all.tasks.len());
        for &task in gradients.tasks() {
            self.take_rows(all, task);
            let (start, added) = (&gradients.gradients[task], &mut self.gradients[task]);
            let rows = StepRows { rows: &self.rows, ..all };
            climbing.at_the_top_of_each_part(params, start, |params| {
                passes.add(params, rows, added, &mut up_there);
            });
            added.add_scaled(start, -1.0, |_| true);
        }
    }

    fn take_rows(&mut self, all: StepRows<'_>, task: usize) {
        self.rows.clear();
        self.rows.extend(all.rows.iter().filter(|row| row.task as usize == task));
    }

    /// Adds to `grads` each task's gradient over parameters that several tasks reach times its coefficient, and over its head and what else
    /// it reaches alone times what `of_own` makes of the coefficient.
    pub(super) fn add_to(
        &self,
        grads: &mut Gradients<f32>,
        coefficients: &[f64],
        of_own: impl Fn(f64) -> f64,
    ) {
        let present = || self.tasks().iter().map(|&task| &self.gradients[task]).zip(coefficients);
        let shared: Vec<_> = present().map(|(own, &coefficient)| (own, coefficient)).collect();
        let alone: Vec<_> = present().map(|(own, &coefficient)| (own, of_own(coefficient))).collect();
        grads.add_all(&shared, |entry| self.shared.has(entry));
        grads.add_all(&alone, |entry| entry.trains && !self.shared.has(entry));
    }

    /// Sets the gradients of the step to zero; its tasks and losses stay.
    pub(super) fn clear(&mut self) {
        self.losses.tasks().iter().for_each(|&task| self.gradients[task].clear());
    }
}
