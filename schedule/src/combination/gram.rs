//! Inner products of the tasks' gradients, and vectors that are made up of these gradients: with the two, rules that are
//! written in gradients are computed in numbers.

/// A symmetric matrix `[K, K]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Gram {
    size: usize,
    values: Vec<f64>,
}

impl Gram {
    /// The matrix of `product(i, j)`, asked for `i <= j` only.
    pub fn of(size: usize, product: impl Fn(usize, usize) -> f64) -> Self {
        let mut values = vec![0.0; size * size];
        for i in 0..size {
            for j in i..size {
                let value = product(i, j);
                (values[i * size + j], values[j * size + i]) = (value, value);
            }
        }
        Self { size, values }
    }

    /// `K`.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The inner product of gradients `i` and `j`.
    pub fn at(&self, i: usize, j: usize) -> f64 {
        self.values[i * self.size + j]
    }

    /// The inner product of `Σ weights[k] · g_k` with gradient `j`.
    pub fn with(&self, weights: &[f64], j: usize) -> f64 {
        weights.iter().enumerate().map(|(k, weight)| weight * self.at(k, j)).sum()
    }

    /// The squared length of `Σ weights[k] · g_k`; not negative, whatever rounding does.
    pub fn square(&self, weights: &[f64]) -> f64 {
        let square: f64 = weights.iter().enumerate().map(|(k, weight)| weight * self.with(weights, k)).sum();
        square.max(0.0)
    }
}
