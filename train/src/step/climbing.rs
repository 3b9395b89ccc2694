//! A step whose gradient is taken at the steepest point nearby (`mtlift_schedule::FlatMinima`): the parameters are moved there, and put back to
//! the bit before the update.

use mtlift_nn::{Gradients, Store};
use mtlift_schedule::FlatMinima;

/// The way there and back.
#[derive(Debug)]
pub(super) struct Climbing {
    pub(super) flat_minima: FlatMinima,
    /// The parameters of the step while they are elsewhere.
    start: Vec<f32>,
}

impl Climbing {
    pub(super) fn new(flat_minima: FlatMinima) -> Self {
        Self { flat_minima, start: Vec::new() }
    }

    /// Replaces gradients by those that `again` adds at the steepest point.
    pub(super) fn replace(
        &mut self,
        params: &mut Store<f32>,
        grads: &mut Gradients<f32>,
        again: impl FnOnce(&Store<f32>, &mut Gradients<f32>),
    ) {
        self.start.clear();
        self.start.extend_from_slice(params.values());
        grads.climb(params, self.flat_minima.radius(), self.flat_minima.is_adaptive());
        grads.clear();
        again(params, grads);
        params.values_mut().copy_from_slice(&self.start);
    }
}
