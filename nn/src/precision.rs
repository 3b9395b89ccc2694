//! In what the operands of matrix products are held.
//!
//! A product is a product in either: operands are rounded as they are packed for the kernel, and sums, parameters, gradients and
//! everything between the products stay in float32. So precision belongs to a layer, not to the scalar.

use crate::simd::has_bf16;

/// What the operands of a matrix product are rounded to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// They are multiplied as they are.
    #[default]
    Float32,
    /// Rounded to bf16, the upper half of a float32, to nearest even.
    Bf16,
}

impl Precision {
    /// All of them.
    pub const ALL: [Precision; 2] = [Precision::Float32, Precision::Bf16];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Precision::Float32 => "float32",
            Precision::Bf16 => "bf16",
        }
    }

    /// Whether this processor has instructions for it. Elsewhere results are the same, and slow.
    pub fn is_fast(self) -> bool {
        self == Precision::Float32 || has_bf16()
    }
}
