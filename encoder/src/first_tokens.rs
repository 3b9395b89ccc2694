//! The rows of sequences' first tokens, of which a head is made: a block above which nothing else is read computes these alone.

use mtlift_nn::{Buffer, Real};
use ndarray::{ArrayView2, ArrayViewMut2};

/// Of which tokens an encoder gives the hidden states. Those that it gives have the same bits in either case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tokens {
    /// Of all.
    #[default]
    All,
    /// Of the first token of each sequence, `[CLS]` or `<s>`; the others' are zero. Gradients of others are not read. The last block
    /// then has queries, feed-forward and all that is behind attention for `B` tokens in place of `T`.
    First,
}

/// Copies the first row of each sequence of `x` to a row of `to`.
///
/// # Shapes
/// - x: `[T, H]`
/// - to: `[B, H]`, overwritten
pub(crate) fn gather<F: Real>(x: ArrayView2<'_, F>, offsets: &[usize], to: &mut Buffer<F>) {
    let (sequences, hidden) = (offsets.len() - 1, x.ncols());
    let rows = to.shape(sequences, hidden).slice_mut().chunks_exact_mut(hidden);
    for (row, &at) in rows.zip(offsets) {
        row.iter_mut().zip(x.row(at)).for_each(|(to, &x)| *to = x);
    }
}

/// The reverse: writes the first row of each sequence of `x`, and no other.
///
/// # Shapes
/// - rows: `[B, H]`
/// - x: `[T, H]`
pub(crate) fn scatter<F: Real>(rows: ArrayView2<'_, F>, offsets: &[usize], mut x: ArrayViewMut2<'_, F>) {
    for (row, &at) in rows.rows().into_iter().zip(offsets) {
        x.row_mut(at).assign(&row);
    }
}
