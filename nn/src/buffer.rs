//! A matrix that keeps its memory: the unit from which caches are made.
//!
//! Batches differ in their number of tokens. A buffer grows to the largest seen and is reused, so that a
//! training step allocates nothing once it has met its longest batch. It grows in steps: memory that is given back for a little more each time
//! is left in pieces that nothing else fits into.

use ndarray::{ArrayView2, ArrayViewMut2};

use crate::Real;

/// A row-major `[rows, columns]` matrix whose memory only grows.
#[derive(Clone, Debug, Default)]
pub struct Buffer<F> {
    data: Vec<F>,
    rows: usize,
    columns: usize,
}

/// For how many values there is to be room where there are so many: at most an eighth more, which takes no memory until it is written.
pub(crate) fn room(len: usize) -> usize {
    len.next_multiple_of((len.next_power_of_two() / 16).max(1))
}

impl<F: Real> Buffer<F> {
    /// An empty buffer; it takes no memory until it is shaped.
    pub fn new() -> Self {
        Self { data: Vec::new(), rows: 0, columns: 0 }
    }

    /// Gives the buffer a shape. The content is unspecified: whoever shapes a buffer fills it.
    pub fn shape(&mut self, rows: usize, columns: usize) -> &mut Self {
        let len = rows * columns;
        if len > self.data.len() {
            self.data.reserve_exact(room(len) - self.data.len());
            self.data.resize(len, F::zero());
        }
        (self.rows, self.columns) = (rows, columns);
        self
    }

    /// Ends the matrix after other rows of the same content: those behind the end stay, and are there again when it is moved back.
    ///
    /// # Panics
    /// If the memory has fewer rows.
    pub fn set_rows(&mut self, rows: usize) {
        assert!(rows * self.columns <= self.data.len(), "set_rows: {rows} rows");
        self.rows = rows;
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The matrix, `[rows, columns]`.
    pub fn view(&self) -> ArrayView2<'_, F> {
        let (rows, columns) = (self.rows, self.columns);
        ArrayView2::from_shape((rows, columns), self.slice()).expect("shape() sized the data")
    }

    /// The matrix, `[rows, columns]`, to be written.
    pub fn view_mut(&mut self) -> ArrayViewMut2<'_, F> {
        let (rows, columns) = (self.rows, self.columns);
        ArrayViewMut2::from_shape((rows, columns), self.slice_mut()).expect("shape() sized the data")
    }

    /// All values, row after row.
    pub fn slice(&self) -> &[F] {
        &self.data[..self.rows * self.columns]
    }

    /// All values, row after row, to be written.
    pub fn slice_mut(&mut self) -> &mut [F] {
        &mut self.data[..self.rows * self.columns]
    }
}
