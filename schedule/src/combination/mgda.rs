//! MGDA: the shortest mixture of the gradients, along which no task gets worse (Désidéri 2012; Sener and Koltun 2018,
//! "Multi-Task Learning as Multi-Objective Optimization", equation 3). Exact; TorchJD and LibMTL iterate Frank and Wolfe's
//! algorithm. As in the code of Nash-MTL the mixture, whose weights sum to 1, is multiplied by K; LibMTL does not.

use rand::RngCore;

use super::quadratic::{Over, minimise};
use super::rule::{Combination, Rule, TaskGradients, Weighs};
use crate::about::About;

pub(super) const RULE: Rule = Rule {
    about: About {
        name: "mgda",
        summary: "the shortest mixture of the gradients: no task gets worse",
        source: "Désidéri 2012; Sener and Koltun, NeurIPS 2018",
        explanation: "The multiple-gradient descent algorithm takes the point of least length in the hull of the tasks' gradients. \
                      All tasks gain alike by it, or it is 0 and no direction is better for all. Short gradients weigh most, so a \
                      task that is nearly solved can stall the others. The weights sum to the number of tasks.",
        parameters: &[],
        passes: 1.0,
    },
    weighs: Weighs::Gradients,
    make: Some(|_| Box::new(Mgda)),
};

/// The rule; it keeps no state.
struct Mgda;

impl Combination for Mgda {
    fn coefficients(&self, step: &dyn TaskGradients, _: &mut [f64], _: &mut dyn RngCore) -> Vec<f64> {
        let gram = step.gram();
        let k = gram.size();
        minimise(&gram, &vec![0.0; k], Over::Simplex).into_iter().map(|weight| weight * k as f64).collect()
    }
}
