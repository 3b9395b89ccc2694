//! The gradient that a rule makes of the tasks' gradients.

mod apart;

use mtlift_nn::random::Stream;
use mtlift_nn::{Gradients, Store};
use mtlift_schedule::{Combination, TaskGradients, Weighs};

use super::conflict::Watching;
use super::losses::Losses;
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
    /// The tasks' gradients, where they are needed: a rule for losses weighs those, and takes one gradient.
    per_task: Option<PerTask>,
    /// Where each task climbs by itself, what that adds to its gradient.
    climbed: Option<PerTask>,
    /// Of the last step.
    pub(super) losses: Losses,
    /// What each task of the last step counted.
    coefficients: Vec<f64>,
}

impl Combining {
    pub(super) fn new(rule: Box<dyn Combination>, draws: Stream, network: &Network) -> Self {
        let state = rule.state(network.tasks());
        Self {
            of_gradients: state.len(),
            per_task: (rule.weighs() == Weighs::Gradients).then(|| PerTask::new(network)),
            climbed: None,
            losses: Losses::default(),
            coefficients: Vec::new(),
            rule,
            draws,
            state,
        }
    }

    /// Whether every step has the tasks' gradients.
    pub(super) fn has_gradients(&self) -> bool {
        self.rule.weighs() == Weighs::Gradients
    }

    /// Adds what the rule makes of the tasks' gradients to `grads`: over parameters that several tasks reach their weighted sum, over a
    /// head's and what else is its task's the sum of its own tasks'. A rule for losses weighs the gradients of all parameters, by the
    /// losses' weights. Who watches sees the tasks' gradients before.
    pub(super) fn add(
        &mut self,
        passes: &mut Passes,
        params: &Store<f32>,
        all: StepRows<'_>,
        grads: &mut Gradients<f32>,
        sums: &mut Sums,
        watching: Option<&mut Watching>,
    ) {
        let Self { rule, draws, state, of_gradients, per_task, losses, coefficients, .. } = self;
        let (state, mut random) = (&mut state[..*of_gradients], draws.at(all.step));
        match (rule.weighs(), per_task) {
            (Weighs::Gradients, Some(per_task)) => {
                per_task.take(passes, params, all, sums);
                if let Some(watching) = watching {
                    watching.see(per_task);
                }
                *coefficients = rule.of_step(per_task, state, &mut random);
                per_task.add_to(grads, coefficients, |_| 1.0);
                losses.clone_from(&per_task.losses);
                per_task.clear();
            }
            _ => {
                if let Some(watching) = watching {
                    watching.look(passes, params, all);
                }
                passes.add_weighed(params, all, grads, sums, |sums| {
                    *losses = Losses::of(all, sums);
                    *coefficients = rule.of_step(losses, state, &mut random);
                    let mut factors = vec![1.0; all.tasks.len()];
                    losses
                        .tasks()
                        .iter()
                        .zip(&*coefficients)
                        .for_each(|(&task, &of_task)| factors[task] = of_task);
                    factors
                });
            }
        }
    }

    /// What the rule carries, to begin a step again.
    pub(super) fn memory(&self) -> Vec<f64> {
        self.state.clone()
    }

    /// Forgets that the step was begun; gives the losses that it had.
    pub(super) fn begin_again(&mut self, memory: Vec<f64>) -> Losses {
        self.state = memory;
        std::mem::take(&mut self.losses)
    }

    /// Looks at the step's losses again under the parameters that came of it, if the rule asks.
    pub(super) fn look_back(&mut self, passes: &mut Passes, params: &Store<f32>, all: StepRows<'_>) {
        if self.rule.looks_back() {
            let mut sums = Sums::of(all.tasks.len());
            passes.look(params, all, &mut sums);
            let Losses { means: after, .. } = Losses::of(all, &sums);
            self.rule.updated(self.losses.tasks(), &self.losses.means, &after, &mut self.state);
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
        let place = self.losses.tasks().iter().position(|&present| present == task)?;
        Some(self.coefficients[place])
    }
}

impl std::fmt::Debug for Combining {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Combining").field("state", &self.state).finish_non_exhaustive()
    }
}
