//! Gradient vaccine: two tasks' gradients shall be as alike as they have been so far (Wang et al. 2021, "Gradient Vaccine",
//! equation 4 and algorithm 1). Where the cosine of a task's gradient with another's is below its running mean, a multiple
//! of the other is added which makes them equal. With a mean of 0 this is PCGrad.

use rand::RngCore;

use super::rule::{Combination, Rule, TaskGradients, Weighs, others};
use crate::about::{About, Parameter};

pub(super) const RULE: Rule = Rule {
    about: About {
        name: "gradvac",
        summary: "makes gradients as alike as they have been on average",
        source: "Wang et al., ICLR 2021",
        explanation: "Gradient vaccine keeps a running mean of the cosine of each pair of tasks' gradients. Where two are less alike than                       that, a multiple of the other is added to a task's gradient which makes the cosine what it was. The results are                       added. Begun with means of 0 its first step is PCGrad's.",
        parameters: &[Parameter {
            name: "beta",
            default: 0.5,
            range: 0.0..=1.0,
            whole: false,
            meaning: "the share of a step in the running mean; the default is LibMTL's",
        }],
        passes: 1.0,
    },
    weighs: Weighs::Gradients,
    make: Some(|&[beta, ..]| Box::new(Gradvac { beta })),
};

/// Keeps the multiple finite where two gradients have always been parallel.
const LEAST_SINE: f64 = 1e-8;

/// The rule; its state is the running mean of the cosine of each task with each other, `[tasks, tasks]`, 0 at first.
struct Gradvac {
    beta: f64,
}

impl Combination for Gradvac {
    fn state(&self, tasks: usize) -> Vec<f64> {
        vec![0.0; tasks * tasks]
    }

    fn coefficients(
        &self,
        step: &dyn TaskGradients,
        state: &mut [f64],
        random: &mut dyn RngCore,
    ) -> Vec<f64> {
        let (gram, tasks) = (step.gram(), step.tasks());
        let all = state.len().isqrt();
        let mut sum = vec![0.0; gram.size()];
        for i in 0..gram.size() {
            let mut weights = vec![0.0; gram.size()];
            weights[i] = 1.0;
            for j in others(i, gram.size(), random) {
                let (own, other) = (gram.square(&weights).sqrt(), gram.at(j, j).sqrt());
                if own == 0.0 || other == 0.0 {
                    continue;
                }
                let cosine = (gram.with(&weights, j) / (own * other)).clamp(-1.0, 1.0);
                let mean = &mut state[tasks[i] * all + tasks[j]];
                if cosine < *mean {
                    let sine = |cosine: f64| (1.0 - cosine * cosine).sqrt();
                    let wanted = sine(*mean).max(LEAST_SINE);
                    weights[j] += own * (*mean * sine(cosine) - cosine * wanted) / (other * wanted);
                }
                *mean = (1.0 - self.beta) * *mean + self.beta * cosine;
            }
            sum.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += weight);
        }
        sum
    }
}
