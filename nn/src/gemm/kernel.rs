//! The innermost loop: a `ROWS × COLUMNS` tile of A·B kept in registers while k runs.
//!
//! 24 of the 32 vector registers of AVX-512 hold the tile; AVX2 does it in four strips. Each output is a chain of
//! fused multiply-adds over k in order, on every level, so all of them give the same bits.
#![allow(unsafe_code)]

use ndarray::{ArrayViewMut2, Axis, NdFloat};

use super::bf16::{LANES, Pair};
use super::tile::{COLUMNS, Init, ROWS, Rows, Tile};
use crate::simd::{Level, has_bf16, has_vnni, level};
#[cfg(target_arch = "x86_64")]
use pairs::{add_products, load_pairs, splat_pair};

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
        Level::Avx512 => return whole_columns(a, b, init, c, |tiles| unsafe { avx512(tiles) }),
        // SAFETY: `level` found AVX2 and FMA.
        Level::Avx2 => return whole_columns(a, b, init, c, |tiles| unsafe { avx2(tiles) }),
        Level::Portable => {}
    }
    tiles_plain(a, b, init, c);
}

/// The tiles of operands in bf16. In plain code it is exact and slow.
pub(super) fn tiles_bf16(a: Rows<'_, Pair>, b: &[Pair], init: Init<'_, f32>, c: ArrayViewMut2<'_, f32>) {
    #[cfg(target_arch = "x86_64")]
    if has_bf16() {
        // SAFETY: `has_bf16` found AVX-512 with bf16.
        return whole_columns(a, b, init, c, |tiles| unsafe { avx512_bf16(tiles) });
    }
    sweep(a, b, init, c, Pair::multiply_add);
}

/// Rounds values that follow each other to pairs of two.
pub(super) fn round_along(values: &[[f32; 2 * LANES]], to: &mut [[Pair; LANES]]) {
    #[cfg(target_arch = "x86_64")]
    if has_bf16() {
        // SAFETY: `has_bf16` found AVX-512 with bf16.
        return unsafe { pairs::round_along(values, to) };
    }
    for (to, values) in to.as_flattened_mut().iter_mut().zip(values.as_flattened().as_chunks::<2>().0) {
        *to = Pair::of(values[0], values[1]);
    }
}

/// Rounds a value of `first` and the one of `second` at the same place to a pair.
pub(super) fn round_across(first: &[[f32; LANES]], second: &[[f32; LANES]], to: &mut [[Pair; LANES]]) {
    #[cfg(target_arch = "x86_64")]
    if has_bf16() {
        // SAFETY: `has_bf16` found AVX-512 with bf16.
        return unsafe { pairs::round_across(first, second, to) };
    }
    let values = first.as_flattened().iter().zip(second.as_flattened());
    for (to, (&a, &b)) in to.as_flattened_mut().iter_mut().zip(values) {
        *to = Pair::of(a, b);
    }
}

/// Tiles under each other, as a kernel takes them. They are checked: [`whole_columns`] alone makes them.
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
    init: Init<'a, f32>,
    /// `COLUMNS` values for each of so many rows, `stride` apart.
    c: *mut f32,
    rows: usize,
    stride: isize,
}

/// Gives the kernel whole rows of `COLUMNS` to write: C's where they are, else those of a tile of which C takes a part.
#[cfg(target_arch = "x86_64")]
fn whole_columns<U: Copy>(
    a: Rows<'_, U>,
    b: &[U],
    init: Init<'_, f32>,
    mut c: ArrayViewMut2<'_, f32>,
    kernel: impl Fn(Tiles<'_, U>),
) {
    let depth = a.check(b, init, &c) as isize;
    let (at, tile, row, step) = match a {
        Rows::Along(rows) => (rows.as_ptr(), ROWS as isize * rows.strides()[0], rows.strides()[0], 1),
        Rows::Panels(panels) => (panels.as_ptr(), ROWS as isize * depth, 1, ROWS as isize),
    };
    if c.ncols() == COLUMNS {
        let (rows, stride) = (c.nrows(), c.strides()[0]);
        return kernel(Tiles { a: at, tile, row, step, b, init, c: c.as_mut_ptr(), rows, stride });
    }
    for (index, c) in c.axis_chunks_iter_mut(Axis(0), ROWS).enumerate() {
        let mut sums = Tile::zeros();
        let a = at.wrapping_offset(index as isize * tile);
        let (to, rows, stride) = (sums.0.as_mut_ptr().cast(), c.nrows(), COLUMNS as isize);
        kernel(Tiles { a, tile, row, step, b, init: Init::Zero, c: to, rows, stride });
        sums.store(init, c);
    }
}

/// Defines a kernel that sweeps tiles in strips of at most the last of `$rows` rows by `$vectors` registers of `$lanes` sums.
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
                let Tiles { row, step, b, init, stride, .. } = *tiles;
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
                    for i in 0..R {
                        for j in 0..$vectors {
                            let column = left + j * $lanes;
                            // SAFETY: the register lies in C's row i, from `column` on, and in the bias.
                            unsafe {
                                let to = c.offset(i as isize * stride).add(column);
                                let sums = match init {
                                    Init::Zero => sums[i][j],
                                    Init::Accumulate => $add($load_sums(to), sums[i][j]),
                                    Init::Bias(bias) => {
                                        $add(sums[i][j], $load_sums(bias.as_ptr().add(column)))
                                    }
                                };
                                $store(to, sums);
                            }
                        }
                    }
                }
            }

            for top in (0..tiles.rows).step_by($strip) {
                let (tile, i) = ((top / ROWS) as isize, (top % ROWS) as isize);
                // SAFETY: `top` is a row of both, and from it on there are as many as are taken.
                unsafe {
                    let a = tiles.a.offset(tile * tiles.tile + i * tiles.row);
                    let c = tiles.c.offset(top as isize * tiles.stride);
                    match (tiles.rows - top).min($strip) {
                        $($rows => strip::<$rows>(&tiles, a, c),)*
                        _ => unreachable!("a strip has between one row and all of its own"),
                    }
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

/// The instructions of the last of them, and those that round to its operands.
#[cfg(target_arch = "x86_64")]
mod pairs {
    use std::arch::x86_64::*;

    use crate::gemm::bf16::{LANES, Pair};

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

    #[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
    pub(super) fn round_along(values: &[[f32; 2 * LANES]], to: &mut [[Pair; LANES]]) {
        for (to, values) in to.iter_mut().zip(values) {
            // SAFETY: `values` is two registers.
            let both = unsafe {
                let from = values.as_ptr();
                _mm512_cvtne2ps_pbh(_mm512_loadu_ps(from.add(LANES)), _mm512_loadu_ps(from))
            };
            // SAFETY: both are 512 bits without a meaning of their own, and `to` is as many. The first of two goes to the upper half.
            unsafe {
                let pairs = _mm512_rol_epi32::<16>(std::mem::transmute::<__m512bh, __m512i>(both));
                _mm512_storeu_si512(to.as_mut_ptr().cast(), pairs);
            }
        }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
    pub(super) fn round_across(first: &[[f32; LANES]], second: &[[f32; LANES]], to: &mut [[Pair; LANES]]) {
        // `second` is rounded to the lower half of a register, `first` to the upper: they interleave.
        let mut order = [0u16; 2 * LANES];
        for i in 0..LANES {
            (order[2 * i], order[2 * i + 1]) = (i as u16, (LANES + i) as u16);
        }
        for (to, (first, second)) in to.iter_mut().zip(first.iter().zip(second)) {
            // SAFETY: each of the three is a register, and so is `order`; their bits have no meaning of their own.
            unsafe {
                let both =
                    _mm512_cvtne2ps_pbh(_mm512_loadu_ps(first.as_ptr()), _mm512_loadu_ps(second.as_ptr()));
                let order = _mm512_loadu_si512(order.as_ptr().cast());
                let pairs = _mm512_permutexvar_epi16(order, std::mem::transmute::<__m512bh, __m512i>(both));
                _mm512_storeu_si512(to.as_mut_ptr().cast(), pairs);
            }
        }
    }
}

/// Gives the kernel a whole tile to write: C's where it is one, else one of which C takes a part.
#[cfg(target_arch = "x86_64")]
fn whole(
    init: Init<'_, f32>,
    c: ArrayViewMut2<'_, f32>,
    kernel: impl FnOnce(Init<'_, f32>, ArrayViewMut2<'_, f32>),
) {
    let is_bias_whole = if let Init::Bias(bias) = init { bias.len() == COLUMNS } else { true };
    if c.dim() == (ROWS, COLUMNS) && c.strides()[1] == 1 && is_bias_whole {
        return kernel(init, c);
    }
    let mut tile = Tile::zeros();
    kernel(Init::Zero, tile.view_mut());
    tile.store(init, c);
}

/// The operands of a tile in int8, see [`int8`](super::int8).
pub(super) struct Quantised<'a> {
    /// `[ROWS, k]` of A; k is a multiple of 4.
    pub(super) a: &'a [u8],
    /// For each row what its integers are multiples of.
    pub(super) a_units: &'a [f32; ROWS],
    /// `[k / 4][COLUMNS, 4]` of B.
    pub(super) b: &'a [i8],
    /// For each column what its integers are multiples of.
    pub(super) b_units: &'a [f32; COLUMNS],
    /// What each column's sums begin with.
    pub(super) starts: &'a [i32; COLUMNS],
}

/// The tile of operands in int8. In plain code it is exact and slow.
pub(super) fn tile_int8(tile: Quantised<'_>, init: Init<'_, f32>, c: ArrayViewMut2<'_, f32>) {
    let depth = tile.b.len() / COLUMNS;
    let fits = tile.a.len() == depth * ROWS && tile.b.len() == depth * COLUMNS;
    assert!(fits && depth.is_multiple_of(4), "gemm: the panels differ in depth");
    #[cfg(target_arch = "x86_64")]
    if has_vnni() {
        return whole(init, c, |init, c| {
            // SAFETY: `has_vnni` found AVX-512 with VNNI; the lengths are those of above, and of `whole`.
            unsafe { avx512_vnni(&tile, depth, init, c) }
        });
    }
    let (mut sums, mut values) = ([*tile.starts; ROWS], Tile::<f32>::zeros());
    for (k, b) in tile.b.as_chunks::<4>().0.as_chunks::<COLUMNS>().0.iter().enumerate() {
        for i in 0..ROWS {
            for (j, step) in (0..COLUMNS).flat_map(|j| (0..4).map(move |step| (j, step))) {
                let product = i32::from(tile.a[i * depth + 4 * k + step]) * i32::from(b[j][step]);
                sums[i][j] = sums[i][j].wrapping_add(product);
            }
        }
    }
    for i in 0..ROWS {
        for j in 0..COLUMNS {
            values.0[i][j] = sums[i][j] as f32 * tile.a_units[i] * tile.b_units[j];
        }
    }
    values.store(init, c);
}

/// # Safety
/// The CPU has the features, `a` holds `ROWS` times `depth` bytes and `b` `COLUMNS` times as many, `depth` is a multiple of 4; `c` is `ROWS × COLUMNS` with
/// contiguous columns, and a bias has `COLUMNS` values.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vnni")]
unsafe fn avx512_vnni(
    tile: &Quantised<'_>,
    depth: usize,
    init: Init<'_, f32>,
    mut c: ArrayViewMut2<'_, f32>,
) {
    use std::arch::x86_64::*;
    const LANES: usize = 16;
    const VECTORS: usize = COLUMNS / LANES;
    let (to, stride) = (c.as_mut_ptr(), c.strides()[0]);
    let (a, b) = (tile.a.as_ptr(), tile.b.as_ptr());
    let mut sums = [[_mm512_setzero_si512(); VECTORS]; ROWS];
    for j in 0..VECTORS {
        for i in 0..ROWS {
            // SAFETY: (j + 1)·16 ≤ COLUMNS.
            sums[i][j] = unsafe { _mm512_loadu_epi32(tile.starts.as_ptr().add(j * LANES)) };
        }
    }
    for k in (0..depth).step_by(4) {
        // SAFETY: k + 4 ≤ depth, and (j + 1)·16 ≤ COLUMNS.
        let load = |j: usize| unsafe { _mm512_loadu_epi32(b.add(k * COLUMNS + j * LANES * 4).cast()) };
        let columns = [load(0), load(1)];
        for i in 0..ROWS {
            // SAFETY: i < ROWS, and k + 4 ≤ depth.
            let quad = unsafe { a.add(i * depth + k).cast::<i32>().read_unaligned() };
            let value = _mm512_set1_epi32(quad);
            for j in 0..VECTORS {
                sums[i][j] = _mm512_dpbusd_epi32(sums[i][j], value, columns[j]);
            }
        }
    }
    for i in 0..ROWS {
        let unit = _mm512_set1_ps(tile.a_units[i]);
        for j in 0..VECTORS {
            let scaled = _mm512_mul_ps(_mm512_cvtepi32_ps(sums[i][j]), unit);
            // SAFETY: the register lies in C's row i, from column j·16 on, and in units and bias.
            unsafe {
                let values = _mm512_mul_ps(scaled, _mm512_loadu_ps(tile.b_units.as_ptr().add(j * LANES)));
                let to = to.offset(i as isize * stride).add(j * LANES);
                let values = match init {
                    Init::Zero => values,
                    Init::Accumulate => _mm512_add_ps(_mm512_loadu_ps(to), values),
                    Init::Bias(bias) => _mm512_add_ps(values, _mm512_loadu_ps(bias.as_ptr().add(j * LANES))),
                };
                _mm512_storeu_ps(to, values);
            }
        }
    }
}
