//! The linear layer `y = x·Wᵀ + b`.

use std::ops::Range;

use ndarray::{ArrayView2, ArrayViewMut2, Axis, s};
use rayon::prelude::*;

use crate::gemm::terms_of_a_block;
use crate::simd::{prefetch_row, vectorised};
use crate::{Gradients, Init, Layout, Mat, Precision, Real, Store, Table, Vector, gemm_in};

/// Columns of a bias gradient summed by one task.
const COLUMNS: usize = 128;
/// How many rows ahead their pieces are asked for.
const AHEAD: usize = 8;

/// A weight `[outputs, inputs]` and a bias `[outputs]`.
#[derive(Clone, Copy, Debug)]
pub struct Linear {
    weight: Mat,
    bias: Vector,
    /// The lookup table that the weight is, if it is tied to one: all of its rows have a gradient then.
    table: Option<Table>,
    precision: Precision,
}

impl Linear {
    /// Lays out `{name}.weight` and `{name}.bias`.
    pub fn new(layout: &mut Layout, name: &str, inputs: usize, outputs: usize) -> Self {
        Self {
            weight: layout.matrix(format!("{name}.weight"), outputs, inputs),
            bias: layout.vector(format!("{name}.bias"), outputs),
            table: None,
            precision: Precision::Float32,
        }
    }

    /// A layer whose weight is a lookup table, an output for each of its rows (Press & Wolf 2017), and whose bias is laid out
    /// as `bias`. Its weight's gradient is added to what the table has from being looked up.
    pub fn tied(layout: &mut Layout, table: Table, bias: &str) -> Self {
        let weight = table.mat();
        let bias = layout.vector(bias, weight.rows());
        Self { weight, bias, table: Some(table), precision: Precision::Float32 }
    }

    /// Lays out several layers of the same shape so that they act as one with their outputs side by side: one
    /// product in place of `names.len()`, while each keeps its own name.
    ///
    /// # Panics
    /// If there are no names.
    pub fn stacked(layout: &mut Layout, names: &[String], inputs: usize, outputs: usize) -> Self {
        let weights: Vec<Mat> =
            names.iter().map(|name| layout.matrix(format!("{name}.weight"), outputs, inputs)).collect();
        let biases: Vec<Vector> =
            names.iter().map(|name| layout.vector(format!("{name}.bias"), outputs)).collect();
        let (weight, bias) = (weights[0].stacked(names.len()), biases[0].stacked(names.len()));
        Self { weight, bias, table: None, precision: Precision::Float32 }
    }

    /// The layer of some of its outputs.
    ///
    /// # Panics
    /// If it has not so many.
    #[must_use]
    pub fn of_outputs(self, outputs: Range<usize>) -> Self {
        let (weight, bias) = (self.weight.rows_in(outputs.clone()), self.bias.values_in(outputs));
        Self { weight, bias, ..self }
    }

    /// The same layer with products of this precision.
    #[must_use]
    pub fn in_precision(self, precision: Precision) -> Self {
        Self { precision, ..self }
    }

    /// Where in a store its weights are, `[outputs, inputs]` row by row.
    pub fn weights(self) -> Range<usize> {
        self.weight.range()
    }

    /// Number of inputs.
    pub fn inputs(self) -> usize {
        self.weight.columns()
    }

    /// Number of outputs.
    pub fn outputs(self) -> usize {
        self.weight.rows()
    }

    /// # Shapes
    /// - x: `[T, inputs]`
    /// - y: `[T, outputs]`, overwritten
    #[track_caller]
    pub fn forward<F: Real>(self, params: &Store<F>, x: ArrayView2<'_, F>, y: ArrayViewMut2<'_, F>) {
        let bias = Init::Bias(params.vector(self.bias));
        match params.packed(self.weight) {
            Some(weight) => weight.multiply(x, bias, y),
            None => gemm_in(self.precision, x, params.mat(self.weight).reversed_axes(), bias, y),
        }
    }

    /// Packs the weight for many calls of `forward`, until a value of `params` is written.
    pub fn pack<F: Real>(self, params: &mut Store<F>) {
        params.pack(self.weight, self.precision);
    }

    /// The gradients of weight and bias, added to `grads`.
    ///
    /// # Shapes
    /// - x: `[T, inputs]`, the input of `forward`
    /// - dy: `[T, outputs]`
    #[track_caller]
    pub fn backward_params<F: Real>(
        self,
        grads: &mut Gradients<F>,
        x: ArrayView2<'_, F>,
        dy: ArrayView2<'_, F>,
    ) {
        if let Some(table) = self.table {
            grads.touch_all(table);
        }
        // y = x·Wᵀ + b
        grads.add_product(self.weight, self.precision, dy, x);
        add_columns(dy, grads.vector_mut(self.bias));
    }

    /// As [`Linear::backward_params`] of a batch of which only some rows have a gradient: the same bits, but for the sign of zero.
    ///
    /// # Shapes
    /// - x: `[R, inputs]`
    /// - dy: `[R, outputs]`
    /// - places: `[R]`, which rows of the batch they are, ascending; and how many it has
    #[track_caller]
    pub fn backward_params_of_rows<F: Real>(
        self,
        grads: &mut Gradients<F>,
        x: ArrayView2<'_, F>,
        dy: ArrayView2<'_, F>,
        places: (&[usize], usize),
    ) {
        grads.add_product_of_rows(self.weight, self.precision, dy, x, places);
        add_columns(dy, grads.vector_mut(self.bias));
    }

    /// The gradient of the input: `dx = dy·W + init`, where `init` adds what reaches x by another way.
    ///
    /// # Shapes
    /// - dy: `[T, outputs]`
    /// - dx: `[T, inputs]`
    #[track_caller]
    pub fn backward_input<F: Real>(
        self,
        params: &Store<F>,
        dy: ArrayView2<'_, F>,
        init: Init<'_, F>,
        dx: ArrayViewMut2<'_, F>,
    ) {
        // y = x·Wᵀ + b
        gemm_in(self.precision, dy, params.mat(self.weight), init, dx);
    }

    /// As [`Linear::backward_input`] where the gradients of the first outputs are zero, which are not read: the same bits, but for the sign
    /// of zero.
    #[track_caller]
    pub fn backward_input_behind<F: Real>(
        self,
        params: &Store<F>,
        zeros: usize,
        dy: ArrayView2<'_, F>,
        init: Init<'_, F>,
        mut dx: ArrayViewMut2<'_, F>,
    ) {
        let outputs = self.outputs();
        let block = terms_of_a_block::<F>(self.precision);
        let middle = zeros.checked_next_multiple_of(block).map_or(outputs, |end| end.min(outputs));
        let mut add = |columns: Range<usize>, init: Init<'_, F>| {
            let dy = dy.slice(s![.., columns.clone()]);
            self.of_outputs(columns).backward_input(params, dy, init, dx.view_mut());
        };
        if middle == zeros {
            return add(zeros..outputs, init);
        }
        add(zeros..middle, init);
        add(middle..outputs, Init::Accumulate);
    }
}

/// Adds to each of `sums` the sum of its column of `matrix`, from the top.
fn add_columns<F: Real>(matrix: ArrayView2<'_, F>, sums: &mut [F]) {
    sums.par_chunks_mut(COLUMNS).zip(matrix.axis_chunks_iter(Axis(1), COLUMNS)).for_each(
        |(sums, columns)| {
            for (at, row) in columns.rows().into_iter().enumerate() {
                prefetch_row(columns, at + AHEAD);
                match row.to_slice() {
                    Some(row) => add(sums, row),
                    None => sums.iter_mut().zip(row).for_each(|(sum, &x)| *sum += x),
                }
            }
        },
    );
}

vectorised! {
    /// `sum += x`, value by value, as far as the shorter goes.
    pub fn add<F>(sum: &mut [F], x: &[F]) {
        sum.iter_mut().zip(x).for_each(|(sum, &x)| *sum += x);
    }
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::Embedding;
    use crate::check::{self, Problem};

    #[test]
    fn gradient() {
        for (rows, inputs, outputs) in [(1, 1, 1), (3, 5, 2), (7, 4, 6), (5, 3, 130)] {
            let mut layout = Layout::default();
            let linear = Linear::new(&mut layout, "dense", inputs, outputs);
            let problem = Problem::random(&layout, &[rows, inputs], &[rows, outputs]);
            problem.check(
                |params, x, y| linear.forward(params, x.view(), y),
                |params, x, dy, dx, grads| {
                    linear.backward_params(grads, x.view(), dy.view());
                    linear.backward_input(params, dy.view(), Init::Zero, dx);
                },
            );
        }
    }

    /// The table is looked up and projected onto; its gradient is the sum of both, and none of it is left after clearing.
    #[test]
    fn gradient_of_a_layer_tied_to_a_table() {
        let mut layout = Layout::default();
        let words = Embedding::new(&mut layout, "words", 5, 3);
        let tied = Linear::tied(&mut layout, words.table(), "decoder.bias");
        let ids = [4, 0, 4, 2];
        let look_up = |params: &Store<f64>, x: &ndarray::Array2<f64>| {
            let mut sum = x.clone();
            words.forward(params, ids, sum.as_slice_mut().unwrap());
            sum
        };
        Problem::random(&layout, &[4, 3], &[4, 5]).check(
            |params, x, y| tied.forward(params, look_up(params, x).view(), y),
            |params, x, dy, mut dx, grads| {
                tied.backward_params(grads, look_up(params, x).view(), dy.view());
                tied.backward_input(params, dy.view(), Init::Zero, dx.view_mut());
                words.backward(grads, ids, dx.as_slice().unwrap());
            },
        );
        let mut grads = layout.gradients::<f32>();
        tied.backward_params(
            &mut grads,
            ndarray::Array2::ones((1, 3)).view(),
            ndarray::Array2::ones((1, 5)).view(),
        );
        assert!(grads.store().values().iter().all(|&g| g == 1.0));
        assert!((grads.norm() - 20f64.sqrt()).abs() < 1e-12, "the norm sees every row");
        grads.clear();
        assert!(grads.store().values().iter().all(|&g| g == 0.0));
    }

    #[test]
    fn a_packed_weight_changes_no_bit_and_is_dropped_where_a_value_is_written() {
        let mut layout = Layout::default();
        let linear = Linear::new(&mut layout, "dense", 401, 67);
        let x: ndarray::Array2<f32> =
            check::random("x", &[150, 401]).mapv(|x| x as f32).into_dimensionality().unwrap();
        let outputs = Precision::ALL.map(|precision| {
            let linear = linear.in_precision(precision);
            let mut params = check::random_store::<f32>(&layout, "params");
            let forward = |params: &Store<f32>| {
                let mut y = ndarray::Array2::zeros((150, 67));
                linear.forward(params, x.view(), y.view_mut());
                y
            };
            let unpacked = forward(&params);
            linear.pack(&mut params);
            assert_eq!(forward(&params), unpacked, "{}", precision.name());
            params.values_mut().fill(0.0);
            assert!(forward(&params).iter().all(|&y| y == 0.0), "{}", precision.name());
            unpacked
        });
        assert!(outputs[0] != outputs[1] && outputs[0] != outputs[2], "rounding is seen");
    }

    /// Sums over many rows, and over many outputs, are made of parts: leaving out zeros must not move their borders.
    #[test]
    fn what_has_no_gradient_can_be_left_out() {
        let (rows, inputs, outputs) = (2000, 20, 1600);
        let mut layout = Layout::default();
        let linear = Linear::new(&mut layout, "dense", inputs, outputs);
        let params = check::random_store::<f32>(&layout, "params");
        let values = |name: &str, columns: usize| -> ndarray::Array2<f32> {
            check::random(name, &[rows, columns]).mapv(|x| x as f32).into_dimensionality().unwrap()
        };
        let (x, dy) = (values("x", inputs), values("dy", outputs));
        for linear in [Precision::Float32, Precision::Bf16].map(|precision| linear.in_precision(precision)) {
            let places: Vec<usize> = (0..rows).filter(|row| row % 7 == 0 || row % 11 == 3).collect();
            let mut some = dy.clone();
            (0..rows).filter(|row| !places.contains(row)).for_each(|row| some.row_mut(row).fill(0.0));
            let (mut whole, mut grads) = (layout.gradients(), layout.gradients());
            linear.backward_params(&mut whole, x.view(), some.view());
            let [x, rows_of_dy] = [&x, &dy].map(|all| all.select(Axis(0), &places));
            linear.backward_params_of_rows(&mut grads, x.view(), rows_of_dy.view(), (&places, rows));
            assert_eq!(grads.store(), whole.store());

            for zeros in [0, 5, 384, 700, 768, 1590] {
                let mut behind = dy.clone();
                behind.slice_mut(s![.., ..zeros]).fill(0.0);
                let (mut whole, mut dx) = (values("dx", inputs), values("dx", inputs));
                linear.backward_input(&params, behind.view(), Init::Accumulate, whole.view_mut());
                linear.backward_input_behind(&params, zeros, dy.view(), Init::Accumulate, dx.view_mut());
                assert_eq!(dx, whole, "{zeros} zeros");
            }
        }
    }

    #[test]
    fn stacked_layers_are_their_members_side_by_side() {
        let mut layout = Layout::default();
        let names = ["query".to_string(), "key".to_string()];
        let both = Linear::stacked(&mut layout, &names, 3, 2);
        let params = check::random_store::<f64>(&layout, "params");
        let x = check::random("x", &[4, 3]);
        let (x, mut y) = (x.into_dimensionality().unwrap(), ndarray::Array2::zeros((4, 4)));
        both.forward(&params, x.view(), y.view_mut());
        let mut last = ndarray::Array2::zeros((4, 2));
        both.of_outputs(2..4).forward(&params, x.view(), last.view_mut());
        assert_eq!(last, y.slice(s![.., 2..]));
        for (i, name) in names.iter().enumerate() {
            let entry = |part: &str| layout.find(&format!("{name}.{part}")).unwrap().range.clone();
            let weight = ArrayView2::from_shape((2, 3), &params.values()[entry("weight")]).unwrap();
            let bias = &params.values()[entry("bias")];
            for ((row, column), &got) in y.slice(s![.., 2 * i..2 * i + 2]).indexed_iter() {
                let want: f64 = (0..3).map(|k| x[[row, k]] * weight[[column, k]]).sum::<f64>() + bias[column];
                assert!((got - want).abs() < 1e-12);
            }
        }
    }
}
