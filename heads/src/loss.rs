//! The loss of a task's rows, by the kind of their targets.

use mtlift_nn::{Real, cross_entropy, mean_squared_error, soft_cross_entropy};
use ndarray::ArrayView2;

use crate::HeadCache;

/// What the rows of a head should have come to.
#[derive(Clone, Copy, Debug)]
pub enum Targets<'a> {
    /// `[S]`: classes, each below `L`; the loss is cross-entropy.
    Classes(&'a [usize]),
    /// As [`Targets::Classes`], with `[S]` weights of the rows' losses.
    WeightedClasses(&'a [usize], &'a [f64]),
    /// `[S, L]`: a distribution over the classes for each row, at a temperature, and the rows' weights if they have such; the loss is
    /// cross-entropy with it.
    Distributions(ArrayView2<'a, f64>, f64, Option<&'a [f64]>),
    /// `[S]`: values; the loss is the squared error, and `L` is 1.
    Values(&'a [f32]),
}

/// The loss summed over the head's rows, on top of the sum `before` over earlier rows of the step. The gradient of the logits, times `weight`, is left for
/// [`Head::backward`](crate::Head::backward): a weight of one over the number of examples of the whole step makes
/// the step's loss their mean.
///
/// # Panics
/// If the targets or their weights are not as many as the rows, or a class is not below `L`.
#[track_caller]
pub fn loss<F: Real>(cache: &mut HeadCache<F>, targets: Targets<'_>, weight: f64, before: f64) -> f64 {
    let (logits, dlogits) = cache.logits_and_gradient();
    match targets {
        Targets::Classes(classes) => cross_entropy(logits, classes, None, F::of(weight), dlogits, before),
        Targets::WeightedClasses(classes, row_weights) => {
            cross_entropy(logits, classes, Some(row_weights), F::of(weight), dlogits, before)
        }
        Targets::Distributions(wanted, temperature, row_weights) => {
            soft_cross_entropy(logits, wanted, temperature, row_weights, F::of(weight), dlogits, before)
        }
        Targets::Values(values) => mean_squared_error(logits, values, F::of(weight), dlogits, before),
    }
}
