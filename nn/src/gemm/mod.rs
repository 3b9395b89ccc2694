//! The matrix product: `C = A·B`, plus a bias, or plus what C held.
//!
//! The classic blocked scheme (Goto & van de Geijn 2008): panels of B are packed once for all threads, each
//! thread takes rows of C, and a register-blocked kernel does `ROWS × COLUMNS` outputs at a time. An output is
//! summed over k in order, in blocks of `DEPTH`, whatever the tiling: that is why threads do not change bits.
#![expect(
    unreachable_pub,
    reason = "`Operand` seals `Real`: public in name, so that nobody outside can implement it"
)]

mod bf16;
mod int8;
mod kernel;
mod operand;
mod pack;
mod packed;
mod packing;
mod tile;
mod walk;

use std::sync::Arc;

use ndarray::{ArrayView2, ArrayViewMut2};

use crate::{Precision, Real};
pub use bf16::Pair;
pub use int8::Bytes;
pub use operand::Operand;
pub use packed::{Panels, RightOperand};
pub use tile::Init;
use walk::{by_rows, check, rows_of_a_part, walk};

/// `C = A·B + init`, over the threads of the current rayon pool.
///
/// # Shapes
/// - a: `[m, k]`, any strides (a transposed view costs little)
/// - b: `[k, n]`, any strides
/// - c: `[m, n]`, unit column stride
///
/// # Panics
/// If the shapes do not fit, or the columns of C are not contiguous.
#[track_caller]
pub fn gemm<F: Real>(a: ArrayView2<'_, F>, b: ArrayView2<'_, F>, init: Init<'_, F>, c: ArrayViewMut2<'_, F>) {
    gemm_in(Precision::Float32, a, b, init, c);
}

/// [`gemm`] of operands that are rounded to `precision` first; f64 is not rounded.
///
/// # Panics
/// As [`gemm`], and in int8 if k is more than 2¹⁷.
#[track_caller]
pub fn gemm_in<F: Real>(
    precision: Precision,
    a: ArrayView2<'_, F>,
    b: ArrayView2<'_, F>,
    init: Init<'_, F>,
    c: ArrayViewMut2<'_, F>,
) {
    check(a.dim(), b.dim(), init, &c);
    match precision {
        Precision::Float32 => product::<F>(a, b, init, c),
        Precision::Bf16 => product::<F::Rounded>(a, b, init, c),
        Precision::Int8 => F::Quantised::of(b).multiply(a, init, c),
    }
}

/// How many terms of a product's sums are added up before they are added to C: sums over more are made of several such blocks, in order.
/// Integers are summed whole.
pub(crate) fn terms_of_a_block<F: Real>(precision: Precision) -> usize {
    match precision {
        Precision::Float32 => tile::DEPTH * F::STEP,
        Precision::Bf16 => tile::DEPTH * F::Rounded::STEP,
        Precision::Int8 => usize::MAX,
    }
}

/// A right operand for many products of this precision.
pub(crate) fn packed<F: Real>(precision: Precision, b: ArrayView2<'_, F>) -> Arc<dyn RightOperand<F>> {
    match precision {
        Precision::Float32 => Arc::new(Panels::<F>::of(b)),
        Precision::Bf16 => Arc::new(Panels::<F::Rounded>::of(b)),
        Precision::Int8 => Arc::new(F::Quantised::of(b)),
    }
}

fn product<U: Operand>(
    a: ArrayView2<'_, U::Value>,
    b: ArrayView2<'_, U::Value>,
    init: Init<'_, U::Value>,
    c: ArrayViewMut2<'_, U::Value>,
) {
    let (m, k, n) = (a.nrows(), a.ncols(), b.ncols());
    let rows = rows_of_a_part(m, k, n);
    if rows == m {
        return alone::<U>(a, b, init, c);
    }
    pack::with_columns::<U>(k, n, |packed| {
        pack::columns(b, packed, true);
        by_rows(a, c, rows, &|a, c| walk(a, packed, init, c));
    });
}

/// [`gemm_in`] on the calling thread alone, for products inside work that is already spread over the threads.
///
/// # Panics
/// As [`gemm`].
#[track_caller]
pub(crate) fn serial<F: Real>(
    precision: Precision,
    a: ArrayView2<'_, F>,
    b: ArrayView2<'_, F>,
    init: Init<'_, F>,
    c: ArrayViewMut2<'_, F>,
) {
    check(a.dim(), b.dim(), init, &c);
    match precision {
        Precision::Float32 => alone::<F>(a, b, init, c),
        Precision::Bf16 => alone::<F::Rounded>(a, b, init, c),
        Precision::Int8 => unreachable!("products of activations are not quantised"),
    }
}

fn alone<U: Operand>(
    a: ArrayView2<'_, U::Value>,
    b: ArrayView2<'_, U::Value>,
    init: Init<'_, U::Value>,
    c: ArrayViewMut2<'_, U::Value>,
) {
    if c.is_empty() {
        return;
    }
    pack::with_columns::<U>(b.nrows(), b.ncols(), |packed| {
        pack::columns(b, packed, false);
        walk(a, packed, init, c);
    });
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2, s};
    use proptest::prelude::*;

    use super::tile::{DEPTH, WALK};
    use super::*;
    use crate::random::Stream;

    /// The plain twin: each output summed over k in order, with one rounding a step.
    fn reference<F: Real>(a: &Array2<F>, b: &Array2<F>, init: Init<'_, F>, c: &Array2<F>) -> Array2<F> {
        twin(a, b, init, c, DEPTH, F::mul_add)
    }

    /// The same of operands in bf16, of an even number of steps, without subnormal numbers.
    fn reference_bf16(a: &Array2<f32>, b: &Array2<f32>, init: Init<'_, f32>, c: &Array2<f32>) -> Array2<f32> {
        let flush = |x: f32| if x.is_subnormal() { 0.0f32.copysign(x) } else { x };
        let even = a.ncols().next_multiple_of(2);
        let rounded = |x: &Array2<f32>, shape| {
            Array2::from_shape_fn(shape, |at| {
                x.get(at).map_or(0.0, |&x| half::bf16::from_f32(flush(x)).to_f32())
            })
        };
        let (a, b) = (rounded(a, (a.nrows(), even)), rounded(b, (even, b.ncols())));
        twin(&a, &b, init, c, 2 * DEPTH, |a, b, sum| flush(a.mul_add(b, sum)))
    }

    fn twin<F: Real>(
        a: &Array2<F>,
        b: &Array2<F>,
        init: Init<'_, F>,
        c: &Array2<F>,
        depth: usize,
        step: impl Fn(F, F, F) -> F,
    ) -> Array2<F> {
        Array2::from_shape_fn(c.dim(), |(i, j)| {
            let block = |from: usize| {
                (from..(from + depth).min(a.ncols())).fold(F::zero(), |s, k| step(a[[i, k]], b[[k, j]], s))
            };
            let start = match init {
                Init::Zero => None,
                Init::Accumulate => Some(c[[i, j]]),
                Init::Bias(bias) => Some(bias[j]),
            };
            (0..a.ncols())
                .step_by(depth)
                .fold(start, |sum, from| Some(sum.map_or(block(from), |s| s + block(from))))
                .unwrap_or(F::zero())
        })
    }

    fn matrix<F: Real>(name: &str, rows: usize, columns: usize) -> Array2<F> {
        let mut rng = Stream::new(1, name).at(0);
        Array2::from_shape_simple_fn((rows, columns), || F::of(rng.uniform() - 0.5))
    }

    /// Values of all sizes, so that products and sums go below the least normal number.
    fn of_all_sizes(name: &str, rows: usize, columns: usize) -> Array2<f32> {
        let mut rng = Stream::new(2, name).at(0);
        Array2::from_shape_simple_fn((rows, columns), || {
            (rng.uniform() as f32 - 0.5) * 2f32.powi((rng.uniform() * 150.0) as i32 - 140)
        })
    }

    type Twin<F> = fn(&Array2<F>, &Array2<F>, Init<'_, F>, &Array2<F>) -> Array2<F>;

    fn check_all<F: Real>(m: usize, k: usize, n: usize) {
        let (a, b) = (matrix::<F>("a", m, k), matrix::<F>("b", k, n));
        check_of(Precision::Float32, reference, a, b);
    }

    fn check_bf16(m: usize, k: usize, n: usize) {
        check_of(Precision::Bf16, reference_bf16, matrix("a", m, k), matrix("b", k, n));
        check_of(Precision::Bf16, reference_bf16, of_all_sizes("a", m, k), of_all_sizes("b", k, n));
    }

    fn check_of<F: Real>(precision: Precision, twin: Twin<F>, a: Array2<F>, b: Array2<F>) {
        let (m, k, n) = (a.nrows(), a.ncols(), b.ncols());
        let c = matrix::<F>("c", m, n);
        let bias = matrix::<F>("bias", 1, n).row(0).to_owned();
        let (at, bt) = (a.t().to_owned(), b.t().to_owned());
        // Columns of a wider matrix, as attention reads its heads.
        let mut wide = Array2::zeros((k, n + 3));
        wide.slice_mut(s![.., 1..n + 1]).assign(&b);
        for init in [Init::Zero, Init::Accumulate, Init::Bias(bias.as_slice().unwrap())] {
            let want = twin(&a, &b, init, &c);
            let operands = [
                (a.view(), b.view()),
                (at.t(), b.view()),
                (a.view(), bt.t()),
                (at.t(), bt.t()),
                (a.view(), wide.slice(s![.., 1..n + 1])),
            ];
            for (a, b) in operands {
                let (mut together, mut alone) = (c.clone(), c.clone());
                gemm_in(precision, a, b, init, together.view_mut());
                serial(precision, a, b, init, alone.view_mut());
                assert_eq!(together, want);
                assert_eq!(alone, want);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn product_equals_the_plain_twin_to_the_bit(m in 0..40usize, k in 0..40usize, n in 0..70usize) {
            check_all::<f32>(m, k, n);
            check_all::<f64>(m, k, n);
            check_bf16(m, k, n);
        }
    }

    #[test]
    fn product_over_several_blocks_and_threads_equals_the_plain_twin() {
        check_all::<f32>(WALK + 17, DEPTH + 5, 67);
        check_all::<f64>(WALK + 17, DEPTH + 5, 67);
        check_bf16(WALK + 17, 2 * DEPTH + 5, 67);
    }

    #[test]
    fn a_product_without_rows_or_columns_or_depth_is_no_error() {
        for (m, k, n) in [(0, 3, 5), (2, 3, 0), (2, 0, 5), (0, 0, 0)] {
            check_all::<f32>(m, k, n);
            check_all::<f64>(m, k, n);
            check_bf16(m, k, n);
        }
    }

    #[test]
    #[should_panic(expected = "gemm: (2, 3) · (4, 5) does not give (2, 5)")]
    fn shapes_that_do_not_fit_panic() {
        let c = &mut Array2::<f32>::zeros((2, 5));
        gemm(Array2::zeros((2, 3)).view(), Array2::zeros((4, 5)).view(), Init::Zero, c.view_mut());
    }

    #[test]
    fn a_bias_of_the_wrong_length_panics() {
        let bias = Array1::<f32>::zeros(4);
        let run = || {
            gemm(
                Array2::zeros((2, 3)).view(),
                Array2::zeros((3, 5)).view(),
                Init::Bias(bias.as_slice().unwrap()),
                Array2::zeros((2, 5)).view_mut(),
            )
        };
        assert!(std::panic::catch_unwind(run).is_err());
    }
}
