//! The loss that keeps hidden states small: the sum of their absolute values, beside whatever the heads add to their gradient.

use mtlift_nn::{Buffer, Real, absolute_sum};

/// Begins the gradient of hidden states, before any head adds to it: that of `shrink` times the sum of their absolute values, which it
/// gives. With 0 it is zero, whatever the values.
pub(crate) fn begin_gradient<F: Real>(hidden: &Buffer<F>, shrink: f64, d: &mut Buffer<F>) -> f64 {
    let (rows, columns) = hidden.view().dim();
    let d = d.shape(rows, columns).slice_mut();
    if shrink == 0.0 {
        d.fill(F::zero());
        return 0.0;
    }
    shrink * absolute_sum(hidden.slice(), F::of(shrink), d)
}
