//! Dynamic weight average: a task whose loss has fallen less between the last two windows counts more (Liu et al. 2019, "End-to-End
//! Multi-Task Learning with Attention", equation 7): `K softmax(w / T)` with `w_t = L_t(n-1) / L_t(n-2)`, each `L_t(n)` the mean loss of
//! a window, and 1 for the first two. In the paper a window is an epoch; a fine-tuning run has few of them, so it may also be a number of steps.

use rand::RngCore;

use super::learnt::softmax;
use super::rule::{Combination, LEAST_LOSS, Rule, TaskGradients, Weighs};
use crate::about::{About, Parameter};

pub(super) const RULE: Rule = Rule {
    about: About {
        name: "dwa",
        summary: "favours tasks whose loss falls slowly, from epoch to epoch",
        source: "Liu et al., CVPR 2019",
        explanation: "Dynamic weight average weighs each task's loss by the softmax of how much its mean loss was of that before, over the \
                      last two epochs; the weights sum to the number of tasks, and a higher temperature makes them more alike. For two \
                      epochs all weights are 1. With every=N it looks at windows of N steps instead of epochs.",
        parameters: &[
            Parameter {
                name: "temperature",
                default: 2.0,
                range: 0.01..=1e6,
                whole: false,
                meaning: "the softmax's temperature",
            },
            Parameter {
                name: "every",
                default: 0.0,
                range: 0.0..=1e6,
                whole: true,
                meaning: "steps of a window; 0 is an epoch",
            },
        ],
        passes: 1.0,
    },
    weighs: Weighs::Losses,
    make: Some(|&[temperature, every, ..]| Box::new(Dwa { temperature, every })),
};

/// The rule; its state is the steps of the window at hand, then for each task the sum of its losses in the window, their number, and the
/// means of the last window and of the one before, 0 where there is none.
struct Dwa {
    temperature: f64,
    every: f64,
}

impl Dwa {
    /// A window is over: its means are the last ones.
    fn close(state: &mut [f64]) {
        let (steps, state) = state.split_first_mut().expect("a state begins with the window's steps");
        *steps = 0.0;
        for of_task in state.chunks_mut(4) {
            // A task without rows in the window stays what it was.
            if of_task[1] > 0.0 {
                let mean = (of_task[0] / of_task[1]).max(LEAST_LOSS);
                (of_task[3], of_task[2]) = (of_task[2], mean);
                (of_task[0], of_task[1]) = (0.0, 0.0);
            }
        }
    }
}

impl Combination for Dwa {
    fn state(&self, tasks: usize) -> Vec<f64> {
        vec![0.0; 1 + 4 * tasks]
    }

    fn weighs(&self) -> Weighs {
        Weighs::Losses
    }

    fn coefficients(&self, step: &dyn TaskGradients, state: &mut [f64], _: &mut dyn RngCore) -> Vec<f64> {
        if self.every > 0.0 && state[0] == self.every {
            Self::close(state);
        }
        state[0] += 1.0;
        for (&task, loss) in step.tasks().iter().zip(step.losses()) {
            state[1 + 4 * task] += loss;
            state[2 + 4 * task] += 1.0;
        }
        let of_task = state[1..].chunks(4);
        if of_task.clone().any(|of_task| of_task[3] == 0.0) {
            return vec![1.0; step.tasks().len()];
        }
        let rates: Vec<f64> = of_task.map(|of_task| of_task[2] / of_task[3] / self.temperature).collect();
        let weights = softmax(&rates);
        step.tasks().iter().map(|&task| rates.len() as f64 * weights[task]).collect()
    }

    fn epoch_ended(&self, state: &mut [f64]) {
        if self.every == 0.0 {
            Self::close(state);
        }
    }
}
