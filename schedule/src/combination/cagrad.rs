//! CAGrad: of the directions near the mean gradient the one that is best for the task it is worst for (Liu et al. 2021,
//! "Conflict-Averse Gradient Descent for Multi-task Learning", equation 3 and algorithm 1). With the mean gradient `g₀` and
//! `s = c‖g₀‖` it takes the mixture `g_w` of least `g_w·g₀ + s‖g_w‖`, and gives `g₀ + s g_w/‖g_w‖`.
//!
//! The paper's code and the Nash-MTL code divide by `1 + c²`, and the latter multiplies by K to match the sum of losses; so
//! does this file. TorchJD does neither.
//!
//! The least is found through `s‖x‖ = min_τ ‖x‖²/2τ + s²τ/2`: for a `τ` it is a quadratic problem, and the best `τ` is where
//! `‖g_w‖ = sτ`, which falls with `τ`.

use rand::RngCore;

use super::quadratic::{Over, minimise};
use super::rule::{Combination, Rule, TaskGradients, Weighs};
use crate::about::{About, Parameter};

pub(super) const RULE: Rule = Rule {
    about: About {
        name: "cagrad",
        summary: "near the mean gradient, the direction that is best for the task it is worst for",
        source: "Liu et al., NeurIPS 2021",
        explanation: "Conflict-averse gradient descent looks for the direction within c times the mean gradient's length of it \
                      whose least inner product with a task's gradient is greatest. With c=0 it is the sum; with a large c only \
                      the worst task counts. The result is divided by 1 + c² and multiplied by the number of tasks, as in the \
                      code of Nash-MTL.",
        parameters: &[Parameter {
            name: "c",
            default: 0.4,
            range: 0.0..=100.0,
            whole: false,
            meaning: "how far from the mean gradient, in its length",
        }],
        passes: 1.0,
    },
    weighs: Weighs::Gradients,
    make: Some(|&[c, ..]| Box::new(CaGrad { c })),
};

/// A mixture whose square is less than this share of all gradients' is 0: TorchJD's bound.
const STATIONARY: f64 = 1e-8;
/// Halvings until `τ` has all its digits.
const HALVINGS: usize = 100;

/// The rule; it keeps no state.
struct CaGrad {
    c: f64,
}

impl Combination for CaGrad {
    fn coefficients(&self, step: &dyn TaskGradients, _: &mut [f64], _: &mut dyn RngCore) -> Vec<f64> {
        let gram = step.gram();
        let k = gram.size();
        let mean = vec![1.0 / k as f64; k];
        let radius = self.c * gram.square(&mean).sqrt();
        let scale = k as f64 / (1.0 + self.c * self.c);
        let all: f64 = (0..k).map(|i| gram.at(i, i)).sum();
        if radius == 0.0 || all == 0.0 {
            return vec![scale / k as f64; k];
        }
        let along: Vec<f64> = (0..k).map(|j| gram.with(&mean, j)).collect();
        let mixture = |tau: f64| {
            let linear: Vec<f64> = along.iter().map(|along| tau * along).collect();
            minimise(&gram, &linear, Over::Simplex)
        };
        let (mut below, mut above) = (0.0, all.sqrt() / radius);
        for _ in 0..HALVINGS {
            let tau = 0.5 * (below + above);
            let is_below = gram.square(&mixture(tau)).sqrt() > radius * tau;
            if is_below { below = tau } else { above = tau }
        }
        let weights = mixture(0.5 * (below + above));
        let square = gram.square(&weights);
        if square <= STATIONARY * all {
            // No direction is better for all tasks.
            return vec![0.0; k];
        }
        let length = radius / square.sqrt();
        weights.into_iter().map(|weight| scale * (1.0 / k as f64 + length * weight)).collect()
    }
}
