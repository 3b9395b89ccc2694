//! The end of both halves of a block: `y = norm(dropout(branch) + x)`.
//!
//! One pass over each sequence while it is in the cache, instead of three over the batch.

use mtlift_nn::{
    Buffer, Dropout, DropoutStep, Gradients, LayerNorm, LayerNormCache, PerSequence, Real, Segments, Store,
    for_each_sequence,
};
use ndarray::ArrayView2;

/// Dropout, the residual connection and the normalisation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Residual {
    pub(crate) norm: LayerNorm,
    pub(crate) dropout: Dropout,
    pub(crate) site: u32,
}

impl Residual {
    /// # Shapes
    /// - x: `[T, H]`
    /// - sum: `[T, H]`, holds the branch and becomes `dropout(branch) + x`
    /// - y: `[T, H]`, overwritten
    pub(crate) fn forward<F: Real>(
        self,
        params: &Store<F>,
        offsets: &[usize],
        step: Option<DropoutStep<'_>>,
        x: ArrayView2<'_, F>,
        sum: &mut Buffer<F>,
        cache: &mut LayerNormCache<F>,
        y: &mut Buffer<F>,
    ) {
        let (rows, width) = x.dim();
        let x = x.to_slice().expect("activations are contiguous");
        let outputs = (
            Segments::new(sum.slice_mut(), offsets, width),
            Segments::new(y.shape(rows, width).slice_mut(), offsets, width),
            Segments::new(cache.statistics.shape(rows, 2).slice_mut(), offsets, 2),
        );
        for_each_sequence(offsets.len() - 1, outputs, |b, (sum, y, statistics)| {
            let sum = sum.first();
            self.dropout.apply(step, self.site, b, sum);
            mtlift_nn::add(sum, &x[offsets[b] * width..offsets[b + 1] * width]);
            self.norm.forward(params, sum, y.first(), statistics.first());
        });
    }

    /// # Shapes
    /// - sum, cache: as `forward` left them
    /// - d: `[T, H]`, the gradient of y; becomes that of the sum, and so the residual's share of that of x
    /// - dbranch: `[T, H]`, overwritten
    pub(crate) fn backward<F: Real>(
        self,
        params: &Store<F>,
        offsets: &[usize],
        step: Option<DropoutStep<'_>>,
        sum: &Buffer<F>,
        cache: &mut LayerNormCache<F>,
        d: &mut Buffer<F>,
        dbranch: &mut Buffer<F>,
        grads: &mut Gradients<F>,
    ) {
        let (rows, width) = (sum.rows(), self.norm.width());
        let sequences = offsets.len() - 1;
        let LayerNormCache { statistics, partial } = cache;
        let outputs = (
            Segments::new(d.slice_mut(), offsets, width),
            Segments::new(dbranch.shape(rows, width).slice_mut(), offsets, width),
            PerSequence::new(partial.shape(sequences, 2 * width).slice_mut(), 2 * width),
        );
        for_each_sequence(sequences, outputs, |b, (d, dbranch, partial)| {
            let (d, dbranch) = (d.first(), dbranch.first());
            let (from, to) = (offsets[b], offsets[b + 1]);
            // y = norm(sum), sum = dropout(branch) + x
            let sum = &sum.slice()[from * width..to * width];
            self.norm.backward(params, sum, &statistics.slice()[2 * from..2 * to], d, partial.first());
            self.dropout.apply_to(step, self.site, b, d, dbranch);
        });
        self.norm.accumulate(partial, grads);
    }
}
