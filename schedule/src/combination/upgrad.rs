//! UPGrad: each gradient loses what conflicts with any task, and the results are added (Quinton and Rey 2024, "Jacobian Descent
//! for Multi-Objective Optimization", section 3). The projection of `g_i` on the dual cone, the directions that harm no task,
//! is `Σ v_k g_k` with the least `vᵀ GᵀG v` of all `v ≥ e_i`.
//!
//! As in TorchJD, the authors' code, a ten-thousandth of the trace is added to the diagonal, which keeps the weights of
//! gradients that depend on each other small. TorchJD takes the mean of the projections, this file their sum.

use rand::RngCore;

use super::gram::Gram;
use super::quadratic::{Over, minimise};
use super::rule::{Combination, Rule, TaskGradients, Weighs};
use crate::about::About;

pub(super) const RULE: Rule = Rule {
    about: About {
        name: "upgrad",
        summary: "projects each gradient on the directions that harm no task, then adds them",
        source: "Quinton and Rey 2024",
        explanation: "UPGrad projects every task's gradient on the cone of directions that have no negative inner product with any \
                      task's gradient, and adds the projections: unlike PCGrad the result conflicts with no task, whatever the \
                      order, and gradients that do not conflict are added as they are. Solved exactly, a small quadratic problem \
                      for each task.",
        parameters: &[],
        passes: 1.0,
    },
    weighs: Weighs::Gradients,
    make: Some(|_| Box::new(UpGrad)),
};

/// What is added to the diagonal, as a share of the trace: TorchJD's default.
const RIDGE: f64 = 1e-4;

/// The rule; it keeps no state.
struct UpGrad;

impl Combination for UpGrad {
    fn coefficients(&self, step: &dyn TaskGradients, _: &mut [f64], _: &mut dyn RngCore) -> Vec<f64> {
        let gram = step.gram();
        let k = gram.size();
        let trace: f64 = (0..k).map(|i| gram.at(i, i)).sum();
        let ridged = Gram::of(k, |i, j| gram.at(i, j) + if i == j { RIDGE * trace } else { 0.0 });
        let mut sum = vec![0.0; k];
        for i in 0..k {
            // v = e_i + x with x ≥ 0.
            let linear: Vec<f64> = (0..k).map(|j| ridged.at(i, j)).collect();
            let more = minimise(&ridged, &linear, Over::Orthant);
            sum[i] += 1.0;
            sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        }
        sum
    }
}
