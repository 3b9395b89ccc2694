//! IMTL-G: the mixture of the gradients that is as long along each of them (Liu et al. 2021, "Towards Impartial Multi-task
//! Learning", equation 4). Its weights sum to 1, as in the paper, and may be negative. Gradients that depend on each other
//! are treated as by TorchJD (Quinton and Rey 2024, "Jacobian Descent for Multi-Objective Optimization"): the weights are
//! `GᵀG⁺ d`, with `d` the gradients' lengths, over their sum.

use rand::RngCore;

use super::eigen::Eigen;
use super::rule::{Combination, Rule, TaskGradients, Weighs};
use crate::about::About;

pub(super) const RULE: Rule = Rule {
    about: About {
        name: "imtl-g",
        summary: "a mixture whose projections on all tasks' gradients are equal",
        source: "Liu et al., ICLR 2021",
        explanation: "Impartial multi-task learning (its part for gradients) solves for the weights, which sum to 1, by which the \
                      combined gradient has the same component along every task's: long gradients do not dominate. For two tasks \
                      it is parallel to Nash-MTL. Where gradients nearly depend on each other, weights are large and may be negative.",
        parameters: &[],
        passes: 1.0,
    },
    weighs: Weighs::Gradients,
    make: Some(|_| Box::new(ImtlG)),
};

/// A sum that counts as 0, as a share of its parts.
const LEAST_SUM: f64 = 1e-12;

/// The rule; it keeps no state.
struct ImtlG;

impl Combination for ImtlG {
    fn coefficients(&self, step: &dyn TaskGradients, _: &mut [f64], _: &mut dyn RngCore) -> Vec<f64> {
        let gram = step.gram();
        let lengths: Vec<f64> = (0..gram.size()).map(|i| gram.at(i, i).sqrt()).collect();
        let weights = Eigen::of(&gram).apply(|value| 1.0 / value, &lengths);
        let sum: f64 = weights.iter().sum();
        let parts: f64 = weights.iter().map(|weight| weight.abs()).sum();
        let is_zero = sum.abs() <= LEAST_SUM * parts;
        weights.into_iter().map(|weight| if is_zero { 0.0 } else { weight / sum }).collect()
    }
}
