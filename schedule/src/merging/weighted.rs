//! The weighted sum of models, which several rules are. Sums are taken in f64 in the order of the models.

use super::rule::{Merged, Models};

impl Models<'_> {
    /// Σ `weights`·models + `of_base`·base.
    pub(super) fn weighted(&self, weights: &[f64], of_base: f64) -> Vec<f32> {
        self.each_sum(weights, |at, sum| {
            // A base that does not count may be missing.
            let base = if of_base == 0.0 { 0.0 } else { of_base * f64::from(self.started()[at]) };
            sum + base
        })
    }

    /// Σ `weights`·models / `all`.
    pub(super) fn mean(&self, weights: &[f64], all: f64) -> Vec<f32> {
        self.each_sum(weights, |_, sum| sum / all)
    }

    /// base + Σ `coefficients`·(model − base).
    pub(super) fn by_changes(&self, coefficients: Vec<f64>) -> Merged {
        let values = self.weighted(&coefficients, 1.0 - coefficients.iter().sum::<f64>());
        Merged { values, coefficients }
    }

    /// What `of` makes of each value's place and Σ `weights`·models there.
    fn each_sum(&self, weights: &[f64], of: impl Fn(usize, f64) -> f64) -> Vec<f32> {
        let mut values = self.zeros();
        for at in self.tensors.iter().flat_map(Clone::clone) {
            let terms = self.models.iter().zip(weights);
            let sum: f64 = terms.map(|(model, weight)| weight * f64::from(model[at])).sum();
            values[at] = of(at, sum) as f32;
        }
        values
    }
}
