//! Scaled dot-product attention (Vaswani et al. 2017) over packed rows: each sequence attends to itself.
//!
//! There is no mask and no padding: a (sequence, head) pair is a product of its own rows. Sequences are spread
//! over threads; the heads of one follow each other, because their columns interleave in memory.

use ndarray::{ArrayView2, ArrayViewMut2, s};

use crate::dropout::{Dropout, DropoutStep};
use crate::gemm::{Init, serial};
use crate::parallel::{Segments, for_each_sequence, rows_of};
use crate::{Buffer, Precision, Real, softmax_backward_rows, softmax_rows};

/// `N` heads of width `D`.
#[derive(Clone, Copy, Debug)]
pub struct Attention {
    heads: usize,
    width: usize,
    dropout: Dropout,
    /// Head n drops at site `site + n`.
    site: u32,
    precision: Precision,
}

/// Where the rows of each sequence begin, `[B + 1]` both.
#[derive(Clone, Copy, Debug)]
pub struct Spans<'a> {
    /// Of its tokens, which are attended to.
    pub tokens: &'a [usize],
    /// Of its queries: the first so many of its tokens ask.
    pub queries: &'a [usize],
}

/// What backward needs beside the projections.
#[derive(Clone, Debug, Default)]
pub struct AttentionCache<F> {
    /// `[B + 1]`: where each sequence's products of queries and tokens begin.
    areas: Vec<usize>,
    /// For each sequence `[N, queries, tokens]`: the attention before dropout.
    probabilities: Buffer<F>,
}

/// Matrices `[queries, tokens]` for each sequence: working memory that all layers share.
#[derive(Clone, Debug, Default)]
pub struct AttentionScratch<F>(Buffer<F>);

impl Attention {
    /// `heads` heads of `width` columns, which drop attention at sites `site..site + heads`.
    pub fn new(heads: usize, width: usize, dropout: Dropout, site: u32) -> Self {
        Self { heads, width, dropout, site, precision: Precision::Float32 }
    }

    /// The same with products of this precision; in float32 for int8, which is for weights.
    #[must_use]
    pub fn in_precision(self, precision: Precision) -> Self {
        let precision = if precision == Precision::Int8 { Precision::Float32 } else { precision };
        Self { precision, ..self }
    }

    /// # Shapes
    /// - qkv: `[T, 3H]`, queries, keys and values side by side
    /// - context: `[Q, H]`, a row for each query, overwritten
    pub fn forward<F: Real>(
        self,
        qkv: ArrayView2<'_, F>,
        spans: Spans<'_>,
        step: Option<DropoutStep<'_>>,
        cache: &mut AttentionCache<F>,
        scratch: &mut AttentionScratch<F>,
        context: &mut Buffer<F>,
    ) {
        let (sequences, hidden) = (spans.sequences(), self.heads * self.width);
        cache.shape(spans, self.heads);
        let context = context.shape(spans.queries[sequences], hidden).slice_mut();
        let scratch = scratch.0.shape(cache.areas[sequences], 1).slice_mut();
        let outputs = (
            Segments::new(cache.probabilities.slice_mut(), &cache.areas, self.heads),
            Segments::new(scratch, &cache.areas, 1),
            Segments::new(context, spans.queries, hidden),
        );
        for_each_sequence(sequences, outputs, |b, (probabilities, scratch, context)| {
            let qkv = rows_of(qkv, spans.tokens, b);
            let area @ (queries, tokens) = spans.area(b);
            let (scratch, mut context) = (scratch.first(), context.first_matrix());
            for (head, p) in probabilities.first().chunks_exact_mut(queries * tokens).enumerate() {
                let [q, k, v] = self.parts(qkv, head);
                let q = q.slice_move(s![..queries, ..]);
                let context = context.slice_mut(s![.., self.columns(head)]);
                serial(self.precision, q, k.reversed_axes(), Init::Zero, matrix_mut(p, area));
                softmax_rows(p, tokens, self.scale());
                if self.dropout.is_active(step) {
                    self.dropout.apply_to(step, self.site + head as u32, b, p, scratch);
                    serial(self.precision, matrix(scratch, area), v, Init::Zero, context);
                } else {
                    serial(self.precision, matrix(p, area), v, Init::Zero, context);
                }
            }
        });
    }

    /// # Shapes
    /// - qkv, spans, step, cache: as in `forward`
    /// - dcontext: `[Q, H]`
    /// - dqkv: `[T, 3H]`, overwritten but for the queries of tokens that do not ask
    pub fn backward<F: Real>(
        self,
        qkv: ArrayView2<'_, F>,
        spans: Spans<'_>,
        step: Option<DropoutStep<'_>>,
        cache: &AttentionCache<F>,
        scratch: &mut AttentionScratch<F>,
        dcontext: ArrayView2<'_, F>,
        dqkv: &mut Buffer<F>,
    ) {
        let sequences = spans.sequences();
        let dqkv = dqkv.shape(qkv.nrows(), qkv.ncols()).slice_mut();
        let scratch = scratch.0.shape(cache.areas[sequences], 2).slice_mut();
        let outputs =
            (Segments::new(scratch, &cache.areas, 2), Segments::new(dqkv, spans.tokens, qkv.ncols()));
        for_each_sequence(sequences, outputs, |b, (scratch, dqkv)| {
            let (qkv, dcontext) = (rows_of(qkv, spans.tokens, b), rows_of(dcontext, spans.queries, b));
            let area @ (queries, tokens) = spans.area(b);
            let (dropped, dp) = scratch.first().split_at_mut(queries * tokens);
            let mut dqkv = dqkv.first_matrix();
            let area_of = cache.areas[b] * self.heads;
            for head in 0..self.heads {
                let [q, k, v] = self.parts(qkv, head);
                let q = q.slice_move(s![..queries, ..]);
                let dcontext = dcontext.slice(s![.., self.columns(head)]);
                let p = &cache.probabilities.slice()[area_of + head * queries * tokens..][..queries * tokens];
                let [dq, dk, dv] = self.parts_mut(dqkv.view_mut(), head);
                let dq = dq.slice_move(s![..queries, ..]);
                // context = dropout(p)·v
                serial(self.precision, dcontext, v.reversed_axes(), Init::Zero, matrix_mut(dp, area));
                self.dropout.apply_to_both(step, self.site + head as u32, b, p, dropped, dp);
                serial(self.precision, matrix(dropped, area).reversed_axes(), dcontext, Init::Zero, dv);
                // p = softmax(scale·scores), scores = q·kᵀ
                softmax_backward_rows(p, dp, tokens, self.scale());
                let dscores = matrix(dp, area);
                serial(self.precision, dscores, k, Init::Zero, dq);
                serial(self.precision, dscores.reversed_axes(), q, Init::Zero, dk);
            }
        });
    }

    fn scale<F: Real>(self) -> F {
        F::one() / F::of(self.width as f64).sqrt()
    }

    fn columns(self, head: usize) -> std::ops::Range<usize> {
        head * self.width..(head + 1) * self.width
    }

    /// Query, key and value of a head: three blocks of columns, `H` apart.
    fn parts<F>(self, qkv: ArrayView2<'_, F>, head: usize) -> [ArrayView2<'_, F>; 3] {
        let hidden = self.heads * self.width;
        std::array::from_fn(|part| {
            let from = part * hidden + head * self.width;
            qkv.slice_move(s![.., from..from + self.width])
        })
    }

    fn parts_mut<F>(self, qkv: ArrayViewMut2<'_, F>, head: usize) -> [ArrayViewMut2<'_, F>; 3] {
        let hidden = self.heads * self.width;
        let columns = self.columns(head);
        let (q, rest) = qkv.split_at(ndarray::Axis(1), hidden);
        let (k, v) = rest.split_at(ndarray::Axis(1), hidden);
        [q, k, v].map(|part| part.slice_move(s![.., columns.clone()]))
    }
}

impl<'a> Spans<'a> {
    /// Of sequences all of whose tokens ask.
    pub fn of_all(tokens: &'a [usize]) -> Self {
        Self { tokens, queries: tokens }
    }

    fn sequences(self) -> usize {
        self.tokens.len() - 1
    }

    /// How many queries a sequence has, and how many tokens.
    fn area(self, b: usize) -> (usize, usize) {
        (self.queries[b + 1] - self.queries[b], self.tokens[b + 1] - self.tokens[b])
    }
}

impl<F: Real> AttentionCache<F> {
    fn shape(&mut self, spans: Spans<'_>, heads: usize) {
        self.areas.clear();
        let mut total = 0;
        self.areas.push(total);
        for b in 0..spans.sequences() {
            let (queries, tokens) = spans.area(b);
            total += queries * tokens;
            self.areas.push(total);
        }
        self.probabilities.shape(total, heads);
    }
}

fn matrix<F>(values: &[F], shape: (usize, usize)) -> ArrayView2<'_, F> {
    ArrayView2::from_shape(shape, values).expect("a value for each query and token")
}

fn matrix_mut<F>(values: &mut [F], shape: (usize, usize)) -> ArrayViewMut2<'_, F> {
    ArrayViewMut2::from_shape(shape, values).expect("a value for each query and token")
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::Layout;
    use crate::check::{self, Problem};
    use crate::random::Stream;

    const KEYS: [u64; 3] = [8, 2, 5];
    const OFFSETS: [usize; 4] = [0, 3, 4, 8];
    /// All tokens ask; or two, one and four; or the first of each sequence.
    const SPANS: [Spans<'static>; 3] = [
        Spans { tokens: &OFFSETS, queries: &OFFSETS },
        Spans { tokens: &OFFSETS, queries: &[0, 2, 3, 7] },
        Spans { tokens: &OFFSETS, queries: &[0, 1, 2, 3] },
    ];

    fn step() -> DropoutStep<'static> {
        DropoutStep::new(Stream::new(1, "dropout"), 0, &KEYS)
    }

    fn forward(
        attention: Attention,
        spans: Spans<'_>,
        x: &Array2<f64>,
        step: Option<DropoutStep<'_>>,
    ) -> (AttentionCache<f64>, Buffer<f64>) {
        let (mut cache, mut context) = Default::default();
        attention.forward(x.view(), spans, step, &mut cache, &mut AttentionScratch::default(), &mut context);
        (cache, context)
    }

    #[test]
    fn gradient() {
        let shapes = [(0.0, 2, 3), (0.4, 3, 2), (0.4, 1, 5)];
        for ((rate, heads, width), spans) in
            shapes.into_iter().flat_map(|shape| SPANS.map(|spans| (shape, spans)))
        {
            let attention = Attention::new(heads, width, Dropout::new(rate), 10);
            let (hidden, queries) = (heads * width, spans.queries[3]);
            Problem::random(&Layout::default(), &[8, 3 * hidden], &[queries, hidden]).check(
                |_, x, mut y| y.assign(&forward(attention, spans, x, Some(step())).1.view()),
                |_, x, dy, mut dx, _| {
                    let (cache, _) = forward(attention, spans, x, Some(step()));
                    let (mut scratch, mut dqkv) = Default::default();
                    attention.backward(
                        x.view(),
                        spans,
                        Some(step()),
                        &cache,
                        &mut scratch,
                        dy.view(),
                        &mut dqkv,
                    );
                    dx.assign(&dqkv.view());
                },
            );
        }
    }

    /// The plain twin: softmax(q·kᵀ/√D)·v with loops, for each sequence and head.
    #[test]
    fn context_equals_the_plain_twin() {
        let (heads, width) = (2, 3);
        let x = check::random("qkv", &[8, 18]);
        for spans in SPANS {
            let attention = Attention::new(heads, width, Dropout::new(0.0), 0);
            let (_, context) = forward(attention, spans, &x, None);
            for (b, head) in (0..3).flat_map(|b| (0..heads).map(move |head| (b, head))) {
                let (from, to) = (OFFSETS[b], OFFSETS[b + 1]);
                let at = |row: usize, part: usize, d: usize| x[[row, part * 6 + head * width + d]];
                for (i, row) in (spans.queries[b]..spans.queries[b + 1]).enumerate() {
                    let score = |j: usize| {
                        let terms = (0..width).map(|d| at(from + i, 0, d) * at(j, 1, d));
                        terms.sum::<f64>() / 3f64.sqrt()
                    };
                    let total: f64 = (from..to).map(|j| score(j).exp()).sum();
                    for d in 0..width {
                        let want: f64 = (from..to).map(|j| score(j).exp() / total * at(j, 2, d)).sum();
                        assert!((context.view()[[row, head * width + d]] - want).abs() < 1e-12);
                    }
                }
            }
        }
    }
}
