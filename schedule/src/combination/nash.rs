//! Nash-MTL: tasks bargain over the direction of the step (Navon et al. 2022, "Multi-Task Learning as a Bargaining Game",
//! equation 5). The coefficients `α > 0` solve `GᵀG α = 1/α`, so they are the least point of the strictly convex
//! `½ αᵀ GᵀG α - Σ ln α`, which damped Newton steps find from anywhere (it is self-concordant: Boyd and Vandenberghe 2004,
//! section 9.6); the paper's code approximates it by a sequence of convex programs. For two tasks the solution is the sum of
//! the unit gradients up to a factor, and has a closed form.
//!
//! The length of the combined gradient is √K, as the equation has it. The paper's code scales it by the norm of the Gram
//! matrix and then cuts it to 1; where gradients are clipped at 1, as they are by default, both are the same step.

use rand::RngCore;

use super::cholesky;
use super::gram::Gram;
use super::quadratic::{Over, minimise};
use super::rule::{Combination, Rule, TaskGradients, Weighs};
use crate::about::{About, Parameter};

pub(super) const RULE: Rule = Rule {
    about: About {
        name: "nash",
        summary: "the bargaining solution: a direction in which every task gains in proportion",
        source: "Navon et al., ICML 2022",
        explanation: "Nash-MTL solves GᵀG·α = 1/α for the coefficients α of the tasks' gradients G, so no task gains by having a \
                      large loss or a long gradient. Solved by Newton's method (the paper's code approximates it), for two tasks \
                      in closed form: the sum of the unit gradients. A step in which some mixture of the gradients is 0 leaves the \
                      shared parameters alone: no direction is better for all tasks. With every=N the coefficients are kept for N \
                      steps; the paper does so to save passes, which cost nothing here.",
        parameters: &[Parameter {
            name: "every",
            default: 1.0,
            range: 1.0..=1e6,
            whole: true,
            meaning: "steps for which coefficients are kept",
        }],
        passes: 1.0,
    },
    weighs: Weighs::Gradients,
    make: Some(|&[every, ..]| Box::new(Nash { every })),
};

/// A mixture of unit gradients whose square is less than this is 0.
const STATIONARY: f64 = 1e-12;
/// Newton's method has doubled its digits for the last time where its decrement is this small.
const DECREMENT: f64 = 1e-9;
/// More steps than the damped phase takes up to [`STATIONARY`].
const MOST_STEPS: usize = 1000;

/// The rule; its state is the number of steps made, then each task's coefficient, 0 before its first.
struct Nash {
    every: f64,
}

impl Combination for Nash {
    fn state(&self, tasks: usize) -> Vec<f64> {
        vec![0.0; 1 + tasks]
    }

    fn coefficients(&self, step: &dyn TaskGradients, state: &mut [f64], _: &mut dyn RngCore) -> Vec<f64> {
        let (steps, kept) = state.split_first_mut().expect("a state begins with the number of steps");
        let is_due = *steps % self.every == 0.0 || step.tasks().iter().any(|&task| kept[task] == 0.0);
        *steps += 1.0;
        if is_due {
            let solved = solution(&step.gram());
            step.tasks().iter().zip(solved).for_each(|(&task, alpha)| kept[task] = alpha);
        }
        step.tasks().iter().map(|&task| kept[task]).collect()
    }
}

/// `α`; 0 for a task without gradient, and 0 for all where a mixture of the gradients is 0.
fn solution(gram: &Gram) -> Vec<f64> {
    let lengths: Vec<f64> = (0..gram.size()).map(|i| gram.at(i, i).sqrt()).collect();
    let moving: Vec<usize> = (0..gram.size()).filter(|&i| lengths[i] > 0.0).collect();
    // In unit gradients: how long they are has no part in it.
    let cosines = Gram::of(moving.len(), |i, j| {
        let (i, j) = (moving[i], moving[j]);
        if i == j { 1.0 } else { (gram.at(i, j) / (lengths[i] * lengths[j])).clamp(-1.0, 1.0) }
    });
    let mut alpha = vec![0.0; gram.size()];
    if moving.is_empty() {
        return alpha;
    }
    let least = minimise(&cosines, &vec![0.0; moving.len()], Over::Simplex);
    if cosines.square(&least) > STATIONARY {
        let solved = match cosines.size() {
            2 => vec![1.0 / (1.0 + cosines.at(0, 1)).sqrt(); 2],
            _ => newton(&cosines),
        };
        moving.iter().zip(solved).for_each(|(&i, solved)| alpha[i] = solved / lengths[i]);
    }
    alpha
}

/// The `x > 0` with `C x = 1/x`.
fn newton(cosines: &Gram) -> Vec<f64> {
    let k = cosines.size();
    let ones = vec![1.0; k];
    // The best point with equal coordinates.
    let mut x = vec![(k as f64 / cosines.square(&ones).max(STATIONARY)).sqrt(); k];
    for _ in 0..MOST_STEPS {
        let slope: Vec<f64> = (0..k).map(|i| cosines.with(&x, i) - 1.0 / x[i]).collect();
        let mut curvature = Vec::with_capacity(k * k);
        for i in 0..k {
            let own = |j: usize| if i == j { 1.0 / (x[i] * x[i]) } else { 0.0 };
            curvature.extend((0..k).map(|j| cosines.at(i, j) + own(j)));
        }
        let step = cholesky::solve(&curvature, &slope);
        let decrement = slope.iter().zip(&step).map(|(g, s)| g * s).sum::<f64>().max(0.0).sqrt();
        let share = if decrement < 0.25 { 1.0 } else { 1.0 / (1.0 + decrement) };
        x.iter_mut().zip(&step).for_each(|(x, step)| *x -= share * step);
        if decrement < DECREMENT {
            break;
        }
    }
    x
}
