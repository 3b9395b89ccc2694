//! Operands in bf16, the upper half of a float32, rounded to nearest even; sums stay in float32.
//!
//! A unit is a pair along k, the first in the upper half: the instruction adds the upper product first, so an output is a chain of
//! fused multiply-adds over k in order, as in float32. The chain takes subnormal operands and results for zero, as the instruction does
//! whatever the processor's mode.

/// Units that are rounded at a time: a register of AVX-512.
pub(super) const LANES: usize = 16;

/// Two bf16 values that follow each other along k.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct Pair(u32);

impl Pair {
    /// Both rounded.
    #[inline(always)]
    pub(super) fn of(first: f32, second: f32) -> Self {
        Self(upper(first) & 0xffff_0000 | upper(second) >> 16)
    }

    /// The first in the upper half.
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    pub(super) fn bits(self) -> i32 {
        self.0.cast_signed()
    }

    /// `sum + first·first + second·second`, one rounding for each.
    #[inline(always)]
    pub(super) fn multiply_add(self, other: Self, sum: f32) -> f32 {
        let values =
            |Pair(bits)| [flushed(f32::from_bits(bits & 0xffff_0000)), flushed(f32::from_bits(bits << 16))];
        let ([a, b], [c, d]) = (values(self), values(other));
        flushed(b.mul_add(d, flushed(a.mul_add(c, sum))))
    }
}

/// The value rounded to bf16 in the upper half, zero if it is subnormal; the lower half is of no meaning. A NaN stays one.
#[inline(always)]
fn upper(x: f32) -> u32 {
    let bits = flushed(x).to_bits();
    if x.is_nan() { bits | 0x0040_0000 } else { bits.wrapping_add(0x7fff + (bits >> 16 & 1)) }
}

/// Zero of the same sign for a subnormal number.
#[inline(always)]
fn flushed(x: f32) -> f32 {
    if x.is_subnormal() { 0.0f32.copysign(x) } else { x }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounded(x: f32) -> f32 {
        f32::from_bits(upper(x) & 0xffff_0000)
    }

    #[test]
    fn values_are_rounded_to_the_nearest_and_ties_to_even() {
        // 8 bits of significand: the neighbours of 1 are 1 + 2⁻⁷ and 1 − 2⁻⁸.
        let unit = 2f32.powi(-7);
        for (x, want) in [
            (1.0 + 0.49 * unit, 1.0),
            (1.0 + 0.5 * unit, 1.0),
            (1.0 + 1.5 * unit, 1.0 + 2.0 * unit),
            (-1.0 - 0.51 * unit, -1.0 - unit),
            (f32::MAX, f32::INFINITY),
            (f32::NEG_INFINITY, f32::NEG_INFINITY),
            (-0.0, -0.0),
            (-f32::MIN_POSITIVE.next_down(), -0.0),
        ] {
            assert_eq!(rounded(x).to_bits(), want.to_bits(), "{x}");
        }
        for bits in [0x7f80_0001, 0x7fff_ffff, 0xffff_ffff] {
            assert!(rounded(f32::from_bits(bits)).is_nan(), "{bits:x}");
        }
    }
}
