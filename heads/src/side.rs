//! What a head reads beside its row's hidden state: `X` values that other heads or a layer of its own make of the same row, projected to its logits.
//!
//! It is a product of its own, added to the logits: so a head without it is a plain one, which transformers knows.

use mtlift_nn::{Gradients, Init, Layout, Mat, Precision, Real, Role, Store, gemm};
use ndarray::{ArrayView2, ArrayViewMut2};

use crate::HeadCache;

/// The weight `[L, X]` of a head's side input; the head has the bias.
#[derive(Clone, Copy, Debug)]
pub struct Side {
    weight: Mat,
}

impl Side {
    /// Lays out `{name}.weight` as a part of the `place`th head, of `labels` logits.
    pub fn new(layout: &mut Layout, place: usize, name: &str, inputs: usize, labels: usize) -> Self {
        let lay = |layout: &mut Layout| layout.matrix(format!("{name}.weight"), labels, inputs);
        Self { weight: layout.with_role(Role::Side(place), lay) }
    }

    /// `X`.
    pub fn inputs(self) -> usize {
        self.weight.columns()
    }

    /// Adds to the logits of the head's last forward.
    ///
    /// # Shapes
    /// - x: `[S, X]`
    pub fn forward<F: Real>(self, params: &Store<F>, x: ArrayView2<'_, F>, cache: &mut HeadCache<F>) {
        gemm(x, params.mat(self.weight).reversed_axes(), Init::Accumulate, cache.logits.view_mut());
    }

    /// Adds the gradient of the weight, by that of the logits, which the loss has left in the cache.
    ///
    /// # Shapes
    /// - x: `[S, X]`, the input of `forward`
    pub fn backward_params<F: Real>(
        self,
        grads: &mut Gradients<F>,
        x: ArrayView2<'_, F>,
        cache: &HeadCache<F>,
    ) {
        grads.add_product(self.weight, Precision::Float32, cache.dlogits(), x);
    }

    /// The gradient of the input, by that of the logits, which the loss has left in the cache.
    ///
    /// # Shapes
    /// - dx: `[S, X]`, overwritten
    pub fn backward_input<F: Real>(self, params: &Store<F>, cache: &HeadCache<F>, dx: ArrayViewMut2<'_, F>) {
        gemm(cache.dlogits(), params.mat(self.weight), Init::Zero, dx);
    }
}

#[cfg(test)]
mod tests {
    use mtlift_nn::check::{Problem, random};

    use super::*;

    #[test]
    fn gradients() {
        let mut layout = Layout::default();
        let side = Side::new(&mut layout, 0, "side", 4, 3);
        let (rows, logits) = (5, random("logits", &[5, 3]));
        let cache = |dlogits: Option<&ndarray::Array2<f64>>| {
            let mut cache = HeadCache::default();
            cache.logits.shape(rows, 3).view_mut().assign(&logits);
            if let Some(given) = dlogits {
                cache.logits_and_gradient().1.assign(given);
            }
            cache
        };
        Problem::random(&layout, &[rows, 4], &[rows, 3]).check(
            |params, x, mut y| {
                let mut cache = cache(None);
                side.forward(params, x.view(), &mut cache);
                y.assign(&cache.logits());
            },
            |params, x, dy, dx, grads| {
                let cache = cache(Some(dy));
                side.backward_params(grads, x.view(), &cache);
                side.backward_input(params, &cache, dx);
            },
        );
    }
}
