//! p-values of many tests at once, adjusted so that each can be held against the level as if it were alone.

use crate::error::Error;

/// Holm's step-down (1979): controls the probability of any false positive, whatever the tests' dependence. Adjusted
/// p-values in the order given, `[m]`; the `i`-th smallest becomes the largest of `(m - j + 1) p_(j)` over `j <= i`.
///
/// # Errors
/// [`Error::PValue`].
pub fn holm(p_values: &[f64]) -> Result<Vec<f64>, Error> {
    let order = ascending(p_values)?;
    let mut adjusted = vec![0.0; p_values.len()];
    let mut largest = 0.0_f64;
    for (rank, &test) in order.iter().enumerate() {
        largest = largest.max((order.len() - rank) as f64 * p_values[test]).min(1.0);
        adjusted[test] = largest;
    }
    Ok(adjusted)
}

/// Benjamini and Hochberg's step-up (1995): controls the expected share of false ones among the positives, for
/// independent or positively dependent tests. Adjusted p-values in the order given, `[m]`; the `i`-th smallest becomes
/// the smallest of `m p_(j) / j` over `j >= i`.
///
/// # Errors
/// [`Error::PValue`].
pub fn benjamini_hochberg(p_values: &[f64]) -> Result<Vec<f64>, Error> {
    let order = ascending(p_values)?;
    let mut adjusted = vec![0.0; p_values.len()];
    let mut smallest = 1.0_f64;
    for (rank, &test) in order.iter().enumerate().rev() {
        smallest = smallest.min(order.len() as f64 * p_values[test] / (rank + 1) as f64);
        adjusted[test] = smallest;
    }
    Ok(adjusted)
}

fn ascending(p_values: &[f64]) -> Result<Vec<usize>, Error> {
    if let Some(index) = p_values.iter().position(|p| !(0.0..=1.0).contains(p)) {
        return Err(Error::PValue { index, found: p_values[index] });
    }
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    Ok(order)
}
