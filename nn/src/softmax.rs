//! Softmax of the rows of a matrix, with the scale of attention folded in.

use crate::reduce::{dot, max, sum};
use crate::simd::vectorised;

vectorised! {
    /// `x ← softmax(scale·x)` for each row of `width` values. The scale is positive; the greatest value of a row is
    /// subtracted first, so that nothing overflows.
    pub fn softmax_rows<F>(x: &mut [F], width: usize, scale: F) {
        for row in x.chunks_exact_mut(width) {
            let greatest = max(row);
            row.iter_mut().for_each(|x| *x = scale * (*x - greatest));
        }
        // Over all rows at once: the rest of a row that fills no register would take as long as its registers.
        x.iter_mut().for_each(|x| *x = x.exponential());
        for row in x.chunks_exact_mut(width) {
            let reciprocal = F::one() / sum(row);
            row.iter_mut().for_each(|x| *x *= reciprocal);
        }
    }
}

vectorised! {
    /// `d ← the gradient of x` where `p = softmax(scale·x)` and d held the gradient of p, for each row of `width` values.
    /// Only the output is needed: `dx = scale·p·(dp − Σ p·dp)`.
    pub fn softmax_backward_rows<F>(p: &[F], d: &mut [F], width: usize, scale: F) {
        for (p, d) in p.chunks_exact(width).zip(d.chunks_exact_mut(width)) {
            let mean = dot(p, d);
            d.iter_mut().zip(p).for_each(|(d, &p)| *d = scale * p * (*d - mean));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Layout;
    use crate::check::Problem;

    #[test]
    fn gradient() {
        for (rows, width) in [(1, 1), (3, 4), (2, 19)] {
            let forward = |x: &ndarray::Array2<f64>| {
                let mut p = x.clone();
                softmax_rows(p.as_slice_mut().unwrap(), width, 0.7);
                p
            };
            Problem::random(&Layout::default(), &[rows, width], &[rows, width]).check(
                |_, x, mut y| y.assign(&forward(x)),
                |_, x, dy, mut dx, _| {
                    dx.assign(dy);
                    softmax_backward_rows(
                        forward(x).as_slice().unwrap(),
                        dx.as_slice_mut().unwrap(),
                        width,
                        0.7,
                    );
                },
            );
        }
    }

    proptest! {
        #[test]
        fn rows_are_distributions_and_equal_the_plain_twin(x in prop::collection::vec(-80.0f32..80.0, 1..50), scale in 0.05f32..2.0) {
            let mut p = x.clone();
            softmax_rows(&mut p, x.len(), scale);
            prop_assert!((p.iter().sum::<f32>() - 1.0).abs() < 1e-5);
            let greatest = x.iter().copied().fold(f32::MIN, f32::max);
            let e: Vec<f64> = x.iter().map(|&x| (f64::from(scale) * (f64::from(x) - f64::from(greatest))).exp()).collect();
            let total: f64 = e.iter().sum();
            for (got, want) in p.iter().zip(&e) {
                prop_assert!((f64::from(*got) - want / total).abs() < 1e-6);
            }
        }
    }
}
