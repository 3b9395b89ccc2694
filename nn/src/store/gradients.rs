//! Gradients of all parameters. Of a lookup table a step touches few rows: they are listed, and no other is walked over.

use std::ops::Range;

use ndarray::{ArrayView2, ArrayViewMut2};
use rayon::prelude::*;

use super::handle::{Mat, Table, Vector};
use super::layout::{Entry, Layout};
use super::parts::{Parts, Terms};
use super::row_set::RowSet;
use super::values::Store;
use crate::gemm::terms_of_a_block;
use crate::reduce::inner_product;
use crate::simd::vectorised;
use crate::{Precision, Real};

/// Gradients of all parameters, with a note of the table rows that have any.
#[derive(Clone, Debug)]
pub struct Gradients<F> {
    pub(super) layout: Layout,
    pub(super) values: Store<F>,
    /// Of each table, the rows that have a gradient.
    pub(super) touched: Vec<RowSet>,
    /// How far a batch has come of which there are more parts.
    parts: Parts<F>,
    in_parts: bool,
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

    /// Adds `dyᵀ·x` to the gradient of a weight: a term for each row.
    ///
    /// # Shapes
    /// - dy: `[R, rows]`
    /// - x: `[R, columns]`
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn add_product(
        &mut self,
        weight: Mat,
        precision: Precision,
        dy: ArrayView2<'_, F>,
        x: ArrayView2<'_, F>,
    ) {
        self.add_terms(Terms { weight, precision, dy, x, places: None });
    }

    /// As [`Gradients::add_product`] of `all` rows of which only those at `places`, ascending, have a gradient: the same bits, but for the sign
    /// of zero.
    #[track_caller]
    pub(crate) fn add_product_of_rows(
        &mut self,
        weight: Mat,
        precision: Precision,
        dy: ArrayView2<'_, F>,
        x: ArrayView2<'_, F>,
        (places, all): (&[usize], usize),
    ) {
        self.add_terms(Terms { weight, precision, dy, x, places: Some((places, all)) });
    }

    #[track_caller]
    fn add_terms(&mut self, terms: Terms<'_, F>) {
        if self.in_parts { self.parts.add(terms, &mut self.values) } else { terms.add(&mut self.values) }
    }

    /// How many rows' terms are added up before they are added to the gradient.
    pub fn block(precision: Precision) -> usize {
        terms_of_a_block::<F>(precision)
    }

    /// What is added from here to [`Gradients::end_parts`] is of one batch, which comes in parts, in the order of its rows: the gradients are
    /// then those of the whole batch, to the bit. They are not to be read before.
    pub fn begin_parts(&mut self) {
        self.in_parts = true;
    }

    /// All parts of the batch are there.
    pub fn end_parts(&mut self) {
        self.parts.end(&mut self.values);
        self.in_parts = false;
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
        let entries = self.layout.entries().iter().filter(|entry| of(entry));
        let products = entries.map(|entry| match entry.table {
            None => inner_product(self.range(entry), other.range(entry)),
            Some(index) => self.dot_of_table(other, index),
        });
        products.sum()
    }

    /// The same over a table: over the rows that both have touched.
    pub(super) fn dot_of_table(&self, other: &Gradients<F>, index: usize) -> f64 {
        let table = self.layout.tables()[index];
        let both = |row: &&usize| other.touched[index].members()[**row];
        let row = |&row: &usize| inner_product(self.values.row(table, row), other.values.row(table, row));
        self.touched[index].rows().iter().filter(both).map(row).sum()
    }

    /// Adds `scale` times gradients of the same layout, for the parameters that `of` takes.
    pub fn add_scaled(&mut self, other: &Gradients<F>, scale: f64, of: impl Fn(&Entry) -> bool) {
        self.add_all(&[(other, scale)], of);
    }

    /// Moves the parameters that train, of those that `of` takes, to the steepest point of a ball of this radius around them, to first
    /// order: along these gradients by `ρ g / ‖g‖`, or where each parameter is measured by its size by `ρ θ²g / ‖θg‖`. Nowhere if
    /// their gradients are zero or not finite.
    pub fn climb(&self, params: &mut Store<F>, radius: f64, by_size: bool, of: impl Fn(&Entry) -> bool) {
        let moves = |entry: &Entry| entry.trains && of(entry);
        let length = if by_size { self.length_by_size(params, moves) } else { self.dot(self, moves).sqrt() };
        if !(length > 0.0 && length.is_finite()) {
            return;
        }
        let scale = F::of(radius / length);
        self.each_range(moves, |range| {
            let (values, gradient) = (&mut params.values_mut()[range.clone()], &self.values.values()[range]);
            if by_size { climb_by_size(values, gradient, scale) } else { add_scaled(values, gradient, scale) }
        });
    }

    /// `‖θg‖` over the parameters that `of` takes.
    fn length_by_size(&self, params: &Store<F>, of: impl Fn(&Entry) -> bool) -> f64 {
        let (mut square, mut products) = (0.0, vec![F::zero(); PRODUCTS]);
        self.each_range(of, |range| {
            let (values, gradient) = (&params.values()[range.clone()], &self.values.values()[range]);
            for (values, gradient) in values.chunks(PRODUCTS).zip(gradient.chunks(PRODUCTS)) {
                let products = &mut products[..values.len()];
                for ((product, &value), &g) in products.iter_mut().zip(values).zip(gradient) {
                    *product = value * g;
                }
                square += inner_product(products, products);
            }
        });
        square.sqrt()
    }

    /// Where the parameters that `of` takes have a gradient: the whole of a parameter, but of a table the rows that are touched.
    fn each_range(&self, of: impl Fn(&Entry) -> bool, mut see: impl FnMut(Range<usize>)) {
        for entry in self.layout.entries().iter().filter(|entry| of(entry)) {
            match entry.table {
                None => see(entry.range.clone()),
                Some(index) => {
                    let table = self.layout.tables()[index];
                    self.touched[index].rows().iter().for_each(|&row| see(table.row(row)));
                }
            }
        }
    }

    pub(super) fn range(&self, entry: &Entry) -> &[F] {
        &self.values.values()[entry.range.clone()]
    }

    /// Sets every gradient to zero.
    pub fn clear(&mut self) {
        for entry in self.layout.entries().iter().filter(|entry| entry.table.is_none()) {
            let values = &mut self.values.values_mut()[entry.range.clone()];
            values.par_chunks_mut(1 << 14).for_each(|values| values.fill(F::zero()));
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
        let (values, touched) = (self.zeros(), self.row_sets());
        Gradients { layout: self.clone(), values, touched, parts: Parts::default(), in_parts: false }
    }
}

/// Numbers that are multiplied before they are summed.
const PRODUCTS: usize = 1024;

vectorised! {
    fn climb_by_size<F>(values: &mut [F], gradient: &[F], scale: F) {
        values.iter_mut().zip(gradient).for_each(|(value, &g)| *value = (scale * *value * *value).mul_add(g, *value));
    }
}

vectorised! {
    pub(super) fn add_scaled<F>(sum: &mut [F], x: &[F], scale: F) {
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

    /// `½ xᵀ diag(4, 1) x` at (1, 2): the worked values of SAM and ASAM.
    #[test]
    fn climbing_leads_to_the_worked_points() {
        let mut layout = Layout::default();
        let x = layout.vector("x", 2);
        for (by_size, want) in [(false, [1.044_721_4, 2.022_360_7]), (true, [1.035_355_3, 2.070_710_7])] {
            let mut params = layout.zeros::<f64>();
            params.vector_mut(x).copy_from_slice(&[1.0, 2.0]);
            let mut grads = layout.gradients();
            grads.vector_mut(x).copy_from_slice(&[4.0, 2.0]);
            grads.climb(&mut params, 0.05, by_size, |_| true);
            for (found, want) in params.vector(x).iter().zip(want) {
                assert!((found - want).abs() < 1e-6, "{found} {want}");
            }
            // The gradient there, in SAM's case (4.1788854, 2.0223607).
            assert!(by_size || (4.0 * params.vector(x)[0] - 4.178_885_4).abs() < 1e-6);
        }
    }

    /// The ball's edge, and rows that no token touched stay.
    #[test]
    fn climbing_goes_as_far_as_the_radius() {
        let grads = gradients("a", &[4, 1]);
        let start = random_store::<f64>(&grads.layout, "start");
        for by_size in [false, true] {
            let mut params = start.clone();
            grads.climb(&mut params, 0.3, by_size, |_| true);
            let moved = params.values().iter().zip(start.values()).map(|(to, from)| {
                let by = if by_size && to != from { *from } else { 1.0 };
                ((to - from) / by).powi(2)
            });
            assert!((moved.sum::<f64>().sqrt() - 0.3).abs() < 1e-12);
            let table = grads.layout.tables()[0];
            assert_eq!(params.row(table, 0), start.row(table, 0));
        }
        let mut params = start.clone();
        gradients("a", &[]).layout.gradients().climb(&mut params, 0.3, false, |_| true);
        assert_eq!(params, start, "gradients of zero lead nowhere");
    }

    /// A part that climbs by itself goes as far as its own ball reaches, and leaves the others where they are.
    #[test]
    fn a_part_climbs_by_its_own_length() {
        let grads = gradients("a", &[4, 1]);
        let start = random_store::<f64>(&grads.layout, "start");
        let is_head = |entry: &Entry| entry.role != Role::Encoder;
        let mut params = start.clone();
        grads.climb(&mut params, 0.3, false, is_head);
        let distance = |of: &dyn Fn(&Entry) -> bool, params: &Store<f64>| {
            let entries = grads.layout.entries().iter().filter(|entry| of(entry));
            let values = entries.flat_map(|entry| entry.range.clone());
            values.map(|at| (params.values()[at] - start.values()[at]).powi(2)).sum::<f64>().sqrt()
        };
        assert!((distance(&is_head, &params) - 0.3).abs() < 1e-12);
        assert_eq!(distance(&|entry| !is_head(entry), &params), 0.0);
        grads.climb(&mut params, 0.2, false, |entry| !is_head(entry));
        assert!((distance(&|entry| !is_head(entry), &params) - 0.2).abs() < 1e-12);
    }
}
