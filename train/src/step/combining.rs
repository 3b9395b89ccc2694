//! The gradient that a rule makes of the tasks' gradients.

mod apart;

use mtlift_nn::random::Stream;
use mtlift_nn::{Gradients, Store};
use mtlift_schedule::{Combination, TaskGradients, Weighs};

use super::conflict::Watching;
use super::passes::{Passes, StepRows, Sums};
use super::per_task::PerTask;
use crate::Network;

/// A rule at work.
pub(super) struct Combining {
    rule: Box<dyn Combination>,
    draws: Stream,
    /// What the rule carries from step to step.
    pub(super) state: Vec<f64>,
    /// How much of `state` is of the gradients; where each task climbs by itself the rest is of what the climbs add.
    of_gradients: usize,
    pub(super) per_task: PerTask,
    /// Where each task climbs by itself, what that adds to its gradient.
    climbed: Option<PerTask>,
    /// What each task of the last step counted.
    coefficients: Vec<f64>,
}

impl Combining {
    pub(super) fn new(rule: Box<dyn Combination>, draws: Stream, network: &Network) -> Self {
        let (state, per_task) = (rule.state(network.tasks()), PerTask::new(network));
        let of_gradients = state.len();
        Self { rule, draws, state, of_gradients, per_task, climbed: None, coefficients: Vec::new() }
    }

    /// Adds what the rule makes of the tasks' gradients to `grads`: over parameters that several tasks reach their weighted sum, over a
    /// head's and what else is its task's the sum of its own tasks', weighed if the rule weighs losses. Who watches sees them before.
    pub(super) fn add(
        &mut self,
        passes: &mut Passes,
        params: &Store<f32>,
        all: StepRows<'_>,
        grads: &mut Gradients<f32>,
        sums: &mut Sums,
        watching: Option<&mut Watching>,
    ) {
        let Self { rule, draws, state, of_gradients, per_task, coefficients, .. } = self;
        per_task.take(passes, params, all, sums);
        if let Some(watching) = watching {
            watching.see(per_task);
        }
        let state = &mut state[..*of_gradients];
        *coefficients = rule.of_step(per_task, state, &mut draws.at(all.step));
        let weighs_losses = rule.weighs() == Weighs::Losses;
        per_task.add_to(grads, coefficients, |coefficient| if weighs_losses { coefficient } else { 1.0 });
        per_task.clear();
    }

    /// What the rule carries, to begin a step again.
    pub(super) fn memory(&self) -> Vec<f64> {
        self.state.clone()
    }

    /// Forgets that the step was begun; gives the losses that it had.
    pub(super) fn begin_again(&mut self, memory: Vec<f64>) -> Vec<f64> {
        self.state = memory;
        std::mem::take(&mut self.per_task.losses)
    }

    /// Looks at the step's losses again under the parameters that came of it, if the rule asks.
    pub(super) fn look_back(&mut self, passes: &mut Passes, params: &Store<f32>, all: StepRows<'_>) {
        if self.rule.looks_back() {
            let mut sums = Sums::default();
            sums.clear(all.tasks.len());
            passes.look(params, all, &mut sums);
            let rows = |task: usize| all.rows.iter().filter(|row| row.task as usize == task).count();
            let present = self.per_task.tasks();
            let after: Vec<f64> =
                present.iter().map(|&task| sums.of_task[task] / rows(task) as f64).collect();
            self.rule.updated(present, &self.per_task.losses, &after, &mut self.state);
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
        let place = self.per_task.tasks().iter().position(|&present| present == task)?;
        Some(self.coefficients[place])
    }
}

impl std::fmt::Debug for Combining {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Combining").field("state", &self.state).finish_non_exhaustive()
    }
}
