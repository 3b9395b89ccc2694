//! Scale-invariant weighting of losses: the step's loss is `Σ w_t log L_t`, whose gradient is each task's over its loss, so a
//! task whose loss is measured in larger units weighs no more (Navon et al. 2022, "Multi-Task Learning as a Bargaining Game",
//! section 5, the baseline SI).

use rand::RngCore;

use super::rule::{Combination, TaskGradients};

/// A loss that counts as this much where it is less: a task that is solved does not take over the step.
const LEAST_LOSS: f64 = 1e-8;

/// The rule; it keeps no state.
pub(super) struct ScaleInvariant;

impl Combination for ScaleInvariant {
    fn weighs_heads(&self) -> bool {
        true
    }

    fn coefficients(&self, step: &dyn TaskGradients, _: &mut [f64], _: &mut dyn RngCore) -> Vec<f64> {
        step.losses().into_iter().map(|loss| 1.0 / loss.max(LEAST_LOSS)).collect()
    }
}
