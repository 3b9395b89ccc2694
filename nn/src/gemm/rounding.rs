//! Rows of values as rows of pairs in bf16.
//!
//! The one decision: whole registers are the kernel's, which has an instruction for it, and what is left over is plain code that does the same.

use super::bf16::{LANES, Pair};
use super::kernel;

/// Pairs of values that follow each other; a zero fills the last.
pub(super) fn along(values: &[f32], to: &mut [Pair]) {
    let (values, rest) = values.as_chunks();
    let (to, last) = to.split_at_mut(LANES * values.len());
    kernel::round_along(values, to.as_chunks_mut().0);
    for (to, pair) in last.iter_mut().zip(rest.chunks(2)) {
        *to = Pair::of(pair[0], pair.get(1).copied().unwrap_or(0.0));
    }
}

/// Pairs of a value of `first` and the one of `second` at the same place.
pub(super) fn across(first: &[f32], second: &[f32], to: &mut [Pair]) {
    let ((a, a_rest), (b, b_rest)) = (first.as_chunks(), second.as_chunks());
    let (to, last) = to.as_chunks_mut();
    kernel::round_across(a, b, to);
    for (to, (&a, &b)) in last.iter_mut().zip(a_rest.iter().zip(b_rest)) {
        *to = Pair::of(a, b);
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
