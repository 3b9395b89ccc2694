//! Scale-invariant weighting of losses: the step's loss is `Σ w_t log L_t`, whose gradient is each task's over its loss, so a
//! task whose loss is measured in larger units weighs no more (Navon et al. 2022, "Multi-Task Learning as a Bargaining Game",
//! section 5, the baseline SI).

use rand::RngCore;

use super::rule::{Combination, LEAST_LOSS, Rule, TaskGradients, Weighs};
use crate::about::About;

pub(super) const RULE: Rule = Rule {
    about: About {
        name: "scale-invariant",
        summary: "the sum of the losses' logarithms: divides each gradient by its task's loss",
        source: "Navon et al., ICML 2022 (as a baseline)",
        explanation: "The step's loss is the sum of the logarithms of the tasks' losses, so a task whose loss is measured in larger units                       weighs no more. A simple baseline that does well in the Nash-MTL paper.",
        parameters: &[],
        passes: 1.0,
    },
    weighs: Weighs::Losses,
    make: Some(|_| Box::new(ScaleInvariant)),
};

/// The rule; it keeps no state.
struct ScaleInvariant;

impl Combination for ScaleInvariant {
    fn weighs(&self) -> Weighs {
        Weighs::Losses
    }

    fn coefficients(&self, step: &dyn TaskGradients, _: &mut [f64], _: &mut dyn RngCore) -> Vec<f64> {
        step.losses().into_iter().map(|loss| 1.0 / loss.max(LEAST_LOSS)).collect()
    }
}
