//! Handles: what a layer holds of its parameters. Small, copyable, without data; the values are in a store.

use std::ops::Range;

/// Handle of a matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mat {
    pub(super) offset: usize,
    pub(super) rows: usize,
    pub(super) columns: usize,
}

/// Handle of a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vector {
    pub(super) offset: usize,
    pub(super) len: usize,
}

/// Handle of a lookup table: a matrix of whose rows a step touches few.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    pub(super) mat: Mat,
    pub(super) index: usize,
}

impl Mat {
    /// Number of rows.
    pub fn rows(self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn columns(self) -> usize {
        self.columns
    }

    /// This matrix and those that were added right after it, as one: `count` matrices of this shape, stacked.
    pub fn stacked(self, count: usize) -> Mat {
        Mat { rows: self.rows * count, ..self }
    }

    /// The matrix of some of its rows.
    pub(crate) fn rows_in(self, rows: Range<usize>) -> Mat {
        assert!(rows.end <= self.rows, "rows {rows:?} of {}", self.rows);
        Mat { offset: self.offset + rows.start * self.columns, rows: rows.len(), ..self }
    }

    /// Where in a store its values are, row by row.
    pub fn range(self) -> Range<usize> {
        self.offset..self.offset + self.rows * self.columns
    }

    pub(super) fn row(self, row: usize) -> Range<usize> {
        assert!(row < self.rows, "row {row} of a table with {} rows", self.rows);
        let from = self.offset + row * self.columns;
        from..from + self.columns
    }
}

impl Vector {
    /// This vector and those added right after it, as one.
    pub fn stacked(self, count: usize) -> Vector {
        Vector { len: self.len * count, ..self }
    }

    /// The vector of some of its values.
    pub(crate) fn values_in(self, values: Range<usize>) -> Vector {
        assert!(values.end <= self.len, "values {values:?} of {}", self.len);
        Vector { offset: self.offset + values.start, len: values.len() }
    }

    pub(super) fn range(self) -> Range<usize> {
        self.offset..self.offset + self.len
    }
}

impl Table {
    /// The table as a matrix.
    pub fn mat(self) -> Mat {
        self.mat
    }
}
