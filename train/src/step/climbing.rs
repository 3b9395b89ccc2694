//! A step whose gradient is taken at the steepest point nearby (`mtlift_schedule::FlatMinima`): the parameters are moved there, and put back to
//! the bit before the update.

use mtlift_nn::{Entry, Gradients, Role, Store};
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
        self.leave(params);
        self.climb(params, grads, |_| true);
        grads.clear();
        again(params, grads);
        self.return_to_start(params);
    }

    /// Does something at the steepest point of these gradients, to which the encoder and what is on it climb each by themselves.
    pub(super) fn at_the_top_of_each_part(
        &mut self,
        params: &mut Store<f32>,
        grads: &Gradients<f32>,
        there: impl FnOnce(&Store<f32>),
    ) {
        self.leave(params);
        self.climb(params, grads, |entry| entry.role == Role::Encoder);
        self.climb(params, grads, |entry| entry.role != Role::Encoder);
        there(params);
        self.return_to_start(params);
    }

    fn leave(&mut self, params: &Store<f32>) {
        self.start.clear();
        self.start.extend_from_slice(params.values());
    }

    fn climb(&self, params: &mut Store<f32>, grads: &Gradients<f32>, of: impl Fn(&Entry) -> bool) {
        grads.climb(params, self.flat_minima.radius(), self.flat_minima.is_adaptive(), of);
    }

    fn return_to_start(&self, params: &mut Store<f32>) {
        params.values_mut().copy_from_slice(&self.start);
    }
}
