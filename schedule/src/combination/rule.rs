//! What a combination sees and gives.

use rand::RngCore;

use super::gram::Gram;
use crate::epoch::shuffle;

/// The tasks that have rows in a step, and what is known of their gradients.
pub trait TaskGradients {
    /// The places of the tasks that have rows in the step, ascending: `K` of them.
    fn tasks(&self) -> &[usize];

    /// `[K]`: the mean loss of each of them.
    fn losses(&self) -> Vec<f64>;

    /// `[K, K]`: the inner products of their gradients over the shared parameters.
    fn gram(&self) -> Gram;
}

/// A rule that weighs the gradients of tasks over the parameters that they share.
pub trait Combination: Sync {
    /// What it carries from step to step, before the first of a run over `tasks` tasks. It is kept in checkpoints.
    fn state(&self, tasks: usize) -> Vec<f64> {
        let _ = tasks;
        Vec::new()
    }

    /// Whether the coefficients weigh the heads too, as a weighting of losses does. A rule about conflicts does not: a head
    /// keeps its own task's gradient.
    fn weighs_heads(&self) -> bool {
        false
    }

    /// `[K]`: a coefficient for each task of the step. Draws come from `random`, which is the step's own.
    fn coefficients(&self, step: &dyn TaskGradients, state: &mut [f64], random: &mut dyn RngCore)
    -> Vec<f64>;
}

/// The tasks but `i`, in an order that is drawn.
pub(super) fn others(i: usize, tasks: usize, mut random: &mut dyn RngCore) -> Vec<usize> {
    let mut others: Vec<usize> = (0..tasks).filter(|&j| j != i).collect();
    shuffle(&mut others, &mut random);
    others
}
