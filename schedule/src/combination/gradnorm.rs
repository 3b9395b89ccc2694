//! GradNorm: weights are learnt by which the tasks' gradients are alike in length, those of slower tasks longer (Chen et al. 2018,
//! "GradNorm: Gradient Normalization for Adaptive Loss Balancing in Deep Multitask Networks", equation 2 and algorithm 1): a
//! step down `Σ |w_i‖g_i‖ - Ḡ r_i^α|` with `Ḡ` the mean weighted length, `r_i` the task's loss over its first one, over the mean of
//! these, and the target held fixed; then the weights are scaled to sum to the number of tasks.
//!
//! The lengths are over all shared parameters, which are there; the paper takes the last shared layer. As in LibMTL a head
//! keeps its own task's gradient; in the paper the weight is on the loss. The weights are updated by Adam at their own rate,
//! as in the paper's appendix.

use rand::RngCore;

use super::learnt::{Learnt, RATE};
use super::rule::{Combination, LEAST_LOSS, Rule, TaskGradients, Weighs};
use crate::about::{About, Parameter};

pub(super) const RULE: Rule = Rule {
    about: About {
        name: "gradnorm",
        summary: "learns weights by which gradients are alike in length, longer for slower tasks",
        source: "Chen et al., ICML 2018",
        explanation: "GradNorm moves each task's weight so that its gradient's length comes nearer to the mean length times the \
                      task's relative training rate to the power alpha: a task whose loss has fallen less than the others' gets \
                      more. The weights are learnt by Adam at their own rate, and sum to the number of tasks. With alpha=0 all \
                      gradients are made equally long.",
        parameters: &[
            Parameter {
                name: "alpha",
                default: 1.5,
                range: 0.0..=10.0,
                whole: false,
                meaning: "how much slower tasks are favoured",
            },
            RATE,
        ],
        passes: 1.0,
    },
    weighs: Weighs::Gradients,
    make: Some(|&[alpha, rate, ..]| Box::new(GradNorm { alpha, rate })),
};

/// A weight does not fall below it: with a negative one a task would be unlearnt.
const LEAST_WEIGHT: f64 = 0.01;

/// The rule; its state is the first loss of each task, 0 before it, then the learnt weights.
struct GradNorm {
    alpha: f64,
    rate: f64,
}

impl Combination for GradNorm {
    fn state(&self, tasks: usize) -> Vec<f64> {
        [vec![0.0; tasks], Learnt::start(tasks, 1.0)].concat()
    }

    fn coefficients(&self, step: &dyn TaskGradients, state: &mut [f64], _: &mut dyn RngCore) -> Vec<f64> {
        let (gram, tasks, losses) = (step.gram(), step.tasks(), step.losses());
        let all = state.len() / 5;
        let (first, state) = state.split_at_mut(all);
        let mut weights = Learnt::of(state);
        let now: Vec<f64> = tasks.iter().map(|&task| weights.values[task]).collect();
        let k = tasks.len() as f64;
        let lengths: Vec<f64> = (0..tasks.len()).map(|i| gram.at(i, i).sqrt()).collect();
        let mean_length = lengths.iter().zip(&now).map(|(length, weight)| length * weight).sum::<f64>() / k;
        let mut fallen = Vec::with_capacity(tasks.len());
        for (&task, &loss) in tasks.iter().zip(&losses) {
            let first = &mut first[task];
            if *first == 0.0 {
                *first = loss.max(LEAST_LOSS);
            }
            fallen.push(loss.max(LEAST_LOSS) / *first);
        }
        let mean_fallen = fallen.iter().sum::<f64>() / k;
        for (place, &task) in tasks.iter().enumerate() {
            let target = mean_length * libm::pow(fallen[place] / mean_fallen, self.alpha);
            let distance = now[place] * lengths[place] - target;
            let slope = if distance == 0.0 { 0.0 } else { distance.signum() * lengths[place] };
            weights.step(task, slope, self.rate);
            weights.values[task] = weights.values[task].max(LEAST_WEIGHT);
        }
        let sum: f64 = weights.values.iter().sum();
        weights.values.iter_mut().for_each(|weight| *weight *= all as f64 / sum);
        now
    }
}
