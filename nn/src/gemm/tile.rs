//! What the register kernel works on: a panel of each operand, and the part of C that is a tile of sums.

use ndarray::{ArrayView2, ArrayViewMut2, NdFloat};

/// Rows of a tile.
pub(super) const ROWS: usize = 12;
/// Columns of a tile: two AVX-512 registers.
pub(super) const COLUMNS: usize = 32;

/// Depth of a block: one block covers the inner dimension of the smaller encoders, so C is written once.
pub(super) const DEPTH: usize = 384;
/// Rows of A walked for one packed panel of B; with `DEPTH` columns they fit the second-level cache.
pub(super) const WALK: usize = 20 * ROWS;

/// A block of A, at most `WALK` rows.
#[derive(Clone, Copy, Debug)]
pub enum Rows<'a, U> {
    /// `[rows, depth]`, contiguous along k: where they stand, or copied.
    Along(ArrayView2<'a, U>),
    /// `[panel][depth, ROWS]`: copied, with anything behind the last row.
    Panels(&'a [U]),
}

impl<U: Copy> Rows<'_, U> {
    /// The unit at a row and a step of k.
    pub(super) fn at(&self, row: usize, k: usize, depth: usize) -> U {
        match self {
            Rows::Along(rows) => rows[[row, k]],
            Rows::Panels(panels) => panels[(row / ROWS * depth + k) * ROWS + row % ROWS],
        }
    }

    /// The depth of the block; panics unless both operands really have it, and A the rows of C: the kernels read without bounds checks.
    pub(super) fn check<F>(&self, b: &[U], init: Init<'_, F>, c: &ArrayViewMut2<'_, F>) -> usize {
        let rows = c.nrows();
        let depth = b.len() / COLUMNS;
        assert_eq!(b.len(), depth * COLUMNS, "gemm: a panel of B is not full");
        let fits = match self {
            Rows::Along(block) => block.dim() == (rows, depth) && (depth <= 1 || block.strides()[1] == 1),
            Rows::Panels(panels) => panels.len() == rows.div_ceil(ROWS) * depth * ROWS,
        };
        assert!(fits, "gemm: a block of A has other sizes than the panels of B and C");
        check_columns(init, c);
        depth
    }
}

/// Panics unless these are columns of one panel, contiguous, and the bias has a value for each.
pub(super) fn check_columns<F>(init: Init<'_, F>, c: &ArrayViewMut2<'_, F>) {
    let columns = c.ncols();
    let is_contiguous = columns <= 1 || c.strides()[1] == 1;
    let has_bias = if let Init::Bias(bias) = init { bias.len() == columns } else { true };
    assert!(columns <= COLUMNS && is_contiguous && has_bias, "gemm: a panel of C has other columns");
}

/// What a product is added to.
#[derive(Clone, Copy, Debug)]
pub enum Init<'a, F> {
    /// Nothing: C is overwritten.
    Zero,
    /// What C holds.
    Accumulate,
    /// A bias, one value per column of C; C is overwritten.
    Bias(&'a [F]),
}

impl<F> Init<'_, F> {
    /// That of some of the columns.
    pub(super) fn columns(self, from: usize, to: usize) -> Self {
        match self {
            Init::Bias(bias) => Init::Bias(&bias[from..to]),
            other => other,
        }
    }
}

/// The sums of a tile, row-major, where they cannot go to C directly.
#[repr(align(64))]
#[derive(Clone, Copy)]
pub(super) struct Tile<F>(pub(super) [[F; COLUMNS]; ROWS]);

impl<F: NdFloat> Tile<F> {
    pub(super) fn zeros() -> Self {
        Self([[F::zero(); COLUMNS]; ROWS])
    }

    /// Writes the part of the tile that lies inside C.
    pub(super) fn store(&self, init: Init<'_, F>, mut c: ArrayViewMut2<'_, F>) {
        for (row, sums) in c.rows_mut().into_iter().zip(&self.0) {
            let row = row.into_slice().expect("checked: columns are contiguous");
            let sums = &sums[..row.len()];
            match init {
                Init::Zero => row.copy_from_slice(sums),
                Init::Accumulate => row.iter_mut().zip(sums).for_each(|(c, &s)| *c += s),
                Init::Bias(bias) => {
                    row.iter_mut().zip(sums).zip(bias).for_each(|((c, &s), &b)| *c = s + b);
                }
            }
        }
    }
}
