//! The geometric mean of the losses, `(Π L_t)^(1/K)` (Chennupati et al. 2019, "MultiNet++: Multi-Stream Feature Aggregation and Geometric
//! Loss Strategy for Multi-Task Learning", equation 2): its gradient is each task's times the mean over `K L_t`. The weight that LibMTL
//! reports for it is another; its gradient is this one.

use rand::RngCore;

use super::rule::{Combination, LEAST_LOSS, Rule, TaskGradients, Weighs};
use crate::about::About;

pub(super) const RULE: Rule = Rule {
    about: About {
        name: "geometric-mean",
        summary: "the geometric mean of the losses (GLS)",
        source: "Chennupati et al., CVPR workshops 2019",
        explanation: "The geometric loss strategy trains on the geometric mean of the tasks' losses: a task's gradient counts the mean \
                      over its loss, so the units of a loss do not matter. It is `scale-invariant` times the mean over the number \
                      of tasks.",
        parameters: &[],
        passes: 1.0,
    },
    weighs: Weighs::Losses,
    make: Some(|_| Box::new(GeometricMean)),
};

/// The rule; it keeps no state.
struct GeometricMean;

impl Combination for GeometricMean {
    fn weighs(&self) -> Weighs {
        Weighs::Losses
    }

    fn coefficients(&self, step: &dyn TaskGradients, _: &mut [f64], _: &mut dyn RngCore) -> Vec<f64> {
        let losses: Vec<f64> = step.losses().into_iter().map(|loss| loss.max(LEAST_LOSS)).collect();
        let k = losses.len() as f64;
        let mean = libm::exp(losses.iter().map(|&loss| libm::log(loss)).sum::<f64>() / k);
        losses.into_iter().map(|loss| mean / (k * loss)).collect()
    }
}
