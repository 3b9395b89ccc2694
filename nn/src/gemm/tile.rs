//! What the register kernel works on: a panel of each operand, and the tile of sums.

use ndarray::NdFloat;

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
    /// Copied to `[k, ROWS]`.
    Packed(&'a [F]),
}

impl<F> Panel<'_, F> {
    /// The depth of the block.
    fn depth(&self) -> usize {
        match self {
            Panel::Rows(rows) => rows[0].len(),
            Panel::Packed(packed) => packed.len() / ROWS,
        }
    }

    /// Panics unless both operands really have the depth: the kernels below read without bounds checks.
    pub(super) fn check(&self, b: &[F]) -> usize {
        let depth = self.depth();
        if let Panel::Rows(rows) = self {
            assert!(rows.iter().all(|row| row.len() == depth), "gemm: rows of a panel differ in length");
        }
        assert_eq!(b.len(), depth * COLUMNS, "gemm: the panels differ in depth");
        depth
    }
}

/// The sums of a tile, row-major.
#[repr(align(64))]
#[derive(Clone, Copy)]
pub struct Tile<F>(pub(super) [[F; COLUMNS]; ROWS]);

impl<F: NdFloat> Default for Tile<F> {
    fn default() -> Self {
        Self([[F::zero(); COLUMNS]; ROWS])
    }
}

impl<F> Tile<F> {
    pub(super) fn rows(&self) -> &[[F; COLUMNS]; ROWS] {
        &self.0
    }
}
