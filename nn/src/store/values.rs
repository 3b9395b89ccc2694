//! The values of all parameters, one vector, and what products are spared where these stay as they are: weights packed for the kernel.

use std::sync::Arc;

use ndarray::{ArrayView2, ArrayViewMut2};

use super::handle::{Mat, Vector};
use super::layout::Layout;
use crate::gemm::{self, RightOperand};
use crate::{Precision, Real};

/// The values of all parameters, or one number for each.
#[derive(Clone, Debug)]
pub struct Store<F> {
    values: Vec<F>,
    /// Copies of some matrices, transposed; none once a value may have been written.
    packed: Vec<(Mat, Arc<dyn RightOperand<F>>)>,
}

/// By their values.
impl<F: PartialEq> PartialEq for Store<F> {
    fn eq(&self, other: &Self) -> bool {
        self.values == other.values
    }
}

impl<F: Real> Store<F> {
    /// All values.
    pub fn values(&self) -> &[F] {
        &self.values
    }

    /// All values, to be written.
    pub fn values_mut(&mut self) -> &mut [F] {
        self.packed.clear();
        &mut self.values
    }

    /// A matrix, `[rows, columns]`.
    pub fn mat(&self, handle: Mat) -> ArrayView2<'_, F> {
        let values = &self.values[handle.range()];
        ArrayView2::from_shape((handle.rows, handle.columns), values).expect("the range has this size")
    }

    /// A matrix, `[rows, columns]`, to be written.
    pub fn mat_mut(&mut self, handle: Mat) -> ArrayViewMut2<'_, F> {
        let values = &mut self.values_mut()[handle.range()];
        ArrayViewMut2::from_shape((handle.rows, handle.columns), values).expect("the range has this size")
    }

    /// A row of a matrix.
    pub fn row(&self, handle: Mat, row: usize) -> &[F] {
        &self.values[handle.row(row)]
    }

    /// A row of a matrix, to be written.
    pub fn row_mut(&mut self, handle: Mat, row: usize) -> &mut [F] {
        &mut self.values_mut()[handle.row(row)]
    }

    /// A vector.
    pub fn vector(&self, handle: Vector) -> &[F] {
        &self.values[handle.range()]
    }

    /// A vector, to be written.
    pub fn vector_mut(&mut self, handle: Vector) -> &mut [F] {
        &mut self.values_mut()[handle.range()]
    }

    /// Keeps a copy of a weight `[outputs, inputs]` as products of this precision read it, so that they need not pack it each time. Writing
    /// any value of the store drops all copies.
    pub(crate) fn pack(&mut self, handle: Mat, precision: Precision) {
        let packed = gemm::packed(precision, self.mat(handle).reversed_axes());
        self.packed.retain(|(other, _)| *other != handle);
        self.packed.push((handle, packed));
    }

    /// The copy of a weight, if there is one.
    pub(crate) fn packed(&self, handle: Mat) -> Option<&dyn RightOperand<F>> {
        self.packed.iter().find(|(other, _)| *other == handle).map(|(_, packed)| &**packed)
    }
}

impl Layout {
    /// A store of this layout, all zeros.
    pub fn zeros<F: Real>(&self) -> Store<F> {
        Store { values: vec![F::zero(); self.len()], packed: Vec::new() }
    }
}
