//! Squares of units, transposed in registers: how panels are packed of a matrix whose columns are contiguous, as a transposed weight.
//!
//! In plain code each value of a square goes to another line; shuffles write whole lines.

use crate::gemm::tile::COLUMNS;

/// Rows and columns of a square: a register of units of 32 bits.
pub(in crate::gemm) const SQUARE: usize = 16;

/// `to[k][left + j] = from[j][k]`, as far as `to` goes.
pub(in crate::gemm) fn plain<U: Copy>(from: &[[U; SQUARE]; SQUARE], to: &mut [[U; COLUMNS]], left: usize) {
    for (k, to) in to.iter_mut().enumerate() {
        to[left..left + SQUARE].iter_mut().zip(from).for_each(|(to, row)| *to = row[k]);
    }
}

/// [`plain`] of units of 32 bits without padding.
macro_rules! in_registers {
    ($name:ident, $unit:ty) => {
        pub(in crate::gemm) fn $name(
            from: &[[$unit; SQUARE]; SQUARE],
            to: &mut [[$unit; COLUMNS]],
            left: usize,
        ) {
            #[cfg(target_arch = "x86_64")]
            if to.len() == SQUARE
                && left + SQUARE <= COLUMNS
                && crate::simd::level() == crate::simd::Level::Avx512
            {
                const { assert!(size_of::<$unit>() == 4) };
                // SAFETY: `level` found AVX-512; `from` is a square of 32 bits each, and `to` has `SQUARE` rows of `COLUMNS` from `left` on.
                return unsafe {
                    avx512(from.as_ptr().cast(), to.as_flattened_mut().as_mut_ptr().add(left).cast())
                };
            }
            plain(from, to, left);
        }
    };
}

in_registers!(values, f32);
in_registers!(pairs, crate::gemm::bf16::Pair);

/// # Safety
/// The CPU has AVX-512; `from` is `[SQUARE, SQUARE]`, and at `to` are `SQUARE` rows of as many, `COLUMNS` apart.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
unsafe fn avx512(from: *const i32, to: *mut i32) {
    use std::arch::x86_64::*;
    let mut rows = [_mm512_setzero_si512(); SQUARE];
    for i in 0..SQUARE {
        // SAFETY: row i of the square.
        rows[i] = unsafe { _mm512_loadu_si512(from.add(i * SQUARE).cast()) };
    }
    let mut turned = rows;
    // Within lanes of 128 bits: squares of four.
    for i in (0..SQUARE).step_by(4) {
        let (low, high) =
            (_mm512_unpacklo_epi32(rows[i], rows[i + 1]), _mm512_unpackhi_epi32(rows[i], rows[i + 1]));
        let (low_2, high_2) = (
            _mm512_unpacklo_epi32(rows[i + 2], rows[i + 3]),
            _mm512_unpackhi_epi32(rows[i + 2], rows[i + 3]),
        );
        turned[i] = _mm512_unpacklo_epi64(low, low_2);
        turned[i + 1] = _mm512_unpackhi_epi64(low, low_2);
        turned[i + 2] = _mm512_unpacklo_epi64(high, high_2);
        turned[i + 3] = _mm512_unpackhi_epi64(high, high_2);
    }
    // Then the lanes: even and odd ones of two registers, twice.
    for i in 0..4 {
        for half in [0, 8] {
            let (a, b) = (turned[half + i], turned[half + i + 4]);
            rows[half + i] = _mm512_shuffle_i32x4::<0x88>(a, b);
            rows[half + i + 4] = _mm512_shuffle_i32x4::<0xdd>(a, b);
        }
    }
    for i in 0..SQUARE / 2 {
        let (a, b) = (rows[i], rows[i + SQUARE / 2]);
        // SAFETY: rows i and i + 8 of as many as are written.
        unsafe {
            _mm512_storeu_si512(to.add(i * COLUMNS).cast(), _mm512_shuffle_i32x4::<0x88>(a, b));
            _mm512_storeu_si512(
                to.add((i + SQUARE / 2) * COLUMNS).cast(),
                _mm512_shuffle_i32x4::<0xdd>(a, b),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_turn_a_square_as_plain_code_does() {
        let from: [[f32; SQUARE]; SQUARE] =
            std::array::from_fn(|i| std::array::from_fn(|j| (i * SQUARE + j) as f32));
        for (rows, left) in [(SQUARE, 0), (SQUARE, SQUARE), (5, 0), (5, SQUARE)] {
            let (mut found, mut want) = ([[-1.0; COLUMNS]; SQUARE], [[-1.0; COLUMNS]; SQUARE]);
            values(&from, &mut found[..rows], left);
            for (k, j) in (0..rows).flat_map(|k| (0..SQUARE).map(move |j| (k, j))) {
                want[k][left + j] = from[j][k];
            }
            assert_eq!(found, want);
        }
    }
}
