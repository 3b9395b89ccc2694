//! The triangular factor of a covariance of a few arms. Some tens of lines are less than a linear-algebra library for a
//! dozen rows.

/// Lower triangle `L` of `A = L Lᵀ`.
pub(crate) struct Cholesky(Vec<Vec<f64>>);

impl Cholesky {
    /// Of a symmetric positive definite `[K][K]`. A pivot that rounding has made 0 or less counts as none: what depends on it is 0.
    pub(crate) fn of(matrix: &[Vec<f64>]) -> Cholesky {
        let mut lower = vec![vec![0.0; matrix.len()]; matrix.len()];
        for row in 0..matrix.len() {
            for column in 0..=row {
                let known: f64 = (0..column).map(|k| lower[row][k] * lower[column][k]).sum();
                let left: f64 = matrix[row][column] - known;
                lower[row][column] = if row == column {
                    left.max(0.0).sqrt()
                } else if lower[column][column] > 0.0 {
                    left / lower[column][column]
                } else {
                    0.0
                };
            }
        }
        Cholesky(lower)
    }

    /// `ln |A|`.
    pub(crate) fn ln_determinant(&self) -> f64 {
        self.0.iter().enumerate().map(|(row, values)| 2.0 * values[row].ln()).sum()
    }

    /// `A⁻¹ b`.
    pub(crate) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let (lower, k) = (&self.0, b.len());
        let mut x = b.to_vec();
        for row in 0..k {
            let known: f64 = (0..row).map(|column| lower[row][column] * x[column]).sum();
            x[row] = (x[row] - known) / lower[row][row];
        }
        for row in (0..k).rev() {
            let known: f64 = (row + 1..k).map(|column| lower[column][row] * x[column]).sum();
            x[row] = (x[row] - known) / lower[row][row];
        }
        x
    }

    /// `L z`: of independent standard normals a draw with covariance `A`.
    pub(crate) fn times(&self, z: &[f64]) -> Vec<f64> {
        self.0.iter().map(|row| row.iter().zip(z).map(|(l, z)| l * z).sum()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Cholesky;

    #[test]
    fn it_solves_and_multiplies_back() {
        let matrix = vec![vec![4.0, 2.0, 0.4], vec![2.0, 5.0, 1.0], vec![0.4, 1.0, 3.0]];
        let factor = Cholesky::of(&matrix);
        let x = factor.solve(&[1.0, -2.0, 0.5]);
        for (row, expected) in matrix.iter().zip([1.0, -2.0, 0.5]) {
            let found: f64 = row.iter().zip(&x).map(|(a, x)| a * x).sum();
            assert!((found - expected).abs() < 1e-12);
        }
        // By the rule of Sarrus.
        assert!((factor.ln_determinant() - 44.8_f64.ln()).abs() < 1e-12, "{}", factor.ln_determinant().exp());
        let first = factor.times(&[1.0, 0.0, 0.0]);
        assert_eq!(first, [2.0, 1.0, 0.2]);
    }
}
