//! Sums of a fixed shape: sixteen running lanes, then their tree.
//!
//! Sixteen is the width of the widest register; every level keeps the same sixteen lanes, so all give the same bits.

use crate::Real;
use crate::simd::vectorised;

const LANES: usize = 16;

/// Folds `x` and `y`, of equal length, into `LANES` accumulators from `start`, then those with `join`.
#[inline(always)]
pub(crate) fn fold<F: Real>(
    x: &[F],
    y: &[F],
    start: F,
    step: impl Fn(F, F, F) -> F,
    join: impl Fn(F, F) -> F,
) -> F {
    let mut lanes = [start; LANES];
    let ((x, x_rest), (y, y_rest)) = (x.as_chunks::<LANES>(), y.as_chunks::<LANES>());
    for (x, y) in x.iter().zip(y) {
        for l in 0..LANES {
            lanes[l] = step(lanes[l], x[l], y[l]);
        }
    }
    for (lane, (&x, &y)) in lanes.iter_mut().zip(x_rest.iter().zip(y_rest)) {
        *lane = step(*lane, x, y);
    }
    let mut width = LANES;
    while width > 1 {
        width /= 2;
        for l in 0..width {
            lanes[l] = join(lanes[l], lanes[l + width]);
        }
    }
    lanes[0]
}

/// Σ x.
#[inline(always)]
pub(crate) fn sum<F: Real>(x: &[F]) -> F {
    fold(x, x, F::zero(), |s, x, _| s + x, |a, b| a + b)
}

/// Σ x·y.
#[inline(always)]
pub(crate) fn dot<F: Real>(x: &[F], y: &[F]) -> F {
    fold(x, y, F::zero(), |s, x, y| x.mul_add(y, s), |a, b| a + b)
}

/// The greatest of `x`; −∞ if there is none.
#[inline(always)]
pub(crate) fn max<F: Real>(x: &[F]) -> F {
    let greater = |a: F, b: F| if b > a { b } else { a };
    fold(x, x, F::neg_infinity(), |m, x, _| greater(m, x), greater)
}

/// Values whose products are summed by one thread.
const SERIAL: usize = 1 << 14;

/// Σ x·y in f64, over the threads of the pool. Halving down to a fixed size keeps the shape of the sum.
pub(crate) fn inner_product<F: Real>(x: &[F], y: &[F]) -> f64 {
    if x.len() <= SERIAL {
        return products(x, y);
    }
    let ((x, x_right), (y, y_right)) = (x.split_at(x.len() / 2), y.split_at(y.len() / 2));
    let (left, right) = rayon::join(|| inner_product(x, y), || inner_product(x_right, y_right));
    left + right
}

/// The same of every two of `all`, which are of one length: for each, those with itself and with the later ones. What is
/// summed by one thread stays in its cache for all of them.
pub(crate) fn inner_products<F: Real>(all: &[&[F]]) -> Vec<f64> {
    if all[0].len() <= SERIAL {
        let of = |place: usize| all[place..].iter().map(move |other| products(all[place], other));
        return (0..all.len()).flat_map(of).collect();
    }
    let (left, right): (Vec<_>, Vec<_>) = all.iter().map(|x| x.split_at(x.len() / 2)).unzip();
    let (mut left, right) = rayon::join(|| inner_products(&left), || inner_products(&right));
    left.iter_mut().zip(right).for_each(|(left, right)| *left += right);
    left
}

vectorised! {
    fn products<F>(x: &[F], y: &[F]) -> f64 {
        let mut lanes = [0.0f64; LANES];
        let ((x, x_rest), (y, y_rest)) = (x.as_chunks::<LANES>(), y.as_chunks::<LANES>());
        for (x, y) in x.iter().zip(y) {
            for l in 0..LANES {
                lanes[l] = x[l].wide().mul_add(y[l].wide(), lanes[l]);
            }
        }
        for (lane, (x, y)) in lanes.iter_mut().zip(x_rest.iter().zip(y_rest)) {
            *lane = x.wide().mul_add(y.wide(), *lane);
        }
        lanes.iter().sum()
    }
}
