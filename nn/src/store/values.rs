//! The values of all parameters, one vector.

use ndarray::{ArrayView2, ArrayViewMut2};

use super::handle::{Mat, Vector};
use super::layout::Layout;
use crate::Real;

/// The values of all parameters, or one number for each.
#[derive(Clone, Debug, PartialEq)]
pub struct Store<F> {
    values: Vec<F>,
}

impl<F: Real> Store<F> {
    /// All values.
    pub fn values(&self) -> &[F] {
        &self.values
    }

    /// All values, to be written.
    pub fn values_mut(&mut self) -> &mut [F] {
        &mut self.values
    }

    /// A matrix, `[rows, columns]`.
    pub fn mat(&self, handle: Mat) -> ArrayView2<'_, F> {
        let values = &self.values[handle.range()];
        ArrayView2::from_shape((handle.rows, handle.columns), values).expect("the range has this size")
    }

    /// A matrix, `[rows, columns]`, to be written.
    pub fn mat_mut(&mut self, handle: Mat) -> ArrayViewMut2<'_, F> {
        let values = &mut self.values[handle.range()];
        ArrayViewMut2::from_shape((handle.rows, handle.columns), values).expect("the range has this size")
    }

    /// A row of a matrix.
    pub fn row(&self, handle: Mat, row: usize) -> &[F] {
        &self.values[handle.row(row)]
    }

    /// A row of a matrix, to be written.
    pub fn row_mut(&mut self, handle: Mat, row: usize) -> &mut [F] {
        &mut self.values[handle.row(row)]
    }

    /// A vector.
    pub fn vector(&self, handle: Vector) -> &[F] {
        &self.values[handle.range()]
    }

    /// A vector, to be written.
    pub fn vector_mut(&mut self, handle: Vector) -> &mut [F] {
        &mut self.values[handle.range()]
    }
}

impl Layout {
    /// A store of this layout, all zeros.
    pub fn zeros<F: Real>(&self) -> Store<F> {
        Store { values: vec![F::zero(); self.len()] }
    }
}
