//! Dynamic task prioritisation: a task that is still hard counts more (Guo et al. 2018, "Dynamic Task Prioritization for Multitask
//! Learning", equations 3 and 5): `-(1 - κ)^γ ln κ`, the focal loss of a moving mean `κ` of the task's score. As in the paper `κ` is a
//! score in `[0, 1]`, here that of the rows that are watched during training; it is kept within `[0.1, 0.99]`, so that no weight is
//! infinite or 0.

use rand::RngCore;

use super::rule::{Combination, Rule, TaskGradients, Weighs};
use crate::about::{About, Parameter};

pub(super) const RULE: Rule = Rule {
    about: About {
        name: "dtp",
        summary: "favours tasks whose score is still low, at each evaluation",
        source: "Guo et al., ECCV 2018",
        explanation: "Dynamic task prioritisation weighs a task's loss by -(1 - κ)^gamma · ln κ, where κ is a moving mean of the task's score \
                      on the rows that are watched during training, kept between 0.1 and 0.99. Before the first evaluation all weights \
                      are 1. It needs scores of which 1 is the best.",
        parameters: &[
            Parameter {
                name: "gamma",
                default: 2.0,
                range: 0.0..=10.0,
                whole: false,
                meaning: "how much hard tasks are favoured",
            },
            Parameter {
                name: "share",
                default: 0.5,
                range: 0.01..=1.0,
                whole: false,
                meaning: "the share of the newest score in κ",
            },
        ],
        passes: 1.0,
    },
    weighs: Weighs::Losses,
    make: Some(|&[gamma, share, ..]| Box::new(Dtp { gamma, share })),
};

/// The rule; its state is `κ` of each task, 0 before the first evaluation.
struct Dtp {
    gamma: f64,
    share: f64,
}

impl Combination for Dtp {
    fn state(&self, tasks: usize) -> Vec<f64> {
        vec![0.0; tasks]
    }

    fn weighs(&self) -> Weighs {
        Weighs::Losses
    }

    fn coefficients(&self, step: &dyn TaskGradients, state: &mut [f64], _: &mut dyn RngCore) -> Vec<f64> {
        let weight = |&task: &usize| match state[task] {
            0.0 => 1.0,
            kappa => -libm::pow(1.0 - kappa, self.gamma) * libm::log(kappa),
        };
        step.tasks().iter().map(weight).collect()
    }

    fn looks_at_scores(&self) -> bool {
        true
    }

    fn evaluated(&self, scores: &[f64], state: &mut [f64]) {
        for (kappa, &score) in state.iter_mut().zip(scores) {
            let mean = if *kappa == 0.0 { score } else { self.share * score + (1.0 - self.share) * *kappa };
            *kappa = mean.clamp(0.1, 0.99);
        }
    }
}
