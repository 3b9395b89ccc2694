//! The sizes of a model that starts from nothing, and the `config.json` that says them to transformers.

use mtlift_tokenizer::TokenizerKind;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// A fresh model's sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ModelShape {
    /// Blocks.
    pub layers: usize,
    /// `H`, a multiple of `heads`.
    pub hidden: usize,
    /// `N`.
    pub heads: usize,
    /// `F`.
    pub feed_forward: usize,
    /// The most tokens of a sequence.
    pub positions: usize,
}

impl ModelShape {
    /// The configuration of a model of this shape, of the family that has this kind of tokenizer.
    pub(super) fn config(self, tokenizer: TokenizerKind, vocabulary: usize) -> Map<String, Value> {
        let pad = tokenizer.pad_id() as usize;
        let mut config = json!({
            "vocab_size": vocabulary,
            "hidden_size": self.hidden,
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "intermediate_size": self.feed_forward,
            "hidden_act": "gelu",
            "hidden_dropout_prob": 0.1,
            "attention_probs_dropout_prob": 0.1,
            "initializer_range": 0.02,
            "layer_norm_eps": 1e-12,
            "position_embedding_type": "absolute",
            "pad_token_id": pad,
        });
        let of_family = match tokenizer {
            TokenizerKind::Wordpiece => json!({
                "model_type": "bert",
                "max_position_embeddings": self.positions,
                "type_vocab_size": 2,
            }),
            // RoBERTa's positions begin after the padding token's.
            TokenizerKind::ByteLevelBpe => json!({
                "model_type": "roberta",
                "max_position_embeddings": self.positions + pad + 1,
                "type_vocab_size": 1,
                "bos_token_id": 0,
                "eos_token_id": 2,
            }),
        };
        let mut fields = config.as_object_mut().map(std::mem::take).unwrap_or_default();
        fields.extend(of_family.as_object().cloned().unwrap_or_default());
        fields
    }
}
