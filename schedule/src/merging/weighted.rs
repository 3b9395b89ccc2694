//! The weighted sum of models, which several rules are. Sums are taken in f64 in the order of the models.

use super::rule::{Merged, Models};

impl Models<'_> {
    /// Σ `weights`·models + `of_base`·base.
    pub(super) fn weighted(&self, weights: &[f64], of_base: f64) -> Vec<f32> {
        let mut values = self.zeros();
        for at in self.tensors.iter().flat_map(Clone::clone) {
            let terms = self.models.iter().zip(weights);
            let sum: f64 = terms.map(|(model, weight)| weight * f64::from(model[at])).sum();
            // A base that does not count may be missing.
            let base = if of_base == 0.0 { 0.0 } else { of_base * f64::from(self.started()[at]) };
            values[at] = (sum + base) as f32;
        }
        values
    }

    /// Σ `weights`·models / `all`.
    pub(super) fn mean(&self, weights: &[f64], all: f64) -> Vec<f32> {
        let mut values = self.zeros();
        for at in self.tensors.iter().flat_map(Clone::clone) {
            let terms = self.models.iter().zip(weights);
            let sum: f64 = terms.map(|(model, weight)| weight * f64::from(model[at])).sum();
            values[at] = (sum / all) as f32;
        }
        values
    }

    /// base + Σ `coefficients`·(model − base).
    pub(super) fn by_changes(&self, coefficients: Vec<f64>) -> Merged {
        let values = self.weighted(&coefficients, 1.0 - coefficients.iter().sum::<f64>());
        Merged { values, coefficients }
    }
}
