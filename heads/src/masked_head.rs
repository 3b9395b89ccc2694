//! The head of masked-language modelling: from the hidden states of masked tokens to logits over the vocabulary, and back.
//!
//! Only the masked places go through it: about one in seven, and the output is the widest product of the network.

use mtlift_nn::{
    Activation, Buffer, Gradients, Init, LayerNorm, LayerNormCache, Layout, Linear, Precision, Real, Role,
    Store, Table, vocabulary_cross_entropy,
};
use ndarray::ArrayView2;

use crate::MaskedForm;

/// The handles of a head over a vocabulary of `V` tokens.
#[derive(Clone, Copy, Debug)]
pub struct MaskedHead {
    dense: Linear,
    activation: Activation,
    norm: LayerNorm,
    output: Linear,
}

/// What backward needs, and the logits. Rows are the masked places, `M` of them; `E` is the width of the word embedding.
#[derive(Clone, Debug, Default)]
pub struct MaskedCache<F> {
    /// `[M, H]`: the hidden states of the places.
    masked: Buffer<F>,
    /// `[M, E]`: the activation's input; after backward, its output.
    dense: Buffer<F>,
    /// `[M, E]`: what is normalised.
    active: Buffer<F>,
    norm: LayerNormCache<F>,
    /// `[M, E]`: what is compared with the embeddings of all words.
    normal: Buffer<F>,
    /// `[M, E]`: gradients on their way down.
    d: Buffer<F>,
    /// `[M, V]`: the logits, and after the loss their gradient.
    logits: Buffer<F>,
}

impl MaskedHead {
    /// Lays out a head, the `place`th on its encoder, over `hidden` values, whose output is tied to `words`, the encoder's word embedding. `activation` is
    /// the encoder's, for the forms that have none of their own.
    pub fn new(
        layout: &mut Layout,
        place: usize,
        form: MaskedForm,
        hidden: usize,
        words: Table,
        activation: Activation,
        layer_norm_eps: f64,
    ) -> Self {
        let width = words.mat().columns();
        let (dense, norm) = layout.with_role(Role::Hidden(place), |layout| {
            let dense = Linear::new(layout, form.dense, hidden, width);
            (dense, LayerNorm::new(layout, form.norm, width, layer_norm_eps))
        });
        let output =
            layout.with_role(Role::Projection(place), |layout| Linear::tied(layout, words, form.bias));
        Self { dense, activation: form.activation.unwrap_or(activation), norm, output }
    }

    /// The same head with matrix products of this precision.
    #[must_use]
    pub fn in_precision(self, precision: Precision) -> Self {
        let (dense, output) = (self.dense.in_precision(precision), self.output.in_precision(precision));
        Self { dense, output, ..self }
    }

    /// Leaves the logits of the tokens at `places` in the cache.
    ///
    /// # Shapes
    /// - hidden: `[T, H]`
    /// - places: `[M]`, each below `T`
    pub fn forward<F: Real>(
        self,
        params: &Store<F>,
        hidden: ArrayView2<'_, F>,
        places: &[usize],
        cache: &mut MaskedCache<F>,
    ) {
        let (rows, hidden_width, width) = (places.len(), self.dense.inputs(), self.dense.outputs());
        let masked = cache.masked.shape(rows, hidden_width);
        for (row, &place) in masked.slice_mut().chunks_exact_mut(hidden_width).zip(places) {
            hidden.row(place).iter().zip(row).for_each(|(&x, to)| *to = x);
        }
        let dense = cache.dense.shape(rows, width);
        self.dense.forward(params, masked.view(), dense.view_mut());
        let active = cache.active.shape(rows, width);
        self.activation.forward(dense.slice(), active.slice_mut());
        let normal = cache.normal.shape(rows, width);
        let statistics = cache.norm.statistics.shape(rows, 2);
        self.norm.forward(params, active.slice(), normal.slice_mut(), statistics.slice_mut());
        self.output.forward(
            params,
            normal.view(),
            cache.logits.shape(rows, self.output.outputs()).view_mut(),
        );
    }

    /// Takes the gradient of the logits from the cache and adds that of the hidden states to `dhidden`.
    ///
    /// # Shapes
    /// - places: as in `forward`
    /// - dhidden: `[T, H]`
    pub fn backward<F: Real>(
        self,
        params: &Store<F>,
        places: &[usize],
        cache: &mut MaskedCache<F>,
        dhidden: &mut Buffer<F>,
        grads: &mut Gradients<F>,
    ) {
        let (rows, hidden_width, width) = (places.len(), self.dense.inputs(), self.dense.outputs());
        let dlogits = cache.logits.view();
        self.output.backward_params(grads, cache.normal.view(), dlogits);
        let d = cache.d.shape(rows, width);
        self.output.backward_input(params, dlogits, Init::Zero, d.view_mut());
        let LayerNormCache { statistics, partial } = &mut cache.norm;
        let sums = partial.shape(1, 2 * width).slice_mut();
        self.norm.backward(params, cache.active.slice(), statistics.slice(), d.slice_mut(), sums);
        self.norm.accumulate(partial, grads);
        self.activation.backward(cache.dense.slice_mut(), d.slice_mut());
        self.dense.backward_params(grads, cache.masked.view(), d.view());
        // `masked` is done with: it takes the gradient of the places' hidden states.
        self.dense.backward_input(params, d.view(), Init::Zero, cache.masked.view_mut());
        for (row, &place) in cache.masked.slice().chunks_exact(hidden_width).zip(places) {
            mtlift_nn::add(&mut dhidden.slice_mut()[place * hidden_width..], row);
        }
    }
}

impl<F: Real> MaskedCache<F> {
    /// `[M, V]`: the logits of the last forward, until the loss is taken.
    pub fn logits(&self) -> ArrayView2<'_, F> {
        self.logits.view()
    }

    /// How many of the places have their own token's logit above all others.
    ///
    /// # Panics
    /// If there are not as many targets as places.
    #[track_caller]
    pub fn hits(&self, targets: &[u32]) -> usize {
        let logits = self.logits();
        assert_eq!(logits.nrows(), targets.len(), "a target for each place");
        let hit = |row: ndarray::ArrayView1<'_, F>, target: usize| {
            row.iter().enumerate().all(|(token, &x)| token == target || x < row[target])
        };
        let rows = logits.rows().into_iter().zip(targets);
        rows.filter(|(row, target)| hit(*row, **target as usize)).count()
    }

    /// The cross-entropy summed over the places, whose tokens were `targets`. The gradient of the logits, times `weight`,
    /// takes their place for [`MaskedHead::backward`].
    ///
    /// # Panics
    /// If there are not as many targets as places, or a target is outside the vocabulary.
    #[track_caller]
    pub fn loss(&mut self, targets: &[u32], weight: f64) -> f64 {
        vocabulary_cross_entropy(self.logits.view_mut(), targets, F::of(weight))
    }

    /// The place of the logits' gradient, `[M, V]`.
    pub fn dlogits_mut(&mut self) -> ndarray::ArrayViewMut2<'_, F> {
        self.logits.view_mut()
    }
}
