//! The innermost loop: a `ROWS × COLUMNS` tile of A·B kept in registers while k runs.
//!
//! 24 of the 32 vector registers of AVX-512 hold the tile; AVX2 does it in four strips. Each output is a chain of
//! fused multiply-adds over k in order, on every level, so all of them give the same bits.
#![allow(unsafe_code)]

use std::thread::LocalKey;

use ndarray::NdFloat;

use super::packing::Packing;
use super::tile::{COLUMNS, Panel, ROWS, Tile};
use crate::simd::{Level, level};

/// What a scalar brings to the product.
pub trait Kernel: Sized + 'static {
    /// The calling thread's packing memory.
    fn packing() -> &'static LocalKey<Packing<Self>>;

    /// The inner loop: `tile = a·b` for a packed panel of each, `COLUMNS` values of b for each k.
    fn tile(a: Panel<'_, Self>, b: &[Self], tile: &mut Tile<Self>);
}

impl Kernel for f32 {
    fn packing() -> &'static LocalKey<Packing<f32>> {
        thread_local!(static PACKING: Packing<f32> = const { Packing::new() });
        &PACKING
    }

    fn tile(a: Panel<'_, f32>, b: &[f32], tile: &mut Tile<f32>) {
        tile_f32(a, b, tile);
    }
}

impl Kernel for f64 {
    fn packing() -> &'static LocalKey<Packing<f64>> {
        thread_local!(static PACKING: Packing<f64> = const { Packing::new() });
        &PACKING
    }

    fn tile(a: Panel<'_, f64>, b: &[f64], tile: &mut Tile<f64>) {
        tile_plain(a, b, tile);
    }
}

/// The tile in plain code: for f64, and for CPUs without AVX2.
fn tile_plain<F: NdFloat>(a: Panel<'_, F>, b: &[F], tile: &mut Tile<F>) {
    a.check(b);
    tile.0 = [[F::zero(); COLUMNS]; ROWS];
    for (k, b) in b.as_chunks::<COLUMNS>().0.iter().enumerate() {
        for (i, sums) in tile.0.iter_mut().enumerate() {
            let a = match a {
                Panel::Rows(rows) => rows[i][k],
                Panel::Packed(packed) => packed[k * ROWS + i],
            };
            for (sum, &b) in sums.iter_mut().zip(b) {
                *sum = a.mul_add(b, *sum);
            }
        }
    }
}

/// The tile with the best instructions that the CPU has.
fn tile_f32(a: Panel<'_, f32>, b: &[f32], tile: &mut Tile<f32>) {
    #[cfg(target_arch = "x86_64")]
    match level() {
        Level::Avx512 => {
            let depth = a.check(b);
            // SAFETY: `level` found AVX-512, `check` the lengths that `avx512` relies on.
            return unsafe { avx512(a, b, depth, tile) };
        }
        Level::Avx2 => {
            let depth = a.check(b);
            // SAFETY: `level` found AVX2 and FMA, `check` the lengths that `avx2` relies on.
            return unsafe { avx2(a, b, depth, tile) };
        }
        Level::Portable => {}
    }
    tile_plain(a, b, tile);
}

/// Defines a kernel that sweeps the tile in strips of `$strip` rows by `$vectors` registers of `$lanes` values.
#[cfg(target_arch = "x86_64")]
macro_rules! kernel {
    ($name:ident, $features:literal, $lanes:literal, $vectors:literal, $strip:literal, $zero:ident, $load:ident, $store:ident, $splat:ident, $fma:ident) => {
        /// # Safety
        /// The CPU has the features, `a` holds `ROWS` rows of `depth` values, `b` holds `depth · COLUMNS`.
        #[target_feature(enable = $features)]
        unsafe fn $name(a: Panel<'_, f32>, b: &[f32], depth: usize, tile: &mut Tile<f32>) {
            use std::arch::x86_64::*;
            for left in (0..COLUMNS).step_by($lanes * $vectors) {
                for top in (0..ROWS).step_by($strip) {
                    let mut sums = [[$zero(); $vectors]; $strip];
                    macro_rules! sweep {
                        ($at:expr) => {
                            for k in 0..depth {
                                let mut columns = [$zero(); $vectors];
                                for j in 0..$vectors {
                                    // SAFETY: left + (j + 1)·lanes ≤ COLUMNS, and k < depth.
                                    columns[j] =
                                        unsafe { $load(b.as_ptr().add(k * COLUMNS + left + j * $lanes)) };
                                }
                                for i in 0..$strip {
                                    // SAFETY: top + i < ROWS, and k < depth.
                                    let value = $splat(unsafe { *$at(top + i, k) });
                                    for j in 0..$vectors {
                                        sums[i][j] = $fma(value, columns[j], sums[i][j]);
                                    }
                                }
                            }
                        };
                    }
                    match a {
                        Panel::Rows(rows) => sweep!(|i: usize, k: usize| rows[i].get_unchecked(k)),
                        Panel::Packed(packed) => {
                            sweep!(|i: usize, k: usize| packed.get_unchecked(k * ROWS + i))
                        }
                    }
                    for i in 0..$strip {
                        for j in 0..$vectors {
                            let to = &mut tile.0[top + i][left + j * $lanes..][..$lanes];
                            // SAFETY: `to` has room for the register.
                            unsafe { $store(to.as_mut_ptr(), sums[i][j]) };
                        }
                    }
                }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
kernel!(
    avx512,
    "avx512f",
    16,
    2,
    12,
    _mm512_setzero_ps,
    _mm512_loadu_ps,
    _mm512_storeu_ps,
    _mm512_set1_ps,
    _mm512_fmadd_ps
);
#[cfg(target_arch = "x86_64")]
kernel!(
    avx2,
    "avx2,fma",
    8,
    2,
    6,
    _mm256_setzero_ps,
    _mm256_loadu_ps,
    _mm256_storeu_ps,
    _mm256_set1_ps,
    _mm256_fmadd_ps
);
