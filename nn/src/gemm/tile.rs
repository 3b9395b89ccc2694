//! What the register kernel works on: a panel of each operand, and the part of C that is a tile of sums.

use ndarray::{ArrayViewMut2, NdFloat};

/// Rows of a tile.
pub(super) const ROWS: usize = 12;
/// Columns of a tile: two AVX-512 registers.
pub(super) const COLUMNS: usize = 32;

/// Depth of a block: one block covers the inner dimension of the smaller encoders, so C is written once.
pub(super) const DEPTH: usize = 384;
/// Rows of A walked for one packed panel of B; with `DEPTH` columns they fit the second-level cache.
pub(super) const WALK: usize = 20 * ROWS;

/// `ROWS` rows of a block of A.
#[derive(Clone, Copy)]
pub enum Panel<'a, F> {
    /// The rows where they stand, contiguous along k; all have the same length.
    Rows([&'a [F]; ROWS]),
    /// Copied to `[ROWS, k]`: one slice, because a list of rows for every tile costs some hundredths of a product.
    Along(&'a [F]),
    /// Copied to `[k, ROWS]`.
    Packed(&'a [F]),
}

impl<F> Panel<'_, F> {
    /// The depth of the block.
    fn depth(&self) -> usize {
        match self {
            Panel::Rows(rows) => rows[0].len(),
            Panel::Along(packed) | Panel::Packed(packed) => packed.len() / ROWS,
        }
    }

    /// Panics unless both operands really have the depth: the kernels below read without bounds checks.
    pub(super) fn check(&self, b: &[F]) -> usize {
        let depth = self.depth();
        if let Panel::Rows(rows) = self {
            assert!(rows.iter().all(|row| row.len() == depth), "gemm: rows of a panel differ in length");
        }
        if let Panel::Along(packed) | Panel::Packed(packed) = self {
            assert_eq!(packed.len(), depth * ROWS, "gemm: a panel is not full");
        }
        assert_eq!(b.len(), depth * COLUMNS, "gemm: the panels differ in depth");
        depth
    }
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

    pub(super) fn view_mut(&mut self) -> ArrayViewMut2<'_, F> {
        (&mut self.0).into()
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
