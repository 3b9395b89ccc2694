//! Eigenvalues and eigenvectors of a matrix of tasks by tasks, by Jacobi's rotations: slow for large matrices, accurate for
//! small ones, and always the same.

use super::gram::Gram;

/// More sweeps than any matrix takes.
const MOST_SWEEPS: usize = 60;

/// The eigenvalues that are not 0 up to rounding, each with its eigenvector of length 1.
pub(super) struct Eigen(pub(super) Vec<(f64, Vec<f64>)>);

impl Eigen {
    /// Of a Gram matrix. An eigenvalue counts as 0 up to `K · ε` times the greatest, as in PyTorch's `pinv` and in TorchJD.
    pub(super) fn of(gram: &Gram) -> Self {
        let k = gram.size();
        let mut a: Vec<Vec<f64>> = (0..k).map(|i| (0..k).map(|j| gram.at(i, j)).collect()).collect();
        let mut vectors: Vec<Vec<f64>> =
            (0..k).map(|i| (0..k).map(|j| f64::from(u8::from(i == j))).collect()).collect();
        for _ in 0..MOST_SWEEPS {
            let mut rotated = false;
            for p in 0..k {
                for q in p + 1..k {
                    rotated |= rotate(&mut a, &mut vectors, p, q);
                }
            }
            if !rotated {
                break;
            }
        }
        let greatest = (0..k).map(|i| a[i][i]).fold(0.0, f64::max);
        let least = greatest * k as f64 * f64::EPSILON;
        let places = (0..k).filter(|&i| a[i][i] > least);
        Self(places.map(|i| (a[i][i], vectors.iter().map(|row| row[i]).collect())).collect())
    }

    /// `V f(Λ) Vᵀ x`.
    pub(super) fn apply(&self, f: impl Fn(f64) -> f64, x: &[f64]) -> Vec<f64> {
        let mut sum = vec![0.0; x.len()];
        for (value, vector) in &self.0 {
            let along: f64 = vector.iter().zip(x).map(|(v, x)| v * x).sum();
            sum.iter_mut().zip(vector).for_each(|(sum, v)| *sum += f(*value) * along * v);
        }
        sum
    }
}

/// Makes `a[p][q]` 0, unless it is beside the diagonal already.
fn rotate(a: &mut [Vec<f64>], vectors: &mut [Vec<f64>], p: usize, q: usize) -> bool {
    let off = a[p][q];
    if off.abs() <= f64::EPSILON * f64::EPSILON * (a[p][p].abs() + a[q][q].abs()) {
        return false;
    }
    let theta = (a[q][q] - a[p][p]) / (2.0 * off);
    let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
    let cosine = 1.0 / (t * t + 1.0).sqrt();
    let sine = t * cosine;
    let turn = |row: &mut Vec<f64>| {
        let (x, y) = (row[p], row[q]);
        (row[p], row[q]) = (cosine * x - sine * y, sine * x + cosine * y);
    };
    a.iter_mut().for_each(turn);
    for column in 0..a.len() {
        let (x, y) = (a[p][column], a[q][column]);
        (a[p][column], a[q][column]) = (cosine * x - sine * y, sine * x + cosine * y);
    }
    // What rounding leaves would be turned for ever.
    (a[p][q], a[q][p]) = (0.0, 0.0);
    vectors.iter_mut().for_each(turn);
    true
}
