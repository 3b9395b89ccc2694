//! Gradients of all parameters. Of a lookup table a step touches few rows: they are listed, and no other is walked over.

use ndarray::ArrayViewMut2;

use super::handle::{Mat, Table, Vector};
use super::layout::{Entry, Layout};
use super::row_set::RowSet;
use super::values::Store;
use crate::Real;
use crate::reduce::inner_product;
use crate::simd::vectorised;

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

    /// Notes that every row of a table has a gradient, for whoever then adds to the table as a matrix.
    pub(crate) fn touch_all(&mut self, handle: Table) {
        (0..handle.mat.rows()).for_each(|row| self.touched[handle.index].insert(row));
    }

    /// The Euclidean norm of the gradients of all parameters that train, summed in f64.
    pub fn norm(&self) -> f64 {
        self.dot(self, |entry| entry.trains).sqrt()
    }

    /// The inner product with gradients of the same layout, over the parameters that `of` takes, summed in f64.
    pub fn dot(&self, other: &Gradients<F>, of: impl Fn(&Entry) -> bool) -> f64 {
        let products =
            self.layout.entries().iter().filter(|entry| of(entry)).map(|entry| match entry.table {
                None => inner_product(self.range(entry), other.range(entry)),
                Some(index) => {
                    let table = self.layout.tables()[index];
                    let both = |row: &&usize| other.touched[index].members()[**row];
                    let row = |&row: &usize| {
                        inner_product(self.values.row(table, row), other.values.row(table, row))
                    };
                    self.touched[index].rows().iter().filter(both).map(row).sum()
                }
            });
        products.sum()
    }

    /// Adds `scale` times gradients of the same layout, for the parameters that `of` takes.
    pub fn add_scaled(&mut self, other: &Gradients<F>, scale: f64, of: impl Fn(&Entry) -> bool) {
        let scale = F::of(scale);
        for entry in self.layout.entries().iter().filter(|entry| of(entry)) {
            match entry.table {
                None => {
                    add_scaled(&mut self.values.values_mut()[entry.range.clone()], other.range(entry), scale);
                }
                Some(index) => {
                    let table = self.layout.tables()[index];
                    for &row in other.touched[index].rows() {
                        self.touched[index].insert(row);
                        add_scaled(self.values.row_mut(table, row), other.values.row(table, row), scale);
                    }
                }
            }
        }
    }

    fn range(&self, entry: &Entry) -> &[F] {
        &self.values.values()[entry.range.clone()]
    }

    /// Sets every gradient to zero.
    pub fn clear(&mut self) {
        for entry in self.layout.entries().iter().filter(|entry| entry.table.is_none()) {
            self.values.values_mut()[entry.range.clone()].fill(F::zero());
        }
        for (&table, touched) in self.layout.tables().iter().zip(&mut self.touched) {
            touched.rows().iter().for_each(|&row| self.values.row_mut(table, row).fill(F::zero()));
            touched.clear();
        }
    }

    /// The values, and of each table the rows that have any: whoever takes them leaves all of them zero.
    pub(crate) fn take(&mut self) -> (&mut [F], &mut [RowSet]) {
        (self.values.values_mut(), &mut self.touched)
    }
}

impl Layout {
    /// An empty set of rows for each table.
    pub(crate) fn row_sets(&self) -> Vec<RowSet> {
        self.tables().iter().map(|table| RowSet::new(table.rows())).collect()
    }

    /// Gradients of this layout, all zeros.
    pub fn gradients<F: Real>(&self) -> Gradients<F> {
        Gradients { layout: self.clone(), values: self.zeros(), touched: self.row_sets() }
    }
}

vectorised! {
    fn add_scaled<F>(sum: &mut [F], x: &[F], scale: F) {
        sum.iter_mut().zip(x).for_each(|(sum, &x)| *sum = scale.mul_add(x, *sum));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;
    use crate::check::random_store;

    /// An encoder's matrix and table, and a head's matrix.
    fn gradients(name: &str, rows: &[usize]) -> Gradients<f64> {
        let mut layout = Layout::default();
        layout.matrix("dense", 5, 7);
        let table = layout.table("table", 6, 3);
        layout.with_role(Role::Projection(0), |layout| layout.matrix("classifier", 2, 5));
        let drawn = random_store::<f64>(&layout, name);
        let mut grads = layout.gradients();
        for entry in layout.entries().iter().filter(|entry| entry.table.is_none()) {
            grads.values.values_mut()[entry.range.clone()]
                .copy_from_slice(&drawn.values()[entry.range.clone()]);
        }
        for &row in rows {
            grads.row_mut(table, row).copy_from_slice(drawn.row(table.mat(), row));
        }
        grads
    }

    /// The plain twin: every value, whether touched or not.
    #[test]
    fn inner_products_and_sums_are_those_of_all_values() {
        let (a, b) = (gradients("a", &[4, 1]), gradients("b", &[1, 5]));
        let encoder = |entry: &Entry| entry.role == Role::Encoder;
        let len = 5 * 7 + 6 * 3;
        let plain: f64 =
            a.store().values()[..len].iter().zip(&b.store().values()[..len]).map(|(a, b)| a * b).sum();
        assert!((a.dot(&b, encoder) - plain).abs() < 1e-12);

        let mut sum = a.clone();
        sum.add_scaled(&b, -0.5, encoder);
        for (place, value) in sum.store().values().iter().enumerate() {
            let (a, b) = (a.store().values()[place], b.store().values()[place]);
            let want = if place < len { a - 0.5 * b } else { a };
            assert!((value - want).abs() < 1e-12, "{place}");
        }
        sum.clear();
        assert!(
            sum.store().values().iter().all(|&x| x == 0.0),
            "rows that came from the other are cleared too"
        );
    }
}
