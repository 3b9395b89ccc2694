//! The triangular factor of a matrix of tasks by tasks, to solve with it.

/// `A⁻¹ b` for symmetric positive definite `A`, `[K, K]` row by row, of which the lower triangle is read. A pivot that rounding has
/// made 0 or less counts as infinite: what depends on it is 0.
pub(super) fn solve(a: &[f64], b: &[f64]) -> Vec<f64> {
    let k = b.len();
    let mut lower = a.to_vec();
    for row in 0..k {
        for column in 0..=row {
            let known: f64 = (0..column).map(|at| lower[row * k + at] * lower[column * k + at]).sum();
            let left = lower[row * k + column] - known;
            lower[row * k + column] = if row != column {
                left / lower[column * k + column]
            } else if left > 0.0 {
                left.sqrt()
            } else {
                f64::INFINITY
            };
        }
    }
    let mut x = b.to_vec();
    for row in 0..k {
        let known: f64 = (0..row).map(|at| lower[row * k + at] * x[at]).sum();
        x[row] = (x[row] - known) / lower[row * k + row];
    }
    for row in (0..k).rev() {
        let known: f64 = (row + 1..k).map(|at| lower[at * k + row] * x[at]).sum();
        x[row] = (x[row] - known) / lower[row * k + row];
    }
    x
}
