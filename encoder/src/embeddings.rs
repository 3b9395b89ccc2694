//! Token ids to the first hidden states: the sum of the tables' rows, normalised, dropped out, and projected to `H` where they
//! are of another width.

use mtlift_nn::{
    Buffer, Dropout, Embedding, Gradients, Init, LayerNorm, LayerNormCache, Layout, Linear, PerSequence,
    Real, Segments, Store, for_each_sequence,
};
use ndarray::ArrayView2;

use crate::family::PositionCount;
use crate::{Config, Input};

/// The tables and what follows them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Embeddings {
    words: Embedding,
    positions: Embedding,
    segments: Option<Embedding>,
    norm: LayerNorm,
    dropout: Dropout,
    projection: Option<Linear>,
    reads_segments: bool,
    first_position: u32,
    /// The token that [`PositionCount::AfterPadding`] does not count.
    uncounted: Option<u32>,
}

/// What backward needs beside the batch.
#[derive(Clone, Debug, Default)]
pub(crate) struct EmbeddingsCache<F> {
    /// `[T]`: the row of the position table for each token.
    positions: Vec<u32>,
    /// `[T, E]`: the sum of the rows.
    sum: Buffer<F>,
    norm: LayerNormCache<F>,
    /// `[T, E]`: what is projected; the output itself where nothing is.
    normal: Buffer<F>,
    /// `[T, H]`: what was projected.
    projected: Buffer<F>,
}

impl Embeddings {
    /// Dropout site 0 of the network.
    const SITE: u32 = 0;

    pub(crate) fn new(layout: &mut Layout, config: &Config) -> Self {
        let prefix = config.family.prefix();
        let name = |part: &str| format!("{prefix}.embeddings.{part}");
        let width = config.embedding;
        Self {
            words: Embedding::new(layout, &name("word_embeddings"), config.vocabulary, width),
            positions: Embedding::new(layout, &name("position_embeddings"), config.positions, width),
            segments: (config.segments > 0)
                .then(|| Embedding::new(layout, &name("token_type_embeddings"), config.segments, width)),
            norm: LayerNorm::new(layout, &name("LayerNorm"), width, config.layer_norm_eps),
            dropout: Dropout::new(config.hidden_dropout),
            projection: (width != config.hidden).then(|| {
                Linear::new(layout, &format!("{prefix}.embeddings_project"), width, config.hidden)
                    .in_precision(config.precision)
            }),
            reads_segments: config.reads_segments(),
            first_position: config.first_position() as u32,
            uncounted: (config.family.positions == PositionCount::AfterPadding)
                .then_some(config.pad_token as u32),
        }
    }

    pub(crate) fn words(self) -> Embedding {
        self.words
    }

    pub(crate) fn pack<F: Real>(self, params: &mut Store<F>) {
        if let Some(projection) = self.projection {
            projection.pack(params);
        }
    }

    pub(crate) fn forward<F: Real>(
        self,
        params: &Store<F>,
        input: &Input<'_>,
        cache: &mut EmbeddingsCache<F>,
    ) {
        self.number_positions(input, &mut cache.positions);
        let (tokens, width) = (input.ids.len(), self.norm.width());
        let positions = &cache.positions;
        let outputs = (
            Segments::new(cache.sum.shape(tokens, width).slice_mut(), input.offsets, width),
            Segments::new(cache.normal.shape(tokens, width).slice_mut(), input.offsets, width),
            Segments::new(cache.norm.statistics.shape(tokens, 2).slice_mut(), input.offsets, 2),
        );
        for_each_sequence(input.sequences(), outputs, |b, (sum, normal, statistics)| {
            let (sum, normal) = (sum.first(), normal.first());
            let tokens = input.offsets[b]..input.offsets[b + 1];
            sum.fill(F::zero());
            self.words.forward(params, input.ids[tokens.clone()].iter().copied(), sum);
            self.positions.forward(params, positions[tokens.clone()].iter().copied(), sum);
            if let Some(segments) = self.segments {
                segments.forward(params, self.segments_of(&input.segments[tokens]), sum);
            }
            self.norm.forward(params, sum, normal, statistics.first());
            self.dropout.apply(input.dropout, Self::SITE, b, normal);
        });
        if let Some(projection) = self.projection {
            projection.forward(
                params,
                cache.normal.view(),
                cache.projected.shape(tokens, projection.outputs()).view_mut(),
            );
        }
    }

    /// Calls `visit` with the projection, if there is one, and what the last `forward` gave it.
    pub(crate) fn visit_linear_input<F: Real>(
        self,
        cache: &EmbeddingsCache<F>,
        visit: &mut impl FnMut(Linear, ArrayView2<'_, F>),
    ) {
        if let Some(projection) = self.projection {
            visit(projection, cache.normal.view());
        }
    }

    /// # Shapes
    /// - d: `[T, H]`, the gradient of the output
    /// - working: overwritten
    pub(crate) fn backward<F: Real>(
        self,
        params: &Store<F>,
        input: &Input<'_>,
        cache: &mut EmbeddingsCache<F>,
        d: &mut Buffer<F>,
        working: &mut Buffer<F>,
        grads: &mut Gradients<F>,
    ) {
        let (tokens, width) = (input.ids.len(), self.norm.width());
        let d = match self.projection {
            None => d,
            Some(projection) => {
                projection.backward_params(grads, cache.normal.view(), d.view());
                projection.backward_input(
                    params,
                    d.view(),
                    Init::Zero,
                    working.shape(tokens, width).view_mut(),
                );
                working
            }
        };
        let LayerNormCache { statistics, partial } = &mut cache.norm;
        let partials = PerSequence::new(partial.shape(input.sequences(), 2 * width).slice_mut(), 2 * width);
        let sum = cache.sum.slice();
        let outputs = (Segments::new(d.slice_mut(), input.offsets, width), partials);
        for_each_sequence(input.sequences(), outputs, |b, (d, partial)| {
            let d = d.first();
            let (from, to) = (input.offsets[b], input.offsets[b + 1]);
            // normal = dropout(norm(sum))
            self.dropout.apply(input.dropout, Self::SITE, b, d);
            let (sum, statistics) = (&sum[from * width..to * width], &statistics.slice()[2 * from..2 * to]);
            self.norm.backward(params, sum, statistics, d, partial.first());
        });
        self.norm.accumulate(partial, grads);
        // sum = words + positions + segments
        self.words.backward(grads, input.ids.iter().copied(), d.slice());
        self.positions.backward(grads, cache.positions.iter().copied(), d.slice());
        if let Some(segments) = self.segments {
            segments.backward(grads, self.segments_of(input.segments), d.slice());
        }
    }

    fn segments_of(self, segments: &[u32]) -> impl Iterator<Item = u32> {
        segments.iter().map(move |&segment| if self.reads_segments { segment } else { 0 })
    }

    /// Counts as the family's [`PositionCount`] says.
    fn number_positions(self, input: &Input<'_>, positions: &mut Vec<u32>) {
        positions.clear();
        for pair in input.offsets.windows(2) {
            let mut next = self.first_position;
            for &id in &input.ids[pair[0]..pair[1]] {
                if Some(id) == self.uncounted {
                    positions.push(id);
                } else {
                    positions.push(next);
                    next += 1;
                }
            }
        }
    }
}

impl<F: Real> EmbeddingsCache<F> {
    /// `[T, H]`: the output.
    pub(crate) fn output(&self, embeddings: Embeddings) -> &Buffer<F> {
        if embeddings.projection.is_some() { &self.projected } else { &self.normal }
    }
}
