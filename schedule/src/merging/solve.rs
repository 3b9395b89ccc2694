//! Linear equations of as many unknowns as a layer has inputs: some thousand, for some hundred right-hand sides.
//!
//! The one decision: rows are worked on several at a time, so that a matrix that no cache holds is read once for all of them, and every
//! inner product is of two rows as they lie in memory. That is what sets it apart from the factor of a few tasks in
//! `combination/cholesky.rs`, whose sums are in another order.

/// Rows that are worked on together.
pub(super) const TOGETHER: usize = 16;
/// Sums that a processor adds to at once.
const LANES: usize = 8;

/// The lower triangle `L` of `A = L Lᵀ`.
pub(super) struct Triangle {
    size: usize,
    values: Vec<f64>,
}

impl Triangle {
    /// Of symmetric positive definite `A`, `[size, size]`, of which the lower triangle is read. A pivot that rounding has made 0 or less
    /// counts as infinite: what depends on it is 0.
    pub(super) fn of(mut a: Vec<f64>, size: usize) -> Self {
        for first in (0..size).step_by(TOGETHER) {
            let end = size.min(first + TOGETHER);
            for column in 0..end {
                for row in column.max(first)..end {
                    let known = dot(&a[row * size..][..column], &a[column * size..][..column]);
                    let left = a[row * size + column] - known;
                    a[row * size + column] = if row != column {
                        left / a[column * size + column]
                    } else if left > 0.0 {
                        left.sqrt()
                    } else {
                        f64::INFINITY
                    };
                }
            }
        }
        Self { size, values: a }
    }

    /// Makes `A⁻¹ b` of each `b` in `[right-hand sides, size]`.
    pub(super) fn solve(&self, right: &mut [f64]) {
        let lower = |row: usize| &self.values[row * self.size..][..=row];
        for row in 0..self.size {
            let (pivot, known) = lower(row).split_last().expect("a row has a pivot");
            for x in right.chunks_exact_mut(self.size) {
                x[row] = (x[row] - dot(known, &x[..row])) / pivot;
            }
        }
        for row in (0..self.size).rev() {
            let (pivot, rest) = lower(row).split_last().expect("a row has a pivot");
            for x in right.chunks_exact_mut(self.size) {
                x[row] /= pivot;
                let solved = x[row];
                x[..row].iter_mut().zip(rest).for_each(|(x, l)| *x -= l * solved);
            }
        }
    }
}

/// The inner product of two rows of one length, summed in lanes.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a_lanes, a_rest) = a.as_chunks::<LANES>();
    let (b_lanes, b_rest) = b.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (a, b) in a_lanes.iter().zip(b_lanes) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::Triangle;

    /// More unknowns than are worked on together, and one more than the lanes.
    #[test]
    fn it_solves_and_multiplies_back() {
        for size in [1, 2, 9, 16, 17, 41] {
            // Diagonally dominant, so positive definite.
            let entry = |row: usize, column: usize| {
                if row == column { size as f64 + 2.0 } else { 1.0 / (1.0 + row.abs_diff(column) as f64) }
            };
            let a: Vec<f64> = (0..size * size).map(|at| entry(at / size, at % size)).collect();
            let wanted: Vec<f64> = (0..3 * size).map(|at| (at * at % 7) as f64 - 3.0).collect();
            let mut solved = wanted.clone();
            Triangle::of(a.clone(), size).solve(&mut solved);
            for (x, wanted) in solved.chunks(size).zip(wanted.chunks(size)) {
                for (row, wanted) in a.chunks(size).zip(wanted) {
                    let found: f64 = row.iter().zip(x).map(|(a, x)| a * x).sum();
                    assert!((found - wanted).abs() < 1e-12, "{size}: {found}, expected {wanted}");
                }
            }
        }
    }
}
