//! What masked-language modelling costs beside fine-tuning on the same rows, by the sizes of the model: the output over the vocabulary
//! is the widest product of a small one.

use mtlift_encoder::Config;

use super::masking::SHARE;

/// What guessing masked tokens takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MaskedCost {
    /// What a token costs, where one of fine-tuning costs 1.
    pub passes: f64,
    /// Logits for each token of a row, on average.
    pub logits: f64,
    /// What a guess costs, where a token that goes through the encoder costs 1.
    pub guess: f64,
    /// Values that a pass of its own keeps of a token for backward, beside the squares of attention.
    pub activations: f64,
}

impl MaskedCost {
    /// Of a model of these sizes, by the multiplications of its matrix products but attention's.
    pub(crate) fn of(config: &Config) -> Self {
        let [layers, hidden, feed_forward, embedding, vocabulary] =
            [config.layers, config.hidden, config.feed_forward, config.embedding, config.vocabulary]
                .map(|size| size as f64);
        let encoder = layers * (4.0 * hidden * hidden + 2.0 * hidden * feed_forward);
        let guess = (hidden * embedding + embedding * vocabulary) / encoder;
        // Of a layer query, key and value, what heads gather, two sums and two outputs, and the input of the activation; and what all
        // layers share.
        let activations = layers * (8.0 * hidden + feed_forward) + 5.0 * hidden + feed_forward;
        Self { passes: 1.0 + SHARE * guess, logits: SHARE * vocabulary, guess, activations }
    }
}
