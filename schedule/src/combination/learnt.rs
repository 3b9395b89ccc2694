//! A number for each task that is learnt beside the parameters, by Adam (Kingma and Ba 2015) with PyTorch's defaults. A task that has
//! no rows in a step is not moved by it, so each counts its own steps.

use crate::about::Parameter;

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// At which rate a rule learns the numbers by which tasks are weighed.
pub(super) const RATE: Parameter = Parameter {
    name: "rate",
    default: 0.025,
    range: 0.0..=1.0,
    whole: false,
    meaning: "the weights' learning rate",
};

/// The numbers in a rule's state: four parts of it, each `[tasks]`.
pub(super) struct Learnt<'a> {
    /// The numbers.
    pub(super) values: &'a mut [f64],
    mean: &'a mut [f64],
    square: &'a mut [f64],
    steps: &'a mut [f64],
}

impl<'a> Learnt<'a> {
    /// The state before the first step.
    pub(super) fn start(tasks: usize, value: f64) -> Vec<f64> {
        let mut state = vec![0.0; 4 * tasks];
        state[..tasks].fill(value);
        state
    }

    /// The numbers in a state that [`Learnt::start`] began.
    pub(super) fn of(state: &'a mut [f64]) -> Self {
        let tasks = state.len() / 4;
        let (values, state) = state.split_at_mut(tasks);
        let (mean, state) = state.split_at_mut(tasks);
        let (square, steps) = state.split_at_mut(tasks);
        Self { values, mean, square, steps }
    }

    /// A step down the slope of a task's number.
    pub(super) fn step(&mut self, task: usize, slope: f64, rate: f64) {
        self.steps[task] += 1.0;
        let (mean, square, steps) = (&mut self.mean[task], &mut self.square[task], self.steps[task]);
        *mean = BETA1 * *mean + (1.0 - BETA1) * slope;
        *square = BETA2 * *square + (1.0 - BETA2) * slope * slope;
        let unbiased = |moment: f64, beta: f64| moment / (1.0 - libm::pow(beta, steps));
        self.values[task] -= rate * unbiased(*mean, BETA1) / (unbiased(*square, BETA2).sqrt() + EPSILON);
    }
}

/// `exp(x)` over their sum.
pub(super) fn softmax(x: &[f64]) -> Vec<f64> {
    let most = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = x.iter().map(|x| libm::exp(x - most)).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}
