//! Parameters are flat: one vector holds all values, a layout says what lies where.
//!
//! Gradients and both of Adam's moments are stores of the same layout, so the optimiser, clipping, checkpoints and
//! norms are loops over slices, and a layer needs only small copyable handles.

use std::ops::Range;

use ndarray::{ArrayView2, ArrayViewMut2};

use crate::Real;
use crate::reduce::sum_squares;

/// What lies where: a growing list of named parameters.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    entries: Vec<Entry>,
    len: usize,
    tables: Vec<Mat>,
}

/// One named parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name in a Hugging Face checkpoint.
    pub name: String,
    /// Its shape there.
    pub shape: Vec<usize>,
    /// Where its values lie in a store.
    pub range: Range<usize>,
    /// Whether weight decay applies: not to biases and normalisation.
    pub decays: bool,
    /// Which lookup table it is, if one.
    pub(crate) table: Option<usize>,
}

/// Handle of a matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mat {
    offset: usize,
    rows: usize,
    columns: usize,
}

/// Handle of a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vector {
    offset: usize,
    len: usize,
}

/// Handle of a lookup table: a matrix of whose rows a step touches few.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    mat: Mat,
    index: usize,
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

    fn range(self) -> Range<usize> {
        self.offset..self.offset + self.rows * self.columns
    }

    fn row(self, row: usize) -> Range<usize> {
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

    fn range(self) -> Range<usize> {
        self.offset..self.offset + self.len
    }
}

impl Table {
    /// The table as a matrix.
    pub fn mat(self) -> Mat {
        self.mat
    }
}

impl Layout {
    /// Adds a matrix that decays: the weight of a linear layer, a small embedding.
    pub fn matrix(&mut self, name: impl Into<String>, rows: usize, columns: usize) -> Mat {
        let range = self.push(name.into(), vec![rows, columns], true, None);
        Mat { offset: range.start, rows, columns }
    }

    /// Adds a vector that does not decay: a bias, or the scale or shift of a normalisation.
    pub fn vector(&mut self, name: impl Into<String>, len: usize) -> Vector {
        let range = self.push(name.into(), vec![len], false, None);
        Vector { offset: range.start, len }
    }

    /// Adds a lookup table, which decays.
    pub fn table(&mut self, name: impl Into<String>, rows: usize, columns: usize) -> Table {
        let index = self.tables.len();
        let range = self.push(name.into(), vec![rows, columns], true, Some(index));
        let mat = Mat { offset: range.start, rows, columns };
        self.tables.push(mat);
        Table { mat, index }
    }

    fn push(&mut self, name: String, shape: Vec<usize>, decays: bool, table: Option<usize>) -> Range<usize> {
        assert!(self.find(&name).is_none(), "parameter {name} is laid out twice");
        let range = self.len..self.len + shape.iter().product::<usize>();
        self.len = range.end;
        self.entries.push(Entry { name, shape, range: range.clone(), decays, table });
        range
    }

    /// All parameters in the order of their values.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The parameter called `name`.
    pub fn find(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// Number of values.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing has been laid out.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The lookup tables.
    pub(crate) fn tables(&self) -> &[Mat] {
        &self.tables
    }

    /// An empty set of rows for each table.
    pub(crate) fn row_sets(&self) -> Vec<RowSet> {
        self.tables.iter().map(|table| RowSet::new(table.rows)).collect()
    }

    /// A store of this layout, all zeros.
    pub fn zeros<F: Real>(&self) -> Store<F> {
        Store { values: vec![F::zero(); self.len] }
    }

    /// Gradients of this layout, all zeros.
    pub fn gradients<F: Real>(&self) -> Gradients<F> {
        Gradients { layout: self.clone(), values: self.zeros(), touched: self.row_sets() }
    }
}

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

/// Gradients of all parameters, with a note of the table rows that have any.
#[derive(Clone, Debug)]
pub struct Gradients<F> {
    layout: Layout,
    values: Store<F>,
    /// Of each table, the rows that have a gradient.
    touched: Vec<RowSet>,
}

impl<F: Real> Gradients<F> {
    /// The gradients as a store; rows of tables that no token touched are zero.
    pub fn store(&self) -> &Store<F> {
        &self.values
    }

    /// The gradient of a matrix, to be added to.
    pub fn mat_mut(&mut self, handle: Mat) -> ArrayViewMut2<'_, F> {
        self.values.mat_mut(handle)
    }

    /// The gradient of a vector, to be added to.
    pub fn vector_mut(&mut self, handle: Vector) -> &mut [F] {
        self.values.vector_mut(handle)
    }

    /// The gradient of a row of a table, to be added to.
    pub fn row_mut(&mut self, handle: Table, row: usize) -> &mut [F] {
        self.touched[handle.index].insert(row);
        self.values.row_mut(handle.mat, row)
    }

    /// The Euclidean norm of all gradients, summed in f64.
    pub fn norm(&self) -> f64 {
        let squares = self.layout.entries.iter().map(|entry| match entry.table {
            None => sum_squares(&self.values.values[entry.range.clone()]),
            Some(index) => {
                let row = |&row: &usize| sum_squares(self.values.row(self.layout.tables[index], row));
                self.touched[index].rows().iter().map(row).sum()
            }
        });
        squares.sum::<f64>().sqrt()
    }

    /// Sets every gradient to zero.
    pub fn clear(&mut self) {
        for entry in self.layout.entries.iter().filter(|entry| entry.table.is_none()) {
            self.values.values[entry.range.clone()].fill(F::zero());
        }
        for (&table, touched) in self.layout.tables.iter().zip(&mut self.touched) {
            touched.rows().iter().for_each(|&row| self.values.row_mut(table, row).fill(F::zero()));
            touched.clear();
        }
    }

    /// The values, and of each table the rows that have any: whoever takes them leaves all of them zero.
    pub(crate) fn take(&mut self) -> (&mut [F], &mut [RowSet]) {
        (&mut self.values.values, &mut self.touched)
    }
}

/// A set of rows that lists its members in the order in which they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RowSet {
    member: Vec<bool>,
    listed: Vec<usize>,
}

impl RowSet {
    pub(crate) fn new(rows: usize) -> Self {
        Self { member: vec![false; rows], listed: Vec::with_capacity(rows) }
    }

    pub(crate) fn insert(&mut self, row: usize) {
        if !std::mem::replace(&mut self.member[row], true) {
            self.listed.push(row);
        }
    }

    /// For each row whether it is a member.
    pub(crate) fn members(&self) -> &[bool] {
        &self.member
    }

    /// The members, in the order in which they came.
    pub(crate) fn rows(&self) -> &[usize] {
        &self.listed
    }

    pub(crate) fn clear(&mut self) {
        self.listed.drain(..).for_each(|row| self.member[row] = false);
    }
}
