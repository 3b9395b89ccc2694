//! In what the operands of matrix products are held.
//!
//! A product is a product in all: operands are rounded as they are packed for the kernel, and parameters, gradients and
//! everything between the products stay in float32. So precision belongs to a layer, not to the scalar.

use crate::simd::{has_bf16, has_vnni};

/// What the operands of a matrix product are rounded to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// They are multiplied as they are.
    #[default]
    Float32,
    /// Rounded to bf16, the upper half of a float32, to nearest even.
    Bf16,
    /// Weights quantised to 8 bits by output, activations by row, sums of integers. For inference: products of activations with each
    /// other, in attention, are float32's.
    Int8,
}

impl Precision {
    /// All of them.
    pub const ALL: [Precision; 3] = [Precision::Float32, Precision::Bf16, Precision::Int8];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Precision::Float32 => "float32",
            Precision::Bf16 => "bf16",
            Precision::Int8 => "int8",
        }
    }

    /// Whether this processor has instructions for it. Elsewhere results are the same, and slow.
    pub fn is_fast(self) -> bool {
        match self {
            Precision::Float32 => true,
            Precision::Bf16 => has_bf16(),
            Precision::Int8 => has_vnni(),
        }
    }
}
