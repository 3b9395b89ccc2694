//! The test by which Weller et al. (2022) call a cell of their heat map significant: the two-sample t of means over
//! seeds. It takes the dev set as given and does not pair seeds; it is here to repeat their analysis, [`crate::compare`]
//! is the one to believe.

use super::distributions::{t_of, two_sided};
use crate::error::{Error, check_finite};
use serde::Serialize;

/// Student's two-sample t with pooled variance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PooledT {
    /// `(mean_a - mean_b) / SE`. Without any spread 0 for equal means, else infinite with the difference's sign.
    pub t: f64,
    /// `n_a + n_b - 2`.
    pub degrees_of_freedom: f64,
    /// Two-sided; 0 where `t` is infinite.
    pub p_value: f64,
}

impl PooledT {
    /// Significant as the paper's code has it: `p < 0.1`, uncorrected.
    pub fn decides(&self) -> bool {
        self.p_value < 0.1
    }
}

/// The test on two samples, at least one value each and three together.
///
/// # Errors
/// [`Error::TooFew`], or [`Error::Number`] for a value that is not finite.
pub fn pooled_t(a: &[f64], b: &[f64]) -> Result<PooledT, Error> {
    check_finite("value of a", a)?;
    check_finite("value of b", b)?;
    let (mean_a, deviation_a) = mean_and_deviation(a);
    let (mean_b, deviation_b) = mean_and_deviation(b);
    pooled_t_of(mean_a, deviation_a, a.len(), mean_b, deviation_b, b.len())
}

/// The test from means, standard deviations (divided by `n - 1`; ignored for a single value) and sizes, as a paper prints
/// them.
///
/// # Errors
/// [`Error::TooFew`], or [`Error::Number`] for a mean that is not finite or a deviation that is not finite or below 0.
pub fn pooled_t_of(
    mean_a: f64,
    deviation_a: f64,
    n_a: usize,
    mean_b: f64,
    deviation_b: f64,
    n_b: usize,
) -> Result<PooledT, Error> {
    for (what, found, least) in [("sample a", n_a, 1), ("sample b", n_b, 1), ("both samples", n_a + n_b, 3)] {
        if found < least {
            return Err(Error::TooFew { what, found, least });
        }
    }
    check_finite("mean", &[mean_a, mean_b])?;
    check_finite("standard deviation", &[deviation_a, deviation_b])?;
    if let Some(index) = [deviation_a, deviation_b].iter().position(|&deviation| deviation < 0.0) {
        let found = [deviation_a, deviation_b][index];
        return Err(Error::Number { what: "standard deviation", index, found, expected: "0 or above" });
    }
    let squares = |deviation: f64, n: usize| (n - 1) as f64 * deviation * deviation;
    let degrees_of_freedom = (n_a + n_b - 2) as f64;
    let variance = (squares(deviation_a, n_a) + squares(deviation_b, n_b)) / degrees_of_freedom;
    let standard_error = (variance * (1.0 / n_a as f64 + 1.0 / n_b as f64)).sqrt();
    let t = t_of(mean_a - mean_b, standard_error);
    Ok(PooledT { t, degrees_of_freedom, p_value: two_sided(t, degrees_of_freedom) })
}

/// Of an empty sample 0 and 0, which `pooled_t_of` refuses by its size.
fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    if values.iter().all(|&value| value == values[0]) {
        // Rounding of the mean is no spread.
        return (values.first().copied().unwrap_or(0.0), 0.0);
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (values.len() - 1) as f64).sqrt())
}
