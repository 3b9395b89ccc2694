//! What a combination sees and gives, and what its table says of it.

use rand::RngCore;

use super::gram::Gram;
use crate::about::{About, Values};
use crate::epoch::shuffle;

/// A line of the table: what is said of a rule, and how it is made.
#[derive(Debug)]
pub struct Rule {
    /// Its name, source and parameters.
    pub about: About,
    /// What its coefficients multiply.
    pub weighs: Weighs,
    /// Makes it with these values; none where gradients are only added.
    pub(super) make: Option<Make>,
}

/// A rule of these values.
type Make = fn(&Values) -> Box<dyn Combination>;

/// What a rule's coefficients multiply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weighs {
    /// The tasks' gradients over the parameters that they share; a head keeps its own task's gradient.
    Gradients,
    /// The tasks' losses, and so all gradients.
    Losses,
}

/// The tasks that have rows in a step, and what is known of their gradients.
pub trait TaskGradients {
    /// The places of the tasks that have rows in the step, ascending: `K` of them.
    fn tasks(&self) -> &[usize];

    /// `[K]`: the mean loss of each of them.
    fn losses(&self) -> Vec<f64>;

    /// `[K, K]`: the inner products of their gradients over the shared parameters. Rules that weigh losses are given none: their steps
    /// know the losses before there are gradients.
    fn gram(&self) -> Gram;
}

/// A rule that weighs the gradients or the losses of tasks. What it carries from step to step is in `state`, which checkpoints
/// keep; the rule itself is a function.
pub trait Combination: Send + Sync {
    /// What it carries from step to step, before the first of a run over `tasks` tasks.
    fn state(&self, tasks: usize) -> Vec<f64> {
        let _ = tasks;
        Vec::new()
    }

    /// What its coefficients multiply.
    fn weighs(&self) -> Weighs {
        Weighs::Gradients
    }

    /// `[K]`: a coefficient for each task of the step. Draws come from `random`, which is the step's own.
    fn coefficients(&self, step: &dyn TaskGradients, state: &mut [f64], random: &mut dyn RngCore)
    -> Vec<f64>;

    /// Whether the first task is treated apart.
    fn knows_target(&self) -> bool {
        false
    }

    /// Whether it looks at the losses again after the update, which takes another forward pass.
    fn looks_back(&self) -> bool {
        false
    }

    /// After the update, for a rule that looks back: the losses of the step's rows before it and after it.
    fn updated(&self, tasks: &[usize], before: &[f64], after: &[f64], state: &mut [f64]) {
        let _ = (tasks, before, after, state);
    }

    /// After the last step of an epoch.
    fn epoch_ended(&self, state: &mut [f64]) {
        let _ = state;
    }

    /// Whether it looks at scores, which then have to be such that more is better and 1 is the most.
    fn looks_at_scores(&self) -> bool {
        false
    }

    /// After an evaluation: `[tasks]` scores.
    fn evaluated(&self, scores: &[f64], state: &mut [f64]) {
        let _ = (scores, state);
    }
}

impl dyn Combination + '_ {
    /// As [`Combination::coefficients`]. Gradients of one task are combined with none: it is trained on as it is alone.
    pub fn of_step(&self, step: &dyn TaskGradients, state: &mut [f64], random: &mut dyn RngCore) -> Vec<f64> {
        match (step.tasks(), self.weighs()) {
            ([_], Weighs::Gradients) => vec![1.0],
            _ => self.coefficients(step, state, random),
        }
    }
}

/// A loss that counts as this much where it is less: a task that is solved does not take over the step.
pub(super) const LEAST_LOSS: f64 = 1e-8;

/// The tasks but `i`, in an order that is drawn.
pub(super) fn others(i: usize, tasks: usize, mut random: &mut dyn RngCore) -> Vec<usize> {
    let mut others: Vec<usize> = (0..tasks).filter(|&j| j != i).collect();
    shuffle(&mut others, &mut random);
    others
}
