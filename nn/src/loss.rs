//! The losses of classification and regression, with their gradients.
//!
//! All give the sum over the rows and leave the division to the caller: with gradient accumulation the number of
//! examples to divide by is that of the whole window. Those of few outputs go on from the sum `before` over the window's earlier rows, so that
//! it is the same to the bit in however many parts they come.

use ndarray::{ArrayView2, ArrayViewMut2};
use rayon::prelude::*;

use crate::Real;
use crate::reduce::{fold, max, sum};
use crate::simd::vectorised;

/// The summed cross-entropy `Σ −row_weight · log softmax(logits)[target]`; `dlogits` becomes its gradient times `weight`.
///
/// # Shapes
/// - logits: `[B, L]`
/// - targets: `[B]`, each below `L`
/// - row_weights: `[B]`, or none for 1 each
/// - dlogits: `[B, L]`, overwritten
///
/// # Panics
/// If the shapes differ or a target is not below `L`.
#[track_caller]
pub fn cross_entropy<F: Real>(
    logits: ArrayView2<'_, F>,
    targets: &[usize],
    row_weights: Option<&[f64]>,
    weight: F,
    dlogits: ArrayViewMut2<'_, F>,
    before: f64,
) -> f64 {
    let (rows, labels) = logits.dim();
    assert!(rows == targets.len() && targets.iter().all(|&target| target < labels), "cross_entropy: shapes");
    let wanted = |row: usize, label: usize| f64::from(u8::from(label == targets[row]));
    distribution_cross_entropy(logits, wanted, 1.0, row_weights, weight, dlogits, before)
}

/// The summed cross-entropy with a distribution over the labels for each row, in place of one label:
/// `Σ −row_weight · T² · Σ_l wanted[l] · log softmax(logits / T)[l]`; `dlogits` becomes its gradient times `weight`.
///
/// Where each distribution is one label and `T` is 1, it is [`cross_entropy`] to the bit. The factor `T²` keeps the size of the gradient
/// where the temperature rises (Hinton et al. 2015, section 2).
///
/// # Shapes
/// - logits: `[B, L]`
/// - wanted: `[B, L]`, each row 0 or more and 1 in sum
/// - temperature: `T`, above 0
/// - row_weights: `[B]`, or none for 1 each
/// - dlogits: `[B, L]`, overwritten
///
/// # Panics
/// If the shapes differ.
#[track_caller]
pub fn soft_cross_entropy<F: Real>(
    logits: ArrayView2<'_, F>,
    wanted: ArrayView2<'_, f64>,
    temperature: f64,
    row_weights: Option<&[f64]>,
    weight: F,
    dlogits: ArrayViewMut2<'_, F>,
    before: f64,
) -> f64 {
    assert_eq!(logits.dim(), wanted.dim(), "soft_cross_entropy: shapes");
    let wanted = |row: usize, label: usize| wanted[[row, label]];
    distribution_cross_entropy(logits, wanted, temperature, row_weights, weight, dlogits, before)
}

/// The same for `wanted(row, label)`.
#[track_caller]
fn distribution_cross_entropy<F: Real>(
    logits: ArrayView2<'_, F>,
    wanted: impl Fn(usize, usize) -> f64,
    temperature: f64,
    row_weights: Option<&[f64]>,
    weight: F,
    mut dlogits: ArrayViewMut2<'_, F>,
    before: f64,
) -> f64 {
    let weighed = row_weights.is_none_or(|row_weights| row_weights.len() == logits.nrows());
    assert!(logits.dim() == dlogits.dim() && weighed, "cross-entropy: shapes");
    let mut total = before;
    for (row, (logits, mut d)) in logits.rows().into_iter().zip(dlogits.rows_mut()).enumerate() {
        let row_weight = row_weights.map_or(1.0, |row_weights| row_weights[row]);
        // In f64: a batch has few logits, and the loss is what people compare.
        let scaled = |x: &F| x.wide() / temperature;
        let greatest = logits.iter().fold(f64::NEG_INFINITY, |m, x| m.max(scaled(x)));
        let sum: f64 = logits.iter().map(|x| libm::exp(scaled(x) - greatest)).sum();
        // What is wanted with probability 0 has no part in the loss, however small its logit is.
        let parts = logits.iter().enumerate().map(|(label, x)| (wanted(row, label), x));
        let mean: f64 = parts.filter(|(p, _)| *p != 0.0).map(|(p, x)| p * scaled(x)).sum();
        total += row_weight * temperature * temperature * (libm::log(sum) + greatest - mean);
        for (label, (d, x)) in d.iter_mut().zip(logits).enumerate() {
            let p = libm::exp(scaled(x) - greatest) / sum;
            *d = weight * F::of(row_weight * temperature * (p - wanted(row, label)));
        }
    }
    total
}

/// The summed cross-entropy over as many classes as a vocabulary has; the logits are replaced by their gradient times `weight`.
///
/// As [`cross_entropy`], in place and in the precision of `F`: there are millions of these logits in a step.
///
/// # Shapes
/// - logits: `[M, V]`, row after row
/// - targets: `[M]`, each below `V`
///
/// # Panics
/// If the shapes differ, the rows do not follow each other, or a target is not below `V`.
#[track_caller]
pub fn vocabulary_cross_entropy<F: Real>(
    mut logits: ArrayViewMut2<'_, F>,
    targets: &[u32],
    weight: F,
) -> f64 {
    assert_eq!(logits.nrows(), targets.len(), "vocabulary_cross_entropy: shapes");
    let vocabulary = logits.ncols().max(1);
    let rows = logits.as_slice_mut().expect("the rows follow each other").par_chunks_exact_mut(vocabulary);
    // Collected first: a sum over the threads has no order of its own.
    let losses: Vec<f64> =
        rows.zip(targets).map(|(row, &target)| row_cross_entropy(row, target as usize, weight)).collect();
    losses.iter().sum()
}

vectorised! {
    fn row_cross_entropy<F>(row: &mut [F], target: usize, weight: F) -> f64 {
        let greatest = max(row);
        let at_target = row[target] - greatest;
        row.iter_mut().for_each(|x| *x = (*x - greatest).exponential());
        let total = sum(row);
        let scale = weight / total;
        row.iter_mut().for_each(|x| *x *= scale);
        row[target] -= weight;
        libm::log(total.wide()) - at_target.wide()
    }
}

/// The summed squared error `Σ (value − target)²`; `dvalues` becomes its gradient times `weight`.
///
/// # Shapes
/// - values, dvalues: `[B, 1]`; dvalues is overwritten
/// - targets: `[B]`
///
/// # Panics
/// If the shapes differ.
#[track_caller]
pub fn mean_squared_error<F: Real>(
    values: ArrayView2<'_, F>,
    targets: &[f32],
    weight: F,
    mut dvalues: ArrayViewMut2<'_, F>,
    before: f64,
) -> f64 {
    assert!(values.dim() == (targets.len(), 1) && values.dim() == dvalues.dim(), "squared error: shapes");
    let mut total = before;
    for ((value, &target), d) in values.iter().zip(targets).zip(&mut dvalues) {
        let error = value.wide() - f64::from(target);
        total += error * error;
        *d = weight * F::of(2.0 * error);
    }
    total
}

/// Values whose absolute values one thread sums.
const SERIAL: usize = 1 << 14;

/// The sum `Σ |value|`; `d` becomes its gradient times `weight`: the sign, 0 where a value is 0.
///
/// # Panics
/// If `d` is not as long as `values`.
#[track_caller]
pub fn absolute_sum<F: Real>(values: &[F], weight: F, d: &mut [F]) -> f64 {
    assert_eq!(values.len(), d.len(), "absolute_sum: lengths");
    let parts = values.par_chunks(SERIAL).zip(d.par_chunks_mut(SERIAL));
    // Collected first: a sum over the threads has no order of its own.
    let sums: Vec<f64> = parts.map(|(values, d)| absolute(values, weight, d)).collect();
    sums.iter().sum()
}

vectorised! {
    fn absolute<F>(values: &[F], weight: F, d: &mut [F]) -> f64 {
        for (d, &value) in d.iter_mut().zip(values) {
            *d = if value > F::zero() {
                weight
            } else if value < F::zero() {
                -weight
            } else {
                F::zero()
            };
        }
        fold(values, values, F::zero(), |sum, value, _| sum + value.abs(), |a, b| a + b).wide()
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::check;

    #[test]
    fn gradients() {
        let (targets, values) = ([2, 0, 1], [0.5, -1.0, 4.0]);
        let x = check::random("logits", &[3, 4]);
        let mut d = Array2::zeros((3, 4));
        for row_weights in [None, Some(&[2.0, 0.5, 3.0][..])] {
            cross_entropy(x.view(), &targets, row_weights, 0.25, d.view_mut(), 0.0);
            check::gradient(x.as_slice().unwrap(), d.as_slice().unwrap(), |x| {
                let x = ArrayView2::from_shape((3, 4), x).unwrap();
                0.25 * cross_entropy(x, &targets, row_weights, 0.0, Array2::zeros((3, 4)).view_mut(), 0.0)
            });
        }
        let wanted = ndarray::array![[0.1, 0.2, 0.0, 0.7], [0.25, 0.25, 0.25, 0.25], [0.0, 0.0, 1.0, 0.0]];
        for (temperature, row_weights) in [(1.0, None), (2.5, None), (0.7, Some(&[2.0, 0.5, 3.0][..]))] {
            let soft = |x: ArrayView2<'_, f64>, weight, d: ArrayViewMut2<'_, f64>| {
                soft_cross_entropy(x, wanted.view(), temperature, row_weights, weight, d, 0.0)
            };
            soft(x.view(), 0.25, d.view_mut());
            check::gradient(x.as_slice().unwrap(), d.as_slice().unwrap(), |x| {
                let x = ArrayView2::from_shape((3, 4), x).unwrap();
                0.25 * soft(x, 0.0, Array2::zeros((3, 4)).view_mut())
            });
        }
        let (classes, mut d) = (targets.map(|target| target as u32), x.clone());
        vocabulary_cross_entropy(d.view_mut(), &classes, 0.25);
        check::gradient(x.as_slice().unwrap(), d.as_slice().unwrap(), |x| {
            let mut x = Array2::from_shape_vec((3, 4), x.to_vec()).unwrap();
            0.25 * vocabulary_cross_entropy(x.view_mut(), &classes, 0.0)
        });
        let x = check::random("values", &[3, 1]);
        let mut d = Array2::zeros((3, 1));
        mean_squared_error(x.view(), &values, 0.25, d.view_mut(), 0.0);
        check::gradient(x.as_slice().unwrap(), d.as_slice().unwrap(), |x| {
            let x = ArrayView2::from_shape((3, 1), x).unwrap();
            0.25 * mean_squared_error(x, &values, 0.0, Array2::zeros((3, 1)).view_mut(), 0.0)
        });
    }

    #[test]
    fn absolute_values_pull_by_their_sign() {
        let mut d = [9.0; 4];
        assert_eq!(absolute_sum(&[1.5, -2.0, 0.0, 0.25], 0.5, &mut d), 3.75);
        assert_eq!(d, [0.5, -0.5, 0.0, 0.5]);
        let x = check::random("values", &[1, 40_000]).mapv(|x| x as f32);
        let mut d = vec![0.0; x.len()];
        let want: f64 = x.iter().map(|x| f64::from(x.abs())).sum();
        let got = absolute_sum(x.as_slice().unwrap(), 1.0, &mut d);
        assert!((got - want).abs() < 1e-5 * want, "{got}, not {want}");
        assert!(x.iter().zip(&d).all(|(x, d)| *d == x.signum()));
    }

    /// The plain twin is the one for few classes, which computes in f64.
    #[test]
    fn cross_entropy_over_a_vocabulary_equals_its_twin() {
        let (rows, vocabulary) = (5, 1003);
        let logits = check::random("logits", &[rows, vocabulary]).mapv(|x| 9.0 * x as f32);
        let targets = [0, 17, 1002, 400, 17];
        let (mut plain, mut fast) = (Array2::zeros((rows, vocabulary)), logits.clone());
        let want = cross_entropy(
            logits.view(),
            &targets.map(|target| target as usize),
            None,
            0.5,
            plain.view_mut(),
            0.0,
        );
        let got = vocabulary_cross_entropy(fast.view_mut(), &targets, 0.5);
        assert!((got - want).abs() < 1e-4, "{got}, not {want}");
        assert!(fast.iter().zip(&plain).all(|(fast, plain)| (fast - plain).abs() < 1e-6));
    }

    /// p = (.7, .3), q = softmax(ln 4, 0) = (.8, .2): −.7 ln .8 − .3 ln .2. At temperature 2, q = (2/3, 1/3), times 4.
    #[test]
    fn soft_cross_entropy_by_hand() {
        let (logits, wanted) = (ndarray::array![[4f64.ln(), 0.0]], ndarray::array![[0.7, 0.3]]);
        let by_hand = |q: [f64; 2]| -0.7 * q[0].ln() - 0.3 * q[1].ln();
        for (temperature, q) in [(1.0, [0.8, 0.2]), (2.0, [2.0 / 3.0, 1.0 / 3.0])] {
            let mut d = Array2::zeros((1, 2));
            let loss =
                soft_cross_entropy(logits.view(), wanted.view(), temperature, None, 1.0, d.view_mut(), 0.0);
            assert!((loss - temperature * temperature * by_hand(q)).abs() < 1e-12, "{loss}");
            assert!((d[[0, 0]] - temperature * (q[0] - 0.7)).abs() < 1e-12, "{d}");
        }
    }

    #[test]
    fn a_distribution_of_one_label_is_that_label_to_the_bit() {
        let (logits, targets) =
            (check::random("logits", &[7, 3]).mapv(|x| 9.0 * x as f32), [0, 2, 1, 1, 0, 2, 2]);
        let wanted = Array2::from_shape_fn((7, 3), |(row, label)| f64::from(u8::from(label == targets[row])));
        let weights = [0.3, 1.7, 1.0, 2.0, 0.1, 5.0, 1.1];
        for row_weights in [None, Some(&weights[..])] {
            let (mut hard, mut soft) = (Array2::zeros((7, 3)), Array2::zeros((7, 3)));
            let want = cross_entropy(logits.view(), &targets, row_weights, 0.3, hard.view_mut(), 0.0);
            let got =
                soft_cross_entropy(logits.view(), wanted.view(), 1.0, row_weights, 0.3, soft.view_mut(), 0.0);
            assert_eq!(got.to_bits(), want.to_bits());
            assert!(hard.iter().zip(&soft).all(|(hard, soft)| hard.to_bits() == soft.to_bits()));
        }
    }

    #[test]
    fn cross_entropy_of_large_logits_is_finite() {
        let logits = ndarray::array![[1e30f32, 0.0], [-1e30, 0.0]];
        let mut d = Array2::zeros((2, 2));
        assert!((cross_entropy(logits.view(), &[0, 1], None, 1.0, d.view_mut(), 0.0)).abs() < 1e-6);
        assert!(d.iter().all(|d| d.is_finite()));
    }
}
