//! The innermost loop: a `ROWS × COLUMNS` tile of A·B kept in registers while k runs.
//!
//! 24 of the 32 vector registers of AVX-512 hold the tile; AVX2 does it in four strips. Each output is a chain of
//! fused multiply-adds over k in order, on every level, so all of them give the same bits.
#![allow(unsafe_code)]

pub(super) mod int8;
pub(super) mod rounding;
pub(super) mod transpose;

use ndarray::{ArrayViewMut2, Axis, NdFloat};

use super::bf16::Pair;
use super::tile::{COLUMNS, Init, ROWS, Rows, Tile};
#[cfg(target_arch = "x86_64")]
use crate::simd::prefetch_behind;
use crate::simd::{Level, has_bf16, level};
#[cfg(target_arch = "x86_64")]
use pairs::{add_products, load_pairs, splat_pair};

/// How many steps of k ahead a panel of B is asked for, and at its end the next one, which lies behind it: the processor's own guesses end with
/// each page of 4 KiB, which is 32 steps.
#[cfg(target_arch = "x86_64")]
const AHEAD: usize = 64;

/// The tiles in plain code: for f64, and for CPUs without AVX2.
pub(super) fn tiles_plain<F: NdFloat>(a: Rows<'_, F>, b: &[F], init: Init<'_, F>, c: ArrayViewMut2<'_, F>) {
    sweep(a, b, init, c, F::mul_add);
}

/// The tiles by `step`, which adds to a sum the product of a unit of each operand.
fn sweep<U: Copy, F: NdFloat>(
    a: Rows<'_, U>,
    b: &[U],
    init: Init<'_, F>,
    mut c: ArrayViewMut2<'_, F>,
    step: impl Fn(U, U, F) -> F,
) {
    let depth = a.check(b, init, &c);
    for (tile, c) in c.axis_chunks_iter_mut(Axis(0), ROWS).enumerate() {
        let mut sums = Tile::zeros();
        for (k, b) in b.as_chunks::<COLUMNS>().0.iter().enumerate() {
            for (i, sums) in sums.0[..c.nrows()].iter_mut().enumerate() {
                let a = a.at(tile * ROWS + i, k, depth);
                sums.iter_mut().zip(b).for_each(|(sum, &b)| *sum = step(a, b, *sum));
            }
        }
        sums.store(init, c);
    }
}

/// The tiles with the best instructions that the CPU has.
pub(super) fn tiles_f32(a: Rows<'_, f32>, b: &[f32], init: Init<'_, f32>, c: ArrayViewMut2<'_, f32>) {
    #[cfg(target_arch = "x86_64")]
    match level() {
        // SAFETY: `level` found AVX-512.
        Level::Avx512 => return in_vectors(a, b, init, c, |tiles| unsafe { avx512(tiles) }),
        // SAFETY: `level` found AVX2 and FMA.
        Level::Avx2 => return in_vectors(a, b, init, c, |tiles| unsafe { avx2(tiles) }),
        Level::Portable => {}
    }
    tiles_plain(a, b, init, c);
}

/// The tiles of operands in bf16. In plain code it is exact and slow.
pub(super) fn tiles_bf16(a: Rows<'_, Pair>, b: &[Pair], init: Init<'_, f32>, c: ArrayViewMut2<'_, f32>) {
    #[cfg(target_arch = "x86_64")]
    if has_bf16() {
        // SAFETY: `has_bf16` found AVX-512 with bf16.
        return in_vectors(a, b, init, c, |tiles| unsafe { avx512_bf16(tiles) });
    }
    sweep(a, b, init, c, Pair::multiply_add);
}

/// Where a kernel writes: whole rows of `COLUMNS` in C or in a tile. [`whole_columns`] alone makes them.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
struct Output<'a> {
    init: Init<'a, f32>,
    /// `COLUMNS` values for each of so many rows, `stride` apart.
    c: *mut f32,
    rows: usize,
    stride: isize,
}

/// Tiles under each other, as a kernel takes them. They are checked: [`in_vectors`] alone makes them.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
struct Tiles<'a, U> {
    /// The first unit of A's first row, and how far it is to the next tile, row and step of k.
    a: *const U,
    tile: isize,
    row: isize,
    step: isize,
    /// `[depth, COLUMNS]`
    b: &'a [U],
    output: Output<'a>,
}

/// Checks the operands and gives them to the kernel.
#[cfg(target_arch = "x86_64")]
fn in_vectors<U: Copy>(
    a: Rows<'_, U>,
    b: &[U],
    init: Init<'_, f32>,
    c: ArrayViewMut2<'_, f32>,
    kernel: impl Fn(Tiles<'_, U>),
) {
    let depth = a.check(b, init, &c) as isize;
    let (at, tile, row, step) = match a {
        Rows::Along(rows) => (rows.as_ptr(), ROWS as isize * rows.strides()[0], rows.strides()[0], 1),
        Rows::Panels(panels) => (panels.as_ptr(), ROWS as isize * depth, 1, ROWS as isize),
    };
    whole_columns(init, c, |first, output| {
        let a = at.wrapping_offset(first as isize * tile);
        kernel(Tiles { a, tile, row, step, b, output });
    });
}

/// Gives the kernel whole rows to write, and from which tile on: C's where they are whole, else those of a tile of which C takes a part.
#[cfg(target_arch = "x86_64")]
fn whole_columns(init: Init<'_, f32>, mut c: ArrayViewMut2<'_, f32>, kernel: impl Fn(usize, Output<'_>)) {
    if c.ncols() == COLUMNS {
        let (rows, stride) = (c.nrows(), c.strides()[0]);
        return kernel(0, Output { init, c: c.as_mut_ptr(), rows, stride });
    }
    for (tile, c) in c.axis_chunks_iter_mut(Axis(0), ROWS).enumerate() {
        let mut sums = Tile::zeros();
        let (to, rows, stride) = (sums.0.as_mut_ptr().cast(), c.nrows(), COLUMNS as isize);
        kernel(tile, Output { init: Init::Zero, c: to, rows, stride });
        sums.store(init, c);
    }
}

/// Calls `$strip` with as many rows, known to the compiler: sums stay in registers.
#[cfg(target_arch = "x86_64")]
macro_rules! of_rows {
    ($rows:expr, [$($count:literal)*], $strip:ident $arguments:tt) => {
        match $rows {
            $($count => $strip::<$count> $arguments,)*
            _ => unreachable!("a strip has between one row and all of its own"),
        }
    };
}

#[cfg(target_arch = "x86_64")]
use of_rows;

/// Defines a kernel that sweeps tiles in strips of `$strip` rows, or as many of `$rows` as are left, by `$vectors` registers of `$lanes` sums.
#[cfg(target_arch = "x86_64")]
macro_rules! kernel {
    ($name:ident, $unit:ty, $features:literal, $lanes:literal, $vectors:literal, $strip:literal: [$($rows:literal)*], $zero:ident, $load:ident, $load_sums:ident, $add:ident, $store:ident, $splat:ident, $fma:ident) => {
        /// # Safety
        /// The CPU has the features.
        #[target_feature(enable = $features)]
        unsafe fn $name(tiles: Tiles<'_, $unit>) {
            use std::arch::x86_64::*;

            /// # Safety
            /// There are `R` rows at `a` and at `c`.
            #[target_feature(enable = $features)]
            unsafe fn strip<const R: usize>(tiles: &Tiles<'_, $unit>, a: *const $unit, c: *mut f32) {
                let Tiles { row, step, b, output: Output { init, stride, .. }, .. } = *tiles;
                for i in 0..R as isize {
                    for j in (0..COLUMNS).step_by(16) {
                        // Each line is written once, after the sweep: it is asked for now. SAFETY: i < R, j < COLUMNS.
                        unsafe { _mm_prefetch::<_MM_HINT_ET0>(c.offset(i * stride).add(j).cast()) };
                    }
                }
                for left in (0..COLUMNS).step_by($lanes * $vectors) {
                    let mut sums = [[$zero(); $vectors]; R];
                    // Three rows share a pointer: twelve would not stay in registers.
                    let mut thirds = [a; ROWS / 3];
                    for i in 1..ROWS / 3 {
                        thirds[i] = thirds[i - 1].wrapping_offset(3 * row);
                    }
                    for b in b.as_chunks::<COLUMNS>().0 {
                        prefetch_behind(b, AHEAD);
                        // SAFETY: left + (j + 1)·lanes ≤ COLUMNS.
                        let load = |j: usize| unsafe { $load(b.as_ptr().add(left + j * $lanes)) };
                        let mut columns = [load(0); $vectors];
                        for j in 1..$vectors {
                            columns[j] = load(j);
                        }
                        for i in 0..R {
                            // SAFETY: row i is one of R, and of its steps this is one of as many as b has.
                            let value = $splat(unsafe { *thirds[i / 3].offset((i % 3) as isize * row) });
                            for j in 0..$vectors {
                                sums[i][j] = $fma(value, columns[j], sums[i][j]);
                            }
                        }
                        for i in 0..ROWS / 3 {
                            thirds[i] = thirds[i].wrapping_offset(step);
                        }
                    }
                    // One loop for each kind of start: with one for all, sums would go by memory.
                    macro_rules! write {
                        (|$sum:ident, $to:ident, $column:ident| $value:expr) => {
                            for i in 0..R {
                                for j in 0..$vectors {
                                    let ($sum, $column) = (sums[i][j], left + j * $lanes);
                                    // SAFETY: the register lies in C's row i, from `column` on, and in the bias.
                                    unsafe {
                                        let $to = c.offset(i as isize * stride).add($column);
                                        $store($to, $value);
                                    }
                                }
                            }
                        };
                    }
                    match init {
                        Init::Zero => write!(|sum, to, column| sum),
                        Init::Accumulate => write!(|sum, to, column| $add($load_sums(to), sum)),
                        Init::Bias(bias) => {
                            write!(|sum, to, column| $add(sum, $load_sums(bias.as_ptr().add(column))))
                        }
                    }
                }
            }

            let Output { c, rows, stride, .. } = tiles.output;
            for top in (0..rows).step_by($strip) {
                let (tile, i) = ((top / ROWS) as isize, (top % ROWS) as isize);
                // SAFETY: `top` is a row of both, and from it on there are as many as are taken.
                unsafe {
                    let a = tiles.a.offset(tile * tiles.tile + i * tiles.row);
                    let c = c.offset(top as isize * stride);
                    of_rows!((rows - top).min($strip), [$($rows)*], strip(&tiles, a, c));
                }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
kernel!(
    avx512,
    f32,
    "avx512f",
    16,
    2,
    12: [1 2 3 4 5 6 7 8 9 10 11 12],
    _mm512_setzero_ps,
    _mm512_loadu_ps,
    _mm512_loadu_ps,
    _mm512_add_ps,
    _mm512_storeu_ps,
    _mm512_set1_ps,
    _mm512_fmadd_ps
);
#[cfg(target_arch = "x86_64")]
kernel!(
    avx2,
    f32,
    "avx2,fma",
    8,
    2,
    6: [1 2 3 4 5 6],
    _mm256_setzero_ps,
    _mm256_loadu_ps,
    _mm256_loadu_ps,
    _mm256_add_ps,
    _mm256_storeu_ps,
    _mm256_set1_ps,
    _mm256_fmadd_ps
);
#[cfg(target_arch = "x86_64")]
kernel!(
    avx512_bf16,
    Pair,
    "avx512f,avx512bf16",
    16,
    2,
    12: [1 2 3 4 5 6 7 8 9 10 11 12],
    _mm512_setzero_ps,
    load_pairs,
    _mm512_loadu_ps,
    _mm512_add_ps,
    _mm512_storeu_ps,
    splat_pair,
    add_products
);

/// The instructions of the last of them.
#[cfg(target_arch = "x86_64")]
mod pairs {
    use std::arch::x86_64::*;

    use crate::gemm::bf16::Pair;

    /// # Safety
    /// The CPU has the features, and there are 16 pairs at `from`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bf16")]
    pub(super) unsafe fn load_pairs(from: *const Pair) -> __m512bh {
        // SAFETY: a pair is 32 bits, so 16 of them are a register, all of whose values are valid.
        unsafe { from.cast::<__m512bh>().read_unaligned() }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bf16")]
    pub(super) fn splat_pair(pair: Pair) -> __m512bh {
        // SAFETY: both are 512 bits without a meaning of their own.
        unsafe { std::mem::transmute(_mm512_set1_epi32(pair.bits())) }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bf16")]
    pub(super) fn add_products(a: __m512bh, b: __m512bh, sums: __m512) -> __m512 {
        _mm512_dpbf16_ps(sums, a, b)
    }
}
