//! Random weighting: coefficients are drawn anew at each step (Lin et al. 2021, "Reasonable Effectiveness of Random Weighting: A
//! Litmus Test for Multi-Task Learning", algorithm 2): the softmax of independent standard normal numbers, of the gradients or
//! of the losses. They sum to 1, as in LibMTL and TorchJD.

use rand::RngCore;

use super::learnt::softmax;
use super::rule::{Combination, Rule, TaskGradients, Weighs};
use crate::about::About;

pub(super) const OF_GRADIENTS: Rule = Rule {
    about: About {
        name: "random",
        summary: "random weights for the gradients, drawn at each step",
        source: "Lin et al., TMLR 2022",
        explanation: "The weights are the softmax of standard normal numbers, drawn for each step, and sum to 1. The paper's point is \
                      a test: a rule that is no better than random weights has not shown that it helps. Heads keep their own \
                      task's gradient.",
        parameters: &[],
        passes: 1.0,
    },
    weighs: Weighs::Gradients,
    make: Some(|_| Box::new(Random(Weighs::Gradients))),
};

pub(super) const OF_LOSSES: Rule = Rule {
    about: About {
        name: "rlw",
        summary: "random weights for the losses, drawn at each step",
        source: "Lin et al., TMLR 2022",
        explanation: "Random loss weighting: as `random`, but the weights multiply the losses, and so also the heads' gradients.",
        parameters: &[],
        passes: 1.0,
    },
    weighs: Weighs::Losses,
    make: Some(|_| Box::new(Random(Weighs::Losses))),
};

/// The rule; it keeps no state.
struct Random(Weighs);

impl Combination for Random {
    fn weighs(&self) -> Weighs {
        self.0
    }

    fn coefficients(&self, step: &dyn TaskGradients, _: &mut [f64], random: &mut dyn RngCore) -> Vec<f64> {
        softmax(&step.tasks().iter().map(|_| normal(random)).collect::<Vec<_>>())
    }
}

/// A standard normal number, by Box and Muller's transform of two uniform ones.
fn normal(random: &mut dyn RngCore) -> f64 {
    // In (0, 1], whose logarithm is finite, with 53 random bits.
    let mut uniform = || ((random.next_u64() >> 11) + 1) as f64 * (-53.0_f64).exp2();
    let radius = (-2.0 * libm::log(uniform())).sqrt();
    radius * libm::cos(std::f64::consts::TAU * uniform())
}
