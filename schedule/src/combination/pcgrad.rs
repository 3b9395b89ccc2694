//! PCGrad: a gradient that conflicts with another task's loses its component along it (Yu et al. 2020, "Gradient Surgery
//! for Multi-Task Learning", algorithm 1). The projections are on the other tasks' own gradients, in an order drawn for
//! each task; the results are added.

use rand::RngCore;

use super::rule::{Combination, Rule, TaskGradients, Weighs, others};
use crate::about::About;

pub(super) const RULE: Rule = Rule {
    about: About {
        name: "pcgrad",
        summary: "takes out of each gradient what conflicts with another, one by one",
        source: "Yu et al., NeurIPS 2020",
        explanation: "Gradient surgery: where a task's gradient points against another's, its component along the other is taken out; the                       others come in an order that is drawn for each task and step. The results are added. With three tasks or more                       the sum may still conflict with one of them; UPGrad's cannot.",
        parameters: &[],
        passes: 1.0,
    },
    weighs: Weighs::Gradients,
    make: Some(|_| Box::new(Pcgrad)),
};

/// The rule; it keeps no state.
struct Pcgrad;

impl Combination for Pcgrad {
    fn coefficients(&self, step: &dyn TaskGradients, _: &mut [f64], random: &mut dyn RngCore) -> Vec<f64> {
        let gram = step.gram();
        let mut sum = vec![0.0; gram.size()];
        for i in 0..gram.size() {
            // g_i as a sum of the original gradients.
            let mut weights = vec![0.0; gram.size()];
            weights[i] = 1.0;
            for j in others(i, gram.size(), random) {
                let product = gram.with(&weights, j);
                if product < 0.0 && gram.at(j, j) > 0.0 {
                    weights[j] -= product / gram.at(j, j);
                }
            }
            sum.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += weight);
        }
        sum
    }
}
