//! Floating-point operations, by formula: a multiplication and an addition each count one.
//!
//! Only matrix products count, as is usual when speeds of transformers are given; everything else is work that a better
//! implementation would do less of or hide. Embeddings, heads, dropout and the optimiser count nothing.

use crate::{Lengths, Shape};

/// The products `q·kᵀ` and `p·v` of all heads of one block, forward: `4·H·Σ length²`. Backward has twice as many.
pub fn attention_flops(shape: Shape, lengths: Lengths) -> u64 {
    let squares: usize = lengths.tokens.iter().map(|tokens| tokens * tokens).sum();
    (4 * shape.hidden * squares) as u64
}

/// All blocks, forward: each `T·(8·H² + 4·H·F)` for its linear layers, and attention. Backward has twice as many: a product
/// for the input's gradient and one for the weight's.
pub fn encoder_flops(shape: Shape, lengths: Lengths) -> u64 {
    let weights = 4 * shape.hidden * shape.hidden + 2 * shape.hidden * shape.feed_forward;
    let linear = (2 * lengths.total() * weights) as u64;
    shape.layers as u64 * (linear + attention_flops(shape, lengths))
}

#[cfg(test)]
mod tests {
    use mtlift_encoder::Encoder;
    use mtlift_nn::Layout;

    use super::*;
    use crate::cases;

    #[test]
    fn linear_layers_do_two_operations_a_token_and_weight() {
        for (shape, lengths, name) in cases() {
            let mut layout = Layout::default();
            Encoder::new(&mut layout, &shape.config());
            let in_blocks =
                layout.entries().iter().filter(|e| e.name.contains(".layer.") && e.shape.len() == 2);
            let weights: usize = in_blocks.map(|entry| entry.range.len()).sum();
            let attention = shape.layers as u64 * attention_flops(shape, lengths);
            let linear = 2 * (lengths.total() * weights) as u64;
            assert_eq!(encoder_flops(shape, lengths), linear + attention, "{name}");
        }
    }
}
