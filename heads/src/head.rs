//! A head: from the hidden states of some of a batch's sequences to logits, and back.

use mtlift_nn::{
    Activation, Buffer, Dropout, DropoutStep, Gradients, Init, Layout, Linear, Real, Role, Store,
};
use ndarray::ArrayView2;

use crate::Form;

/// Dropout sites of heads, far from those of any encoder.
const INPUT_SITE: u32 = u32::MAX - 1;
const DENSE_SITE: u32 = u32::MAX;

/// The handles of a head.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    dense: Linear,
    activation: Activation,
    drops_input: bool,
    projection: Linear,
    dropout: Dropout,
}

/// What a head reads.
#[derive(Clone, Copy, Debug)]
pub struct HeadInput<'a, F> {
    /// `[T, H]`: the hidden states of the batch.
    pub hidden: ArrayView2<'a, F>,
    /// `[B + 1]`: where its sequences begin.
    pub offsets: &'a [usize],
    /// The sequences that are this head's, of those in the batch.
    pub sequences: &'a [usize],
    /// The step's dropout; none in evaluation.
    pub dropout: Option<DropoutStep<'a>>,
}

/// What backward needs, and the logits. Rows are the head's sequences, `S` of them.
#[derive(Clone, Debug, Default)]
pub struct HeadCache<F> {
    /// `[S, H]`: the first tokens' hidden states, dropped out.
    first: Buffer<F>,
    /// `[S, H]`: the activation's input; after backward, its output.
    dense: Buffer<F>,
    /// `[S, H]`: what is projected.
    active: Buffer<F>,
    /// `[S, H]`: gradients on their way down.
    d: Buffer<F>,
    /// `[S, L]`
    pub(crate) logits: Buffer<F>,
    /// `[S, L]`: the gradient of the logits, for the loss to fill.
    dlogits: Buffer<F>,
}

impl Head {
    /// Lays out a head over `hidden` values with `labels` outputs.
    pub fn new(layout: &mut Layout, form: Form, hidden: usize, labels: usize, dropout: f64) -> Self {
        Self::placed(layout, 0, "", form, hidden, labels, dropout)
    }

    /// As [`Head::new`], the `place`th of several heads on one encoder, with `prefix` before each name.
    pub fn placed(
        layout: &mut Layout,
        place: usize,
        prefix: &str,
        form: Form,
        hidden: usize,
        labels: usize,
        dropout: f64,
    ) -> Self {
        let linear = |layout: &mut Layout, role, name, outputs| {
            layout.with_role(role, |layout| Linear::new(layout, &format!("{prefix}{name}"), hidden, outputs))
        };
        let dense = if form.pools { Role::Pooler(place) } else { Role::Hidden(place) };
        Self {
            dense: linear(layout, dense, form.dense, hidden),
            activation: form.activation,
            drops_input: form.drops_input,
            projection: linear(layout, Role::Projection(place), form.projection, labels),
            dropout: Dropout::new(dropout),
        }
    }

    /// `L`.
    pub fn labels(self) -> usize {
        self.projection.outputs()
    }

    /// The logits are left in the cache, see [`HeadCache::logits`].
    pub fn forward<F: Real>(self, params: &Store<F>, input: HeadInput<'_, F>, cache: &mut HeadCache<F>) {
        let (rows, hidden) = (input.sequences.len(), self.dense.inputs());
        let first = cache.first.shape(rows, hidden);
        for (row, &b) in first.slice_mut().chunks_exact_mut(hidden).zip(input.sequences) {
            input.hidden.row(input.offsets[b]).iter().zip(&mut *row).for_each(|(&x, to)| *to = x);
            if self.drops_input {
                self.dropout.apply(input.dropout, INPUT_SITE, b, row);
            }
        }
        let dense = cache.dense.shape(rows, hidden);
        self.dense.forward(params, first.view(), dense.view_mut());
        let active = cache.active.shape(rows, hidden);
        self.activation.forward(dense.slice(), active.slice_mut());
        self.drop_dense(input, active);
        self.projection.forward(params, active.view(), cache.logits.shape(rows, self.labels()).view_mut());
    }

    /// Takes the gradient of the logits from the cache and adds that of the hidden states to `dhidden`.
    ///
    /// # Shapes
    /// - input: as in `forward`
    /// - dhidden: `[T, H]`
    pub fn backward<F: Real>(
        self,
        params: &Store<F>,
        input: HeadInput<'_, F>,
        cache: &mut HeadCache<F>,
        dhidden: &mut Buffer<F>,
        grads: &mut Gradients<F>,
    ) {
        let (rows, hidden) = (input.sequences.len(), self.dense.inputs());
        let dlogits = cache.dlogits.view();
        self.projection.backward_params(grads, cache.active.view(), dlogits);
        let d = cache.d.shape(rows, hidden);
        self.projection.backward_input(params, dlogits, Init::Zero, d.view_mut());
        self.drop_dense(input, d);
        self.activation.backward(cache.dense.slice_mut(), d.slice_mut());
        self.dense.backward_params(grads, cache.first.view(), d.view());
        // `active` is done with: it takes the gradient of the first tokens' hidden states.
        let dfirst = &mut cache.active;
        self.dense.backward_input(params, d.view(), Init::Zero, dfirst.view_mut());
        for (row, &b) in dfirst.slice_mut().chunks_exact_mut(hidden).zip(input.sequences) {
            if self.drops_input {
                self.dropout.apply(input.dropout, INPUT_SITE, b, row);
            }
            mtlift_nn::add(&mut dhidden.slice_mut()[input.offsets[b] * hidden..], row);
        }
    }

    fn drop_dense<F: Real>(self, input: HeadInput<'_, F>, rows: &mut Buffer<F>) {
        let width = self.dense.outputs();
        for (row, &b) in rows.slice_mut().chunks_exact_mut(width).zip(input.sequences) {
            self.dropout.apply(input.dropout, DENSE_SITE, b, row);
        }
    }
}

impl<F: Real> HeadCache<F> {
    /// `[S, L]`: the logits of the last forward.
    pub fn logits(&self) -> ArrayView2<'_, F> {
        self.logits.view()
    }

    /// `[S, H]`: what the last forward projected to the logits; gone after backward.
    pub fn features(&self) -> ArrayView2<'_, F> {
        self.active.view()
    }

    /// `[S, L]`: the gradient of the logits that the loss has left.
    pub(crate) fn dlogits(&self) -> ArrayView2<'_, F> {
        self.dlogits.view()
    }

    /// The logits, and the place for their gradient.
    pub fn logits_and_gradient(&mut self) -> (ArrayView2<'_, F>, ndarray::ArrayViewMut2<'_, F>) {
        let (rows, labels) = self.logits.view().dim();
        (self.logits.view(), self.dlogits.shape(rows, labels).view_mut())
    }
}
