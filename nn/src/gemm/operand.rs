//! What the register kernel multiplies: the values themselves, or values rounded on the way into the packing memory.
//!
//! The walk over blocks, panels and tiles is the same for all. A kind of operand says how many steps of k it takes at a time,
//! how values become operands, and brings its kernel.

use std::thread::LocalKey;

use ndarray::{ArrayView2, ArrayViewMut2, NdFloat};

use super::bf16::Pair;
use super::kernel::transpose::SQUARE;
use super::kernel::{self, rounding, transpose};
use super::packing::Packing;
use super::tile::{COLUMNS, Init, Rows};

/// One unit of an operand: [`Operand::STEP`] values of one row of A, or of one column of B, that follow each other along k.
pub trait Operand: Copy + Default + std::fmt::Debug + Send + Sync + 'static {
    /// What it is made of, and what the product is summed in.
    type Value: NdFloat;

    /// Values in a unit.
    const STEP: usize;

    /// The calling thread's packing memory.
    fn packing() -> &'static LocalKey<Packing<Self>>;

    /// The block itself, where values are their own units, so that they can be read where they stand.
    fn in_place(block: ArrayView2<'_, Self::Value>) -> Option<ArrayView2<'_, Self>>;

    /// Values along k, a unit for each `STEP` of them; zeros fill the last.
    fn along(values: &[Self::Value], to: &mut [Self]);

    /// A step of k of `n` rows or columns, and where a unit has two the next: a unit for each; zeros, where there is no next.
    fn across(first: &[Self::Value], second: Option<&[Self::Value]>, to: &mut [Self]);

    /// `to[k][left + j] = from[j][k]`, as far as `to` goes.
    fn transpose(from: &[[Self; SQUARE]; SQUARE], to: &mut [[Self; COLUMNS]], left: usize);

    /// The inner loops: `c = a·b + init` for some rows and at most `COLUMNS` columns of C; b has `COLUMNS` units for each of a row of a.
    fn tiles(a: Rows<'_, Self>, b: &[Self], init: Init<'_, Self::Value>, c: ArrayViewMut2<'_, Self::Value>);
}

/// Implements [`Operand`] for a scalar that is multiplied as it is.
macro_rules! values_themselves {
    ($scalar:ty, $transpose:path, $tiles:path) => {
        impl Operand for $scalar {
            type Value = $scalar;

            const STEP: usize = 1;

            fn packing() -> &'static LocalKey<Packing<$scalar>> {
                thread_local!(static PACKING: Packing<$scalar> = const { Packing::new() });
                &PACKING
            }

            fn in_place(block: ArrayView2<'_, $scalar>) -> Option<ArrayView2<'_, $scalar>> {
                Some(block)
            }

            #[inline(always)]
            fn along(values: &[$scalar], to: &mut [$scalar]) {
                to.copy_from_slice(values);
            }

            #[inline(always)]
            fn across(first: &[$scalar], _: Option<&[$scalar]>, to: &mut [$scalar]) {
                to.copy_from_slice(first);
            }

            fn transpose(from: &[[$scalar; SQUARE]; SQUARE], to: &mut [[$scalar; COLUMNS]], left: usize) {
                $transpose(from, to, left);
            }

            fn tiles(
                a: Rows<'_, $scalar>,
                b: &[$scalar],
                init: Init<'_, $scalar>,
                c: ArrayViewMut2<'_, $scalar>,
            ) {
                $tiles(a, b, init, c);
            }
        }
    };
}

values_themselves!(f32, transpose::values, kernel::tiles_f32);
values_themselves!(f64, transpose::plain, kernel::tiles_plain);

impl Operand for Pair {
    type Value = f32;

    const STEP: usize = 2;

    fn packing() -> &'static LocalKey<Packing<Pair>> {
        thread_local!(static PACKING: Packing<Pair> = const { Packing::new() });
        &PACKING
    }

    fn in_place(_: ArrayView2<'_, f32>) -> Option<ArrayView2<'_, Pair>> {
        None
    }

    fn along(values: &[f32], to: &mut [Pair]) {
        rounding::along(values, to);
    }

    fn across(first: &[f32], second: Option<&[f32]>, to: &mut [Pair]) {
        match second {
            Some(second) => rounding::across(first, second, to),
            None => to.iter_mut().zip(first).for_each(|(to, &first)| *to = Pair::of(first, 0.0)),
        }
    }

    fn transpose(from: &[[Pair; SQUARE]; SQUARE], to: &mut [[Pair; COLUMNS]], left: usize) {
        transpose::pairs(from, to, left);
    }

    fn tiles(a: Rows<'_, Pair>, b: &[Pair], init: Init<'_, f32>, c: ArrayViewMut2<'_, f32>) {
        kernel::tiles_bf16(a, b, init, c);
    }
}
