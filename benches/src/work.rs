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

/// The same for a head that reads first tokens: of the last block keys and values of all tokens, and for first ones alone their query, which
/// all tokens of their sequence answer, and the other linear layers.
pub fn first_tokens_flops(shape: Shape, lengths: Lengths) -> u64 {
    let (hidden, below) = (shape.hidden, Shape { layers: shape.layers - 1, ..shape });
    let (tokens, sequences) = (lengths.total(), lengths.tokens.len());
    let of_first = 2 * hidden * hidden + 2 * hidden * shape.feed_forward;
    let last = 2 * tokens * 2 * hidden * hidden + 2 * sequences * of_first + 4 * hidden * tokens;
    encoder_flops(below, lengths) + last as u64
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

    /// Where every sequence is its first token, nothing is left out.
    #[test]
    fn sequences_of_one_token_take_the_same_operations() {
        for (shape, _, name) in cases() {
            let lengths = Lengths { name: "first tokens", tokens: [1; 32] };
            assert_eq!(first_tokens_flops(shape, lengths), encoder_flops(shape, lengths), "{name}");
        }
    }
}
