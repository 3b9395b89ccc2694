//! Steps whose gradients or inner products are known, and what a rule makes of them.

use mtlift_schedule::{Combination, Combine, Gram, TaskGradients};
use rand::RngCore;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Inner products and losses of tasks 0, 1 and so on.
pub(crate) struct Known {
    pub(crate) tasks: Vec<usize>,
    pub(crate) losses: Vec<f64>,
    pub(crate) gram: Gram,
}

impl Known {
    pub(crate) fn gram(gram: Gram) -> Self {
        let tasks: Vec<usize> = (0..gram.size()).collect();
        Self { losses: vec![1.0; tasks.len()], tasks, gram }
    }

    /// Orthogonal gradients of these lengths.
    pub(crate) fn losses(losses: &[f64], lengths: &[f64]) -> Self {
        let gram = Gram::of(losses.len(), |i, j| if i == j { lengths[i] * lengths[i] } else { 0.0 });
        Self { losses: losses.to_vec(), ..Self::gram(gram) }
    }
}

impl TaskGradients for Known {
    fn tasks(&self) -> &[usize] {
        &self.tasks
    }

    fn losses(&self) -> Vec<f64> {
        self.losses.clone()
    }

    fn gram(&self) -> Gram {
        self.gram.clone()
    }
}

/// Gradients as vectors.
pub(crate) struct Vectors {
    pub(crate) tasks: Vec<usize>,
    pub(crate) gradients: Vec<Vec<f64>>,
}

impl Vectors {
    pub(crate) fn new(gradients: &[Vec<f64>]) -> Self {
        Self { tasks: (0..gradients.len()).collect(), gradients: gradients.to_vec() }
    }

    pub(crate) fn sum(&self, coefficients: &[f64]) -> Vec<f64> {
        let of =
            |at| self.gradients.iter().zip(coefficients).map(|(g, c): (&Vec<f64>, &f64)| c * g[at]).sum();
        (0..self.gradients[0].len()).map(of).collect()
    }
}

impl TaskGradients for Vectors {
    fn tasks(&self) -> &[usize] {
        &self.tasks
    }

    fn losses(&self) -> Vec<f64> {
        self.tasks.iter().map(|&task| 0.5 * task as f64).collect()
    }

    fn gram(&self) -> Gram {
        Gram::of(self.tasks.len(), |i, j| dot(&self.gradients[i], &self.gradients[j]))
    }
}

/// A rule by name.
pub(crate) fn rule(name: &str) -> Box<dyn Combination> {
    name.parse::<Combine>().unwrap().combination().unwrap()
}

/// The names of all rules that combine or weigh.
pub(crate) fn all() -> impl Iterator<Item = &'static str> {
    Combine::rules().iter().map(|rule| rule.about.name).filter(|&name| name != "sum")
}

/// The coefficients of a rule in its first step.
pub(crate) fn first(name: &str, step: &dyn TaskGradients) -> Vec<f64> {
    let rule = rule(name);
    rule.of_step(step, &mut rule.state(step.tasks().len()), &mut InOrder)
}

/// A generator by which a list that is shuffled stays in its order.
pub(crate) struct InOrder;

impl RngCore for InOrder {
    fn next_u32(&mut self) -> u32 {
        u32::MAX
    }

    fn next_u64(&mut self) -> u64 {
        u64::MAX
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        bytes.fill(u8::MAX);
    }
}

pub(crate) fn near(a: &[f64], b: &[f64], tolerance: f64) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= tolerance * (1.0 + b.abs()))
}

/// (1, 2, 0, -1), (.5, -1, 2, 0), (-2, 0, 1, 1)
pub(crate) fn three() -> Vectors {
    Vectors::new(&[vec![1.0, 2.0, 0.0, -1.0], vec![0.5, -1.0, 2.0, 0.0], vec![-2.0, 0.0, 1.0, 1.0]])
}

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

pub(crate) fn seed(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// The combined gradient, and the state after it.
pub(crate) fn combined(
    name: &str,
    vectors: &Vectors,
    mut state: Vec<f64>,
    random: u64,
) -> (Vec<f64>, Vec<f64>) {
    let coefficients = rule(name).of_step(vectors, &mut state, &mut seed(random));
    (vectors.sum(&coefficients), state)
}
