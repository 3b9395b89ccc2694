//! No rule: the weighted sum of the losses has one gradient, which takes one backward pass. Kurin et al. (2022, "In Defense of
//! the Unitary Scalarization for Deep Multi-Task Learning") find that well-trained it is as good as most rules.

use rand::RngCore;

use super::rule::{Combination, Rule, TaskGradients, Weighs};
use crate::about::About;

pub(super) const RULE: Rule = Rule {
    about: About {
        name: "sum",
        summary: "adds the tasks' gradients: plain training, the baseline of all others",
        source: "Kurin et al., NeurIPS 2022 (as a baseline)",
        explanation: "The step's loss is the sum of the tasks' losses (--loss and --task-weights say how they weigh). One forward \
                      and one backward pass serve all tasks, and nothing is kept for each. Kurin et al. find that with usual \
                      regularisation it matches the rules below; so a rule has to beat it at the same cost.",
        parameters: &[],
        passes: 1.0,
    },
    weighs: Weighs::Losses,
    make: None,
};

/// The rule where a gradient of each task is taken anyway.
pub(super) struct Sum;

impl Combination for Sum {
    fn weighs(&self) -> Weighs {
        Weighs::Losses
    }

    fn coefficients(&self, step: &dyn TaskGradients, _: &mut [f64], _: &mut dyn RngCore) -> Vec<f64> {
        vec![1.0; step.tasks().len()]
    }
}
