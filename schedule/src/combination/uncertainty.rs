//! Uncertainty weighting: the step's loss is `Σ e^(-s_t) L_t / 2 + s_t / 2`, with a learnt `s_t` for each task, the logarithm of
//! its noise (Kendall et al. 2018, "Multi-Task Learning Using Uncertainty to Weigh Losses for Scene Geometry and Semantics",
//! equation 10, in logarithms as their section 3.2 has it). At the least `s_t` is the logarithm of the loss.
//!
//! `s` starts at -0.5, as in LibMTL (TorchJD starts at 0), and is learnt by Adam at a rate of its own: at that of a fine-tuned encoder
//! it would not move. The rate is that which Chen et al. (2018) gave to this method.

use rand::RngCore;

use super::learnt::{Learnt, RATE};
use super::rule::{Combination, Rule, TaskGradients, Weighs};
use crate::about::{About, Parameter};

pub(super) const RULE: Rule = Rule {
    about: About {
        name: "uncertainty",
        summary: "learns the noise of each task, by which its loss is divided",
        source: "Kendall et al., CVPR 2018",
        explanation: "Each task has a learnt number s; its loss counts e^(-s)/2, and s/2 is added, so that s cannot grow for ever. A task \
                      whose loss stays large is taken as noisy and counts less. s is learnt by Adam at its own rate, and kept in \
                      checkpoints.",
        parameters: &[
            Parameter {
                name: "start",
                default: -0.5,
                range: -20.0..=20.0,
                whole: false,
                meaning: "s before the first step",
            },
            Parameter { meaning: "the learning rate of s", ..RATE },
        ],
        passes: 1.0,
    },
    weighs: Weighs::Losses,
    make: Some(|&[start, rate, ..]| Box::new(Uncertainty { start, rate })),
};

/// The rule; its state is `s` of each task, as it is learnt.
struct Uncertainty {
    start: f64,
    rate: f64,
}

impl Combination for Uncertainty {
    fn state(&self, tasks: usize) -> Vec<f64> {
        Learnt::start(tasks, self.start)
    }

    fn weighs(&self) -> Weighs {
        Weighs::Losses
    }

    fn coefficients(&self, step: &dyn TaskGradients, state: &mut [f64], _: &mut dyn RngCore) -> Vec<f64> {
        let mut noise = Learnt::of(state);
        let mut weights = Vec::with_capacity(step.tasks().len());
        for (&task, loss) in step.tasks().iter().zip(step.losses()) {
            let weight = 0.5 * libm::exp(-noise.values[task]);
            noise.step(task, 0.5 - weight * loss, self.rate);
            weights.push(weight);
        }
        weights
    }
}
