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

/// What backward needs beside the projections.
#[derive(Clone, Debug, Default)]
pub struct AttentionCache<F> {
    /// `[B + 1]`: where the squares of the lengths begin.
    squares: Vec<usize>,
    /// For each sequence `[N, length, length]`: the attention before dropout.
    probabilities: Buffer<F>,
}

/// Matrices `[length, length]` for each sequence: working memory that all layers share.
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
    /// - offsets: `[B + 1]`
    /// - context: `[T, H]`, overwritten
    pub fn forward<F: Real>(
        self,
        qkv: ArrayView2<'_, F>,
        offsets: &[usize],
        step: Option<DropoutStep<'_>>,
        cache: &mut AttentionCache<F>,
        scratch: &mut AttentionScratch<F>,
        context: &mut Buffer<F>,
    ) {
        cache.shape(offsets, self.heads);
        let context = context.shape(qkv.nrows(), self.heads * self.width).slice_mut();
        let scratch = scratch.0.shape(cache.squares[offsets.len() - 1], 1).slice_mut();
        let outputs = (
            Segments::new(cache.probabilities.slice_mut(), &cache.squares, self.heads),
            Segments::new(scratch, &cache.squares, 1),
            Segments::new(context, offsets, self.heads * self.width),
        );
        for_each_sequence(offsets.len() - 1, outputs, |b, (probabilities, scratch, context)| {
            let qkv = rows_of(qkv, offsets, b);
            let length = qkv.nrows();
            let (scratch, mut context) = (scratch.first(), context.first_matrix());
            for (head, p) in probabilities.first().chunks_exact_mut(length * length).enumerate() {
                let [q, k, v] = self.parts(qkv, head);
                let context = context.slice_mut(s![.., self.columns(head)]);
                serial(self.precision, q, k.reversed_axes(), Init::Zero, square_mut(p, length));
                softmax_rows(p, length, self.scale());
                if self.dropout.is_active(step) {
                    self.dropout.apply_to(step, self.site + head as u32, b, p, scratch);
                    serial(self.precision, square(scratch, length), v, Init::Zero, context);
                } else {
                    serial(self.precision, square(p, length), v, Init::Zero, context);
                }
            }
        });
    }

    /// # Shapes
    /// - qkv, offsets, step, cache: as in `forward`
    /// - dcontext: `[T, H]`
    /// - dqkv: `[T, 3H]`, overwritten
    pub fn backward<F: Real>(
        self,
        qkv: ArrayView2<'_, F>,
        offsets: &[usize],
        step: Option<DropoutStep<'_>>,
        cache: &AttentionCache<F>,
        scratch: &mut AttentionScratch<F>,
        dcontext: ArrayView2<'_, F>,
        dqkv: &mut Buffer<F>,
    ) {
        let dqkv = dqkv.shape(qkv.nrows(), qkv.ncols()).slice_mut();
        let scratch = scratch.0.shape(cache.squares[offsets.len() - 1], 2).slice_mut();
        let outputs = (Segments::new(scratch, &cache.squares, 2), Segments::new(dqkv, offsets, qkv.ncols()));
        for_each_sequence(offsets.len() - 1, outputs, |b, (scratch, dqkv)| {
            let (qkv, dcontext) = (rows_of(qkv, offsets, b), rows_of(dcontext, offsets, b));
            let length = qkv.nrows();
            let (dropped, dp) = scratch.first().split_at_mut(length * length);
            let mut dqkv = dqkv.first_matrix();
            let square_of = cache.squares[b] * self.heads;
            for head in 0..self.heads {
                let [q, k, v] = self.parts(qkv, head);
                let dcontext = dcontext.slice(s![.., self.columns(head)]);
                let p = &cache.probabilities.slice()[square_of + head * length * length..][..length * length];
                let [dq, dk, dv] = self.parts_mut(dqkv.view_mut(), head);
                // context = dropout(p)·v
                serial(self.precision, dcontext, v.reversed_axes(), Init::Zero, square_mut(dp, length));
                self.dropout.apply_to_both(step, self.site + head as u32, b, p, dropped, dp);
                serial(self.precision, square(dropped, length).reversed_axes(), dcontext, Init::Zero, dv);
                // p = softmax(scale·scores), scores = q·kᵀ
                softmax_backward_rows(p, dp, length, self.scale());
                let dscores = square(dp, length);
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

impl<F: Real> AttentionCache<F> {
    fn shape(&mut self, offsets: &[usize], heads: usize) {
        self.squares.clear();
        let mut total = 0;
        self.squares.push(total);
        for pair in offsets.windows(2) {
            total += (pair[1] - pair[0]) * (pair[1] - pair[0]);
            self.squares.push(total);
        }
        self.probabilities.shape(total, heads);
    }
}

fn square<F>(values: &[F], length: usize) -> ArrayView2<'_, F> {
    ArrayView2::from_shape((length, length), values).expect("length² values")
}

fn square_mut<F>(values: &mut [F], length: usize) -> ArrayViewMut2<'_, F> {
    ArrayViewMut2::from_shape((length, length), values).expect("length² values")
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

    fn step() -> DropoutStep<'static> {
        DropoutStep::new(Stream::new(1, "dropout"), 0, &KEYS)
    }

    fn forward(
        attention: Attention,
        x: &Array2<f64>,
        step: Option<DropoutStep<'_>>,
    ) -> (AttentionCache<f64>, Buffer<f64>) {
        let (mut cache, mut context) = Default::default();
        attention.forward(
            x.view(),
            &OFFSETS,
            step,
            &mut cache,
            &mut AttentionScratch::default(),
            &mut context,
        );
        (cache, context)
    }

    #[test]
    fn gradient() {
        for (rate, heads, width) in [(0.0, 2, 3), (0.4, 3, 2), (0.4, 1, 5)] {
            let attention = Attention::new(heads, width, Dropout::new(rate), 10);
            let hidden = heads * width;
            Problem::random(&Layout::default(), &[8, 3 * hidden], &[8, hidden]).check(
                |_, x, mut y| y.assign(&forward(attention, x, Some(step())).1.view()),
                |_, x, dy, mut dx, _| {
                    let (cache, _) = forward(attention, x, Some(step()));
                    let (mut scratch, mut dqkv) = Default::default();
                    attention.backward(
                        x.view(),
                        &OFFSETS,
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
        let (_, context) = forward(Attention::new(heads, width, Dropout::new(0.0), 0), &x, None);
        for (from, to) in OFFSETS.into_iter().zip(OFFSETS.into_iter().skip(1)) {
            for (head, i) in (0..heads).flat_map(|head| (from..to).map(move |i| (head, i))) {
                let at = |row: usize, part: usize, d: usize| x[[row, part * 6 + head * width + d]];
                let score =
                    |j: usize| (0..width).map(|d| at(i, 0, d) * at(j, 1, d)).sum::<f64>() / 3f64.sqrt();
                let total: f64 = (from..to).map(|j| score(j).exp()).sum();
                for d in 0..width {
                    let want: f64 = (from..to).map(|j| score(j).exp() / total * at(j, 2, d)).sum();
                    assert!((context.view()[[i, head * width + d]] - want).abs() < 1e-12);
                }
            }
        }
    }
}
