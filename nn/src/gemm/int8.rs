//! Products of operands in int8, summed as integers: weights by column, activations by row, each value a whole multiple of its
//! column's or row's own unit, which is the greatest absolute value over 127.
//!
//! Activations are quantised as they come (dynamically), so there is nothing to calibrate. The instruction multiplies bytes without a sign by
//! bytes with one: activations are stored with 128 added, and sums begin at what that adds, so that they end as those of the values. A sum
//! of whole numbers has no order: every kernel gives the same integers, and one rounding each makes them float32.

use std::cell::Cell;

use ndarray::{ArrayView2, ArrayViewMut2, Axis};

use super::kernel::int8::{Quantised, tiles_int8};
use super::packed::RightOperand;
use super::tile::{COLUMNS, Init, ROWS};
use super::walk::{by_rows, check, rows_of_a_part};
use crate::simd::vectorised;

/// Steps of k that one instruction takes.
const STEP: usize = 4;
/// The greatest inner dimension: sums of so many products of ±127 fit 32 bits.
const DEEPEST: usize = 1 << 17;
/// Bytes of A that are walked for one panel of B: with the panel they fit the second-level cache.
const WALK: usize = 5 << 16;
/// What an activation's byte has above its value.
const SHIFT: i32 = 128;
/// The greatest absolute value.
const MOST: f32 = 127.0;
/// A row or column whose greatest absolute value is less is taken for zero: 127 over it would overflow.
const LEAST: f32 = 1e-36;

/// A matrix in int8, `[panel of COLUMNS][k / STEP][COLUMNS, STEP]`, with zeros below and on the right.
#[derive(Debug)]
pub struct Bytes {
    rows: usize,
    columns: usize,
    /// Rows with those that fill the last quad, at least one.
    depth: usize,
    values: Vec<i8>,
    /// For each column what its integers are multiples of.
    units: Vec<f32>,
    /// For each column minus the sum of its integers, times [`SHIFT`]: where its sums begin.
    starts: Vec<i32>,
}

impl RightOperand<f32> for Bytes {
    fn of(matrix: ArrayView2<'_, f32>) -> Self {
        let (rows, columns) = matrix.dim();
        assert!(rows <= DEEPEST, "gemm: {rows} values in a sum, at most {DEEPEST} in int8");
        let (depth, padded) = (rows.next_multiple_of(STEP).max(STEP), columns.next_multiple_of(COLUMNS));
        let mut bytes = vec![0; depth];
        let mut packed = Self {
            rows,
            columns,
            depth,
            values: vec![0; depth * padded],
            units: vec![0.0; padded],
            starts: vec![0; padded],
        };
        for (j, column) in matrix.columns().into_iter().enumerate() {
            packed.units[j] = quantise(&column.to_vec(), &mut bytes);
            let panel = &mut packed.values[j / COLUMNS * COLUMNS * depth..][..COLUMNS * depth];
            for (k, &byte) in bytes.iter().enumerate() {
                let integer = i32::from(byte) - SHIFT;
                panel[(k / STEP * COLUMNS + j % COLUMNS) * STEP + k % STEP] = integer as i8;
                packed.starts[j] -= SHIFT * integer;
            }
        }
        packed
    }

    fn multiply(&self, a: ArrayView2<'_, f32>, init: Init<'_, f32>, c: ArrayViewMut2<'_, f32>) {
        check(a.dim(), (self.rows, self.columns), init, &c);
        if !c.is_empty() {
            let rows = rows_of_a_part(a.nrows(), self.rows, self.columns);
            by_rows(a, c, rows, &|a, c| self.walk(a, init, c));
        }
    }
}

impl Bytes {
    /// The product for some rows of C.
    fn walk(&self, a: ArrayView2<'_, f32>, init: Init<'_, f32>, mut c: ArrayViewMut2<'_, f32>) {
        let depth = self.depth;
        let together = (WALK / depth / ROWS * ROWS).clamp(ROWS, 64 * ROWS);
        let parts = c.axis_chunks_iter_mut(Axis(0), together);
        for (a, c) in a.axis_chunks_iter(Axis(0), together).zip(parts) {
            with_rows(a.nrows(), depth, |bytes, units| {
                for ((row, to), unit) in a.rows().into_iter().zip(bytes.chunks_mut(depth)).zip(&mut *units) {
                    *unit = match row.to_slice() {
                        Some(row) => quantise(row, to),
                        None => quantise(&row.to_vec(), to),
                    };
                }
                self.tiles(bytes, units, init, c);
            });
        }
    }

    /// The product for rows that are quantised.
    fn tiles(&self, bytes: &[u8], units: &[f32], init: Init<'_, f32>, mut c: ArrayViewMut2<'_, f32>) {
        let depth = self.depth;
        for (panel, c) in c.axis_chunks_iter_mut(Axis(1), COLUMNS).enumerate() {
            let left = panel * COLUMNS;
            let init = init.columns(left, left + c.ncols());
            let operands = Quantised {
                a: bytes,
                a_units: units,
                b: &self.values[left * depth..][..COLUMNS * depth],
                b_units: self.units[left..].first_chunk().expect("columns are padded"),
                starts: self.starts[left..].first_chunk().expect("columns are padded"),
            };
            tiles_int8(operands, init, c);
        }
    }
}

thread_local! {
    /// Memory for quantised rows, taken out while in use.
    static MEMORY: Cell<(Vec<u8>, Vec<f32>)> = const { Cell::new((Vec::new(), Vec::new())) };
}

/// Runs `body` with the thread's memory for `rows` rows of `depth` bytes, and a unit for each.
fn with_rows(rows: usize, depth: usize, body: impl FnOnce(&mut [u8], &mut [f32])) {
    let (mut bytes, mut units) = MEMORY.take();
    if bytes.len() < rows * depth || units.len() < rows {
        bytes.resize(bytes.len().max(rows * depth), 0);
        units.resize(units.len().max(rows), 0.0);
    }
    body(&mut bytes[..rows * depth], &mut units[..rows]);
    MEMORY.set((bytes, units));
}

/// What values are multiples of, and what to multiply them by. A value that is not finite makes the unit so, and with it the sums.
#[inline(always)]
fn unit(values: &[f32]) -> (f32, f32) {
    // As integers magnitudes have an order in which NaN comes last, and their greatest does not depend on theirs.
    let greatest = values.iter().fold(0, |greatest, x| x.abs().to_bits().max(greatest));
    let greatest = f32::from_bits(greatest);
    if greatest < LEAST { (0.0, 0.0) } else { (greatest / MOST, MOST / greatest) }
}

vectorised! {
    /// Bytes of a row, with zeros after the last, and their unit.
    fn quantise(values: &[f32], to: &mut [u8]) -> f32 {
        // Adding 1.5·2²³ rounds to a whole number, ties to even, and leaves it in the low bits of the sum.
        const ROUND: f32 = 12_582_912.0 + SHIFT as f32;
        let (unit, inverse) = unit(values);
        for (to, x) in to.iter_mut().zip(values) {
            *to = x.mul_add(inverse, ROUND).to_bits() as u8;
        }
        to[values.len()..].fill(SHIFT as u8);
        unit
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use proptest::prelude::*;

    use super::*;
    use crate::random::Stream;

    fn matrix(name: &str, rows: usize, columns: usize) -> Array2<f32> {
        let mut rng = Stream::new(1, name).at(0);
        Array2::from_shape_simple_fn((rows, columns), || (rng.uniform() as f32 - 0.5) * 4.0)
    }

    /// The integers of some values and their unit, one by one.
    fn integers(values: &[f32]) -> (Vec<i32>, f32) {
        let greatest = values.iter().fold(0.0f32, |greatest, x| greatest.max(x.abs()));
        if greatest < 1e-36 {
            return (vec![0; values.len()], 0.0);
        }
        let inverse = f64::from(127.0 / greatest);
        // The product of two float32 is exact in float64.
        let rounded = values.iter().map(|&x| (f64::from(x) * inverse).round_ties_even() as i32);
        (rounded.collect(), greatest / 127.0)
    }

    /// The plain twin: sums of integers, then a rounding for each factor and for what it is added to.
    fn reference(a: &Array2<f32>, b: &Array2<f32>, init: Init<'_, f32>, c: &Array2<f32>) -> Array2<f32> {
        let rows: Vec<_> = a.rows().into_iter().map(|row| integers(&row.to_vec())).collect();
        let columns: Vec<_> = b.columns().into_iter().map(|column| integers(&column.to_vec())).collect();
        Array2::from_shape_fn(c.dim(), |(i, j)| {
            let ((a, a_unit), (b, b_unit)) = (&rows[i], &columns[j]);
            let sum: i32 = a.iter().zip(b).map(|(a, b)| a * b).sum();
            let value = sum as f32 * a_unit * b_unit;
            match init {
                Init::Zero => value,
                Init::Accumulate => c[[i, j]] + value,
                Init::Bias(bias) => value + bias[j],
            }
        })
    }

    fn check(a: Array2<f32>, b: Array2<f32>) {
        let (c, bias) = (matrix("c", a.nrows(), b.ncols()), matrix("bias", 1, b.ncols()).row(0).to_vec());
        let (at, bt) = (a.t().to_owned(), b.t().to_owned());
        for init in [Init::Zero, Init::Accumulate, Init::Bias(&bias)] {
            let want = reference(&a, &b, init, &c);
            for (a, b) in [(a.view(), b.view()), (at.t(), bt.t())] {
                let mut product = c.clone();
                Bytes::of(b).multiply(a, init, product.view_mut());
                assert_eq!(product, want);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn product_equals_the_plain_twin_to_the_bit(m in 0..40usize, k in 0..40usize, n in 0..70usize) {
            check(matrix("a", m, k), matrix("b", k, n));
        }
    }

    #[test]
    fn product_over_several_walks_and_threads_equals_the_plain_twin() {
        check(matrix("a", 230, 1537), matrix("b", 1537, 35));
    }

    /// Sums as great as there are, of both signs, and rows and columns of zeros or next to nothing.
    #[test]
    fn sums_of_the_greatest_integers_do_not_overflow() {
        let (mut a, mut b) = (Array2::from_elem((3, DEEPEST), 1.0), Array2::from_elem((DEEPEST, 3), -2.0));
        a.row_mut(1).fill(-1e-37);
        b.column_mut(1).fill(0.0);
        check(a, b);
    }

    #[test]
    fn what_is_not_finite_stays_so() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let (mut a, mut c) = (matrix("a", 2, 5), Array2::zeros((2, 3)));
            a[[1, 2]] = bad;
            Bytes::of(matrix("b", 5, 3).view()).multiply(a.view(), Init::Zero, c.view_mut());
            assert!(c.row(0).iter().all(|x| x.is_finite()) && c.row(1).iter().all(|x| !x.is_finite()), "{c}");
        }
    }
}
