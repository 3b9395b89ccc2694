//! Rows of values as rows of pairs in bf16.
//!
//! The one decision: whole registers go by the instruction that is made for it, and what is left over by plain code that does the same.

use crate::gemm::bf16::{LANES, Pair};
use crate::simd::has_bf16;

/// Pairs of values that follow each other; a zero fills the last.
pub(in crate::gemm) fn along(values: &[f32], to: &mut [Pair]) {
    let (values, rest) = values.as_chunks();
    let (to, last) = to.split_at_mut(LANES * values.len());
    registers_along(values, to.as_chunks_mut().0);
    for (to, pair) in last.iter_mut().zip(rest.chunks(2)) {
        *to = Pair::of(pair[0], pair.get(1).copied().unwrap_or(0.0));
    }
}

/// Pairs of a value of `first` and the one of `second` at the same place.
pub(in crate::gemm) fn across(first: &[f32], second: &[f32], to: &mut [Pair]) {
    let ((a, a_rest), (b, b_rest)) = (first.as_chunks(), second.as_chunks());
    let (to, last) = to.as_chunks_mut();
    registers_across(a, b, to);
    for (to, (&a, &b)) in last.iter_mut().zip(a_rest.iter().zip(b_rest)) {
        *to = Pair::of(a, b);
    }
}

/// Rounds values that follow each other to pairs of two.
fn registers_along(values: &[[f32; 2 * LANES]], to: &mut [[Pair; LANES]]) {
    #[cfg(target_arch = "x86_64")]
    if has_bf16() {
        // SAFETY: `has_bf16` found AVX-512 with bf16.
        return unsafe { pairs_along(values, to) };
    }
    for (to, values) in to.as_flattened_mut().iter_mut().zip(values.as_flattened().as_chunks::<2>().0) {
        *to = Pair::of(values[0], values[1]);
    }
}

/// Rounds a value of `first` and the one of `second` at the same place to a pair.
fn registers_across(first: &[[f32; LANES]], second: &[[f32; LANES]], to: &mut [[Pair; LANES]]) {
    #[cfg(target_arch = "x86_64")]
    if has_bf16() {
        // SAFETY: `has_bf16` found AVX-512 with bf16.
        return unsafe { pairs_across(first, second, to) };
    }
    let values = first.as_flattened().iter().zip(second.as_flattened());
    for (to, (&a, &b)) in to.as_flattened_mut().iter_mut().zip(values) {
        *to = Pair::of(a, b);
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn pairs_along(values: &[[f32; 2 * LANES]], to: &mut [[Pair; LANES]]) {
    use std::arch::x86_64::*;
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

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn pairs_across(first: &[[f32; LANES]], second: &[[f32; LANES]], to: &mut [[Pair; LANES]]) {
    use std::arch::x86_64::*;
    // `second` is rounded to the lower half of a register, `first` to the upper: they interleave.
    let mut order = [0u16; 2 * LANES];
    for i in 0..LANES {
        (order[2 * i], order[2 * i + 1]) = (i as u16, (LANES + i) as u16);
    }
    for (to, (first, second)) in to.iter_mut().zip(first.iter().zip(second)) {
        // SAFETY: each of the three is a register, and so is `order`; their bits have no meaning of their own.
        unsafe {
            let both = _mm512_cvtne2ps_pbh(_mm512_loadu_ps(first.as_ptr()), _mm512_loadu_ps(second.as_ptr()));
            let order = _mm512_loadu_si512(order.as_ptr().cast());
            let pairs = _mm512_permutexvar_epi16(order, std::mem::transmute::<__m512bh, __m512i>(both));
            _mm512_storeu_si512(to.as_mut_ptr().cast(), pairs);
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray_rand::rand::RngCore;

    use super::*;
    use crate::random::Stream;

    /// Of any bits: numbers of all sizes, infinities and NaNs.
    #[test]
    fn the_instruction_rounds_as_plain_code_does() {
        let mut drawn = Stream::new(1, "bits").at(0);
        let values: Vec<f32> = (0..1 << 16).map(|_| f32::from_bits(drawn.next_u32())).collect();
        for len in [values.len(), 75] {
            let (first, second) = (&values[..len], &values[values.len() - len..]);
            let (mut follow, mut beside) =
                (vec![Pair::default(); len.div_ceil(2)], vec![Pair::default(); len]);
            along(first, &mut follow);
            across(first, second, &mut beside);
            for (pair, &found) in first.chunks(2).zip(&follow) {
                assert_eq!(found, Pair::of(pair[0], pair.get(1).copied().unwrap_or(0.0)), "{pair:?}");
            }
            for ((&a, &b), &found) in first.iter().zip(second).zip(&beside) {
                assert_eq!(found, Pair::of(a, b), "{a} {b}");
            }
        }
    }
}
