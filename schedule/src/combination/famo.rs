//! FAMO: all losses shall fall at the same rate, by losses alone (Liu et al. 2023, "FAMO: Fast Adaptive Multitask Optimization",
//! algorithm 1). With `z = softmax(w)` a task's loss weighs `z_t / L_t`, over the sum of these; after the update the losses of the
//! same rows are looked at again, and `w` takes a step by Adam against the tasks that have fallen more.
//!
//! The decay of `w` is 0.001 as in algorithm 2 and LibMTL; the authors' code has 0.00001. Losses are at least 0, so no lower
//! bound is subtracted.

use rand::RngCore;

use super::learnt::{Learnt, RATE, softmax};
use super::rule::{Combination, LEAST_LOSS, Rule, TaskGradients, Weighs};
use crate::about::{About, Parameter};

pub(super) const RULE: Rule = Rule {
    about: About {
        name: "famo",
        summary: "learns weights by which all losses fall at the same rate, from losses alone",
        source: "Liu et al., NeurIPS 2023",
        explanation: "Fast adaptive multitask optimisation looks at each step's losses before and after the update, at the price of \
                      another forward pass, and moves its weights towards the tasks whose losses fell least. A task's loss counts its \
                      weight over the loss, normalised to a sum of 1.",
        parameters: &[
            RATE,
            Parameter {
                name: "decay",
                default: 0.001,
                range: 0.0..=1.0,
                whole: false,
                meaning: "the weights' decay",
            },
        ],
        passes: 4.0 / 3.0,
    },
    weighs: Weighs::Losses,
    make: Some(|&[rate, decay, ..]| Box::new(Famo { rate, decay })),
};

/// The rule; its state is `w`, as it is learnt.
struct Famo {
    rate: f64,
    decay: f64,
}

fn shares(values: &[f64], tasks: &[usize]) -> Vec<f64> {
    softmax(&tasks.iter().map(|&task| values[task]).collect::<Vec<_>>())
}

impl Combination for Famo {
    fn state(&self, tasks: usize) -> Vec<f64> {
        Learnt::start(tasks, 0.0)
    }

    fn weighs(&self) -> Weighs {
        Weighs::Losses
    }

    fn coefficients(&self, step: &dyn TaskGradients, state: &mut [f64], _: &mut dyn RngCore) -> Vec<f64> {
        let shares = shares(Learnt::of(state).values, step.tasks());
        let weights: Vec<f64> =
            shares.iter().zip(step.losses()).map(|(z, loss)| z / (loss + LEAST_LOSS)).collect();
        let sum: f64 = weights.iter().sum();
        weights.into_iter().map(|weight| weight / sum).collect()
    }

    fn looks_back(&self) -> bool {
        true
    }

    fn updated(&self, tasks: &[usize], before: &[f64], after: &[f64], state: &mut [f64]) {
        let mut learnt = Learnt::of(state);
        let shares = shares(learnt.values, tasks);
        let log = |loss: f64| libm::log(loss + LEAST_LOSS);
        let fallen: Vec<f64> =
            before.iter().zip(after).map(|(&before, &after)| log(before) - log(after)).collect();
        let mean: f64 = shares.iter().zip(&fallen).map(|(z, fallen)| z * fallen).sum();
        for (place, &task) in tasks.iter().enumerate() {
            let slope = shares[place] * (fallen[place] - mean) + self.decay * learnt.values[task];
            learnt.step(task, slope, self.rate);
        }
    }
}
