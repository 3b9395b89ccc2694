//! What becomes of a step's gradients: they are clipped, and the optimiser takes its step with them.

use mtlift_nn::{AdamW, AdamWConfig, Gradients, Layout, Store};

/// Gradients and the optimiser that uses them up.
#[derive(Debug)]
pub(crate) struct Updater {
    /// Of the step at hand; zero between steps.
    pub(crate) grads: Gradients<f32>,
    pub(crate) optimizer: AdamW<f32>,
    /// The greatest norm of the gradients.
    clip: f64,
}

impl Updater {
    pub(crate) fn new(layout: &Layout, optimizer: AdamWConfig, clip: f64) -> Self {
        Self { grads: layout.gradients(), optimizer: AdamW::new(optimizer, layout), clip }
    }

    /// Takes the optimiser's step at rate `lr`, if the step's loss and the gradients' norm, which it gives, are finite. The
    /// gradients are gone either way.
    pub(crate) fn update(&mut self, params: &mut Store<f32>, loss: f64, lr: f64) -> f64 {
        let norm = self.grads.norm();
        if loss.is_finite() && norm.is_finite() {
            // As PyTorch's clip_grad_norm_.
            let clip = (self.clip / (norm + 1e-6)).min(1.0);
            self.optimizer.step(params, &mut self.grads, lr, clip);
        } else {
            self.grads.clear();
        }
        norm
    }
}
