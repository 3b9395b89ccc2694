//! The scalar of every kernel: f32 to train with, f64 to check gradients with.
//!
//! The elementary functions are our own for f32, because a library call cannot be vectorised; f64 takes the accurate ones of `libm`.

use ndarray::NdFloat;

use crate::gemm::{Bytes, Operand, Pair, Panels, RightOperand};

/// `f32` or `f64`.
pub trait Real: NdFloat + Default + Operand<Value = Self> {
    /// What products multiply under [`Precision::Bf16`](crate::Precision::Bf16): f64 itself, which is there to check gradients.
    type Rounded: Operand<Value = Self>;
    /// The same of what they multiply from the right under [`Precision::Int8`](crate::Precision::Int8).
    type Quantised: RightOperand<Self> + 'static;

    /// The nearest value to `x`.
    fn of(x: f64) -> Self;

    /// The value as f64, exactly.
    fn wide(self) -> f64;

    /// eˣ. For f32 within 2 units in the last place on `[-87, 88]`, to which the argument is clamped.
    fn exponential(self) -> Self;

    /// The standard normal distribution `Φ(x)` and its density `φ(x)`, the two parts of GELU and its slope. For
    /// f32 within 1.5e-7 absolute.
    fn normal(self) -> (Self, Self);

    /// tanh x. For f32 within 1.5e-7 absolute.
    #[inline(always)]
    fn hyperbolic_tangent(self) -> Self {
        let e = (Self::of(-2.0) * self.abs()).exponential();
        ((Self::one() - e) / (Self::one() + e)).copysign(self)
    }
}

impl Real for f32 {
    type Rounded = Pair;
    type Quantised = Bytes;

    #[inline(always)]
    fn of(x: f64) -> f32 {
        x as f32
    }

    #[inline(always)]
    fn wide(self) -> f64 {
        self.into()
    }

    /// eˣ = 2ⁿ·eʳ with |r| ≤ ln 2 / 2; the polynomial is that of Cephes' `expf`.
    #[inline(always)]
    fn exponential(self) -> f32 {
        // Adding 1.5·2²³ rounds to an integer and leaves that integer in the low bits of the sum.
        const ROUND: f32 = 12_582_912.0;
        // ln 2 in two parts, the first with few enough bits that n times it is exact.
        const LN2_HIGH: f32 = 0.693_359_4;
        const LN2_LOW: f32 = -2.121_944_4e-4;
        let x = self.clamp(-87.0, 88.0);
        let shifted = x.mul_add(std::f32::consts::LOG2_E, ROUND);
        let n = shifted - ROUND;
        let r = n.mul_add(-LN2_LOW, n.mul_add(-LN2_HIGH, x));
        let p = 1.987_569_1e-4_f32
            .mul_add(r, 1.398_199_9e-3)
            .mul_add(r, 8.333_452e-3)
            .mul_add(r, 4.166_579_6e-2)
            .mul_add(r, 1.666_666_5e-1)
            .mul_add(r, 0.5)
            .mul_add(r * r, r)
            + 1.0;
        p * f32::from_bits((shifted.to_bits() << 23).wrapping_add(1.0_f32.to_bits()))
    }

    /// Φ(−|x|) = e^(−x²/2)·P(t), t = 1/(1 + 0.39|x|): the form of Abramowitz & Stegun 7.1.26, with P of degree
    /// six refitted for Φ (Lawson's algorithm, greatest absolute error 1e-8 before rounding).
    #[inline(always)]
    fn normal(self) -> (f32, f32) {
        let x = self.abs();
        let bell = (-0.5 * x * x).exponential();
        let t = 1.0 / 0.39_f32.mul_add(x, 1.0);
        let p = 0.053_846_706_f32
            .mul_add(t, -0.258_242_54)
            .mul_add(t, 0.375_166_6)
            .mul_add(t, -0.016_634_11)
            .mul_add(t, 0.194_436_25)
            .mul_add(t, 0.151_427_12);
        let below = bell * (p * t);
        let cdf = if self < 0.0 { below } else { 1.0 - below };
        (cdf, bell * 0.398_942_3)
    }
}

impl Real for f64 {
    type Rounded = f64;
    type Quantised = Panels<f64>;

    #[inline(always)]
    fn of(x: f64) -> f64 {
        x
    }

    #[inline(always)]
    fn wide(self) -> f64 {
        self
    }

    #[inline(always)]
    fn exponential(self) -> f64 {
        libm::exp(self)
    }

    #[inline(always)]
    fn normal(self) -> (f64, f64) {
        let cdf = 0.5 * libm::erfc(-self * std::f64::consts::FRAC_1_SQRT_2);
        (cdf, libm::exp(-0.5 * self * self) / (2.0 * std::f64::consts::PI).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> impl Iterator<Item = f32> {
        (-8600..=8600).map(|i| i as f32 * 0.01)
    }

    #[test]
    fn exponential_is_within_two_units_in_the_last_place() {
        for x in grid() {
            let (got, want) = (f64::from(x.exponential()), f64::from(x).exp());
            assert!((got / want - 1.0).abs() < 2.0 * f64::from(f32::EPSILON), "exp({x}) = {got}, not {want}");
        }
        assert!(f32::NEG_INFINITY.exponential() < 1e-37 && f32::NAN.exponential().is_nan());
    }

    #[test]
    fn normal_and_tanh_are_within_their_stated_error() {
        for x in grid().map(|x| x * 0.1) {
            let ((cdf, pdf), want) = (x.normal(), f64::from(x).normal());
            assert!((f64::from(cdf) - want.0).abs() < 1.5e-7, "cdf({x}) = {cdf}, not {}", want.0);
            assert!((f64::from(pdf) - want.1).abs() < 1.5e-7, "density({x}) = {pdf}, not {}", want.1);
            let tanh = f64::from(x.hyperbolic_tangent());
            assert!((tanh - f64::from(x).tanh()).abs() < 1.5e-7, "tanh({x}) = {tanh}");
        }
    }
}
