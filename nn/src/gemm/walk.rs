//! A product whose right operand is packed: which rows of C are done at a time, and on which thread.
//!
//! The one decision: it knows no precision. So products that pack for themselves and what is packed once for many are walked alike.

use ndarray::{ArrayView2, ArrayViewMut2, Axis, NdFloat, s};

use super::operand::Operand;
use super::pack;
use super::tile::{COLUMNS, DEPTH, Init, ROWS, WALK};

/// Below this many multiply-adds a product is done by the calling thread.
const SERIAL: usize = 1 << 18;
/// Fewer rows (or columns) than this are not worth a thread's start.
const GRAIN: usize = 8 * ROWS;

/// How many rows of C a thread does at a time: all where the product is not worth a second thread.
pub(super) fn rows_of_a_part(m: usize, k: usize, n: usize) -> usize {
    let threads = rayon::current_num_threads();
    if threads == 1 || m * n * k < SERIAL {
        return m;
    }
    // More parts than threads, so that a thread held up elsewhere does not hold up the product.
    m.div_ceil(3 * threads).next_multiple_of(ROWS).max(GRAIN)
}

#[track_caller]
pub(super) fn check<F>(a: (usize, usize), b: (usize, usize), init: Init<'_, F>, c: &ArrayViewMut2<'_, F>) {
    assert!(a.1 == b.0 && c.dim() == (a.0, b.1), "gemm: {a:?} · {b:?} does not give {:?}", c.dim());
    assert!(
        c.is_empty() || c.ncols() == 1 || c.strides()[1] == 1,
        "gemm: the columns of C are not contiguous"
    );
    if let Init::Bias(bias) = init {
        assert_eq!(bias.len(), c.ncols(), "gemm: length of the bias");
    }
}

/// Halves the rows of C, and of A with them, until a part has at most `rows`, and works on each.
pub(super) fn by_rows<F: NdFloat>(
    a: ArrayView2<'_, F>,
    c: ArrayViewMut2<'_, F>,
    rows: usize,
    work: &(impl Fn(ArrayView2<'_, F>, ArrayViewMut2<'_, F>) + Sync),
) {
    let m = a.nrows();
    if m <= rows {
        return work(a, c);
    }
    let middle = (m / 2).next_multiple_of(ROWS).min(m);
    let (a_top, a_bottom) = a.split_at(Axis(0), middle);
    let (c_top, c_bottom) = c.split_at(Axis(0), middle);
    rayon::join(|| by_rows(a_top, c_top, rows, work), || by_rows(a_bottom, c_bottom, rows, work));
}

/// The product for some rows of C, with B packed by [`pack::columns`].
pub(super) fn walk<U: Operand>(
    a: ArrayView2<'_, U::Value>,
    packed: &[U],
    init: Init<'_, U::Value>,
    mut c: ArrayViewMut2<'_, U::Value>,
) {
    let (m, k, n) = (a.nrows(), a.ncols(), c.ncols());
    let padded = n.next_multiple_of(COLUMNS);
    if k == 0 {
        return empty(init, c);
    }
    pack::with_rows::<U>(|memory| {
        for from in (0..m).step_by(WALK) {
            let to = (from + WALK).min(m);
            for (depth, block) in (0..k).step_by(DEPTH * U::STEP).zip(packed.chunks(DEPTH * padded)) {
                let end = (depth + DEPTH * U::STEP).min(k);
                let init = if depth == 0 { init } else { Init::Accumulate };
                let rows = pack::rows(a.slice_move(s![from..to, depth..end]), memory);
                let panels = block.chunks_exact((end - depth).div_ceil(U::STEP) * COLUMNS);
                for (panel, left) in panels.zip((0..n).step_by(COLUMNS)) {
                    let right = (left + COLUMNS).min(n);
                    U::tiles(rows, panel, init.columns(left, right), c.slice_mut(s![from..to, left..right]));
                }
            }
        }
    });
}

/// The product of matrices with no inner dimension: a sum of nothing.
fn empty<F: NdFloat>(init: Init<'_, F>, mut c: ArrayViewMut2<'_, F>) {
    match init {
        Init::Zero => c.fill(F::zero()),
        Init::Accumulate => {}
        Init::Bias(bias) => c.rows_mut().into_iter().for_each(|row| {
            row.into_iter().zip(bias).for_each(|(c, &b)| *c = b);
        }),
    }
}
