//! The innermost loop of operands in int8: products of bytes, summed as integers of 32 bits.
//!
//! Sums are exact, so that their order is of no meaning; only what they are scaled by is rounded.

use ndarray::{ArrayViewMut2, Axis};

#[cfg(target_arch = "x86_64")]
use super::{AHEAD, Output, of_rows, whole_columns};
use crate::gemm::tile::{COLUMNS, Init, ROWS, Tile, check_columns};
use crate::simd::has_vnni;
#[cfg(target_arch = "x86_64")]
use crate::simd::prefetch_behind;

/// Some rows and a panel of columns in int8, see [`int8`](crate::gemm::int8).
pub(in crate::gemm) struct Quantised<'a> {
    /// `[rows, k]` of A; k is a multiple of 4.
    pub(in crate::gemm) a: &'a [u8],
    /// For each row what its integers are multiples of.
    pub(in crate::gemm) a_units: &'a [f32],
    /// `[k / 4][COLUMNS, 4]` of B.
    pub(in crate::gemm) b: &'a [i8],
    /// For each column what its integers are multiples of.
    pub(in crate::gemm) b_units: &'a [f32; COLUMNS],
    /// What each column's sums begin with.
    pub(in crate::gemm) starts: &'a [i32; COLUMNS],
}

/// The tiles of operands in int8. In plain code they are exact and slow.
pub(in crate::gemm) fn tiles_int8(of: Quantised<'_>, init: Init<'_, f32>, mut c: ArrayViewMut2<'_, f32>) {
    let (rows, depth) = (c.nrows(), of.b.len() / COLUMNS);
    let fits = of.a.len() == rows * depth && of.b.len() == depth * COLUMNS && of.a_units.len() == rows;
    assert!(fits && depth.is_multiple_of(4), "gemm: the panels differ in depth");
    check_columns(init, &c);
    #[cfg(target_arch = "x86_64")]
    if has_vnni() {
        return whole_columns(init, c, |tile, output| {
            // SAFETY: `has_vnni` found AVX-512 with VNNI; the lengths are those of above.
            unsafe { avx512_vnni(&of, tile * ROWS, output) }
        });
    }
    for (tile, c) in c.axis_chunks_iter_mut(Axis(0), ROWS).enumerate() {
        let (mut sums, mut values) = ([*of.starts; ROWS], Tile::<f32>::zeros());
        let rows = of.a.chunks(depth).zip(of.a_units).skip(tile * ROWS);
        for (((a, unit), sums), values) in rows.zip(&mut sums).zip(&mut values.0) {
            for (a, b) in a.as_chunks::<4>().0.iter().zip(of.b.as_chunks::<4>().0.as_chunks::<COLUMNS>().0) {
                for (sum, b) in sums.iter_mut().zip(b) {
                    for (&a, &b) in a.iter().zip(b) {
                        *sum = sum.wrapping_add(i32::from(a) * i32::from(b));
                    }
                }
            }
            for ((value, &sum), b_unit) in values.iter_mut().zip(&*sums).zip(of.b_units) {
                *value = sum as f32 * unit * b_unit;
            }
        }
        values.store(init, c);
    }
}

/// # Safety
/// The CPU has the features; of `a` there are the output's rows from `top` on, of `depth` bytes as `b` has for each column, a multiple of 4.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vnni")]
unsafe fn avx512_vnni(of: &Quantised<'_>, top: usize, output: Output<'_>) {
    use std::arch::x86_64::*;
    const LANES: usize = 16;
    const VECTORS: usize = COLUMNS / LANES;

    /// # Safety
    /// There are `R` rows at `a`, at `units` and at `c`.
    #[target_feature(enable = "avx512f,avx512vnni")]
    unsafe fn strip<const R: usize>(
        of: &Quantised<'_>,
        a: *const u8,
        units: *const f32,
        init: Init<'_, f32>,
        c: *mut f32,
        stride: isize,
    ) {
        let depth = of.b.len() / COLUMNS;
        let mut sums = [[_mm512_setzero_si512(); VECTORS]; R];
        for j in 0..VECTORS {
            for i in 0..R {
                // SAFETY: (j + 1)·16 ≤ COLUMNS.
                sums[i][j] = unsafe { _mm512_loadu_epi32(of.starts.as_ptr().add(j * LANES)) };
            }
        }
        for (k, b) in of.b.as_chunks::<{ 4 * COLUMNS }>().0.iter().enumerate() {
            prefetch_behind(b, AHEAD);
            // SAFETY: (j + 1)·16 ≤ COLUMNS.
            let load = |j: usize| unsafe { _mm512_loadu_epi32(b.as_ptr().add(j * LANES * 4).cast()) };
            let columns = [load(0), load(1)];
            for i in 0..R {
                // SAFETY: i < R, and 4·(k + 1) ≤ depth.
                let quad = unsafe { a.add(i * depth + 4 * k).cast::<i32>().read_unaligned() };
                let value = _mm512_set1_epi32(quad);
                for j in 0..VECTORS {
                    sums[i][j] = _mm512_dpbusd_epi32(sums[i][j], value, columns[j]);
                }
            }
        }
        macro_rules! write {
            (|$sum:ident, $to:ident, $column:ident| $value:expr) => {
                for i in 0..R {
                    for j in 0..VECTORS {
                        // SAFETY: the register lies in C's row i, from `column` on, and in units and bias.
                        unsafe {
                            let ($column, unit) = (j * LANES, _mm512_set1_ps(*units.add(i)));
                            let scaled = _mm512_mul_ps(_mm512_cvtepi32_ps(sums[i][j]), unit);
                            let $sum =
                                _mm512_mul_ps(scaled, _mm512_loadu_ps(of.b_units.as_ptr().add($column)));
                            let $to = c.offset(i as isize * stride).add($column);
                            _mm512_storeu_ps($to, $value);
                        }
                    }
                }
            };
        }
        match init {
            Init::Zero => write!(|sum, to, column| sum),
            Init::Accumulate => write!(|sum, to, column| _mm512_add_ps(_mm512_loadu_ps(to), sum)),
            Init::Bias(bias) => {
                write!(|sum, to, column| _mm512_add_ps(sum, _mm512_loadu_ps(bias.as_ptr().add(column))))
            }
        }
    }

    let (depth, Output { init, c, rows, stride }) = (of.b.len() / COLUMNS, output);
    for i in (0..rows).step_by(ROWS) {
        // SAFETY: row `i` is one of the output's, `top + i` one of A's, and from them on there are as many as are taken.
        unsafe {
            let (a, units) = (of.a.as_ptr().add((top + i) * depth), of.a_units.as_ptr().add(top + i));
            let c = c.offset(i as isize * stride);
            of_rows!(
                (rows - i).min(ROWS),
                [1 2 3 4 5 6 7 8 9 10 11 12],
                strip(of, a, units, init, c, stride)
            );
        }
    }
}
