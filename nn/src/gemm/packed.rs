//! The right operand of products, packed once for many: a weight that does not change while it is used, as in evaluation.
//!
//! A product with what is packed has the bits of one that packs by itself: packing is a copy.

use ndarray::{ArrayView2, ArrayViewMut2};

use super::operand::Operand;
use super::pack;
use super::tile::{COLUMNS, Init};
use super::walk::{by_rows, check, rows_of_a_part, walk};

/// A matrix `B [k, n]`, ready to be multiplied by others from the left.
pub trait RightOperand<F>: std::fmt::Debug + Send + Sync {
    /// Packs a matrix of any strides.
    fn of(matrix: ArrayView2<'_, F>) -> Self
    where
        Self: Sized;

    /// `C = A·B + init`, over the threads of the current rayon pool, as [`gemm`](super::gemm).
    ///
    /// # Panics
    /// If the shapes do not fit, or the columns of C are not contiguous.
    fn multiply(&self, a: ArrayView2<'_, F>, init: Init<'_, F>, c: ArrayViewMut2<'_, F>);
}

/// Panels of a matrix in units of the kernel.
#[derive(Debug)]
pub struct Panels<U> {
    rows: usize,
    columns: usize,
    units: Vec<U>,
}

impl<U: Operand> RightOperand<U::Value> for Panels<U> {
    fn of(matrix: ArrayView2<'_, U::Value>) -> Self {
        let (rows, columns) = matrix.dim();
        let mut units = vec![U::default(); rows.div_ceil(U::STEP) * columns.next_multiple_of(COLUMNS)];
        pack::columns(matrix, &mut units, true);
        Self { rows, columns, units }
    }

    fn multiply(
        &self,
        a: ArrayView2<'_, U::Value>,
        init: Init<'_, U::Value>,
        c: ArrayViewMut2<'_, U::Value>,
    ) {
        check(a.dim(), (self.rows, self.columns), init, &c);
        if !c.is_empty() {
            let rows = rows_of_a_part(a.nrows(), self.rows, self.columns);
            by_rows(a, c, rows, &|a, c| walk(a, &self.units, init, c));
        }
    }
}
