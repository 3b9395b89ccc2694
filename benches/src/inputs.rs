//! Inputs of fixed seeds. A stream has the name of what is drawn, so no bench's input depends on another's.

use std::path::Path;

use mtlift_encoder::Config;
use mtlift_nn::random::Stream;
use mtlift_nn::{Layout, Store, draw_normal};
use mtlift_tokenizer::Encoded;
use serde_json::{Map, Value, json};

use crate::{Lengths, Shape};

const SEED: u64 = 42;

/// `len` values, uniform in `[-1, 1)`.
pub fn values(name: &str, len: usize) -> Vec<f32> {
    let mut generator = Stream::new(SEED, name).at(0);
    std::iter::repeat_with(|| (2.0 * generator.uniform() - 1.0) as f32).take(len).collect()
}

/// Parameters as a fresh model has them: matrices from N(0, 0.02), scales one, biases zero.
pub fn parameters(layout: &Layout) -> Store<f32> {
    let mut params = layout.zeros();
    for entry in layout.entries() {
        let values = &mut params.values_mut()[entry.range.clone()];
        if entry.shape.len() == 2 {
            draw_normal(values, 0.02, Stream::new(SEED, &entry.name));
        } else if entry.name.ends_with("LayerNorm.weight") {
            values.fill(1.0);
        }
    }
    params
}

/// Rows of these lengths in one segment. Token ids are uniform over the vocabulary, which is harder on the caches than
/// text, whose words repeat.
pub fn encoded(lengths: Lengths, vocabulary: usize) -> Encoded {
    let mut generator = Stream::new(SEED, "token ids").at(0);
    // The lowest ids stand for padding and the like.
    let lowest = 1000;
    let mut id = || (lowest as f64 + generator.uniform() * (vocabulary - lowest) as f64) as u32;
    let total = lengths.total();
    Encoded {
        ids: std::iter::repeat_with(&mut id).take(total).collect(),
        segments: vec![0; total],
        offsets: lengths.offsets(),
        truncated: 0,
    }
}

impl Shape {
    /// The model's configuration, with the usual dropout of 0.1.
    pub fn config(&self) -> Config {
        let roberta = self.model_type == "roberta";
        let mut json = Map::new();
        let mut set = |key: &str, value: Value| json.insert(key.into(), value);
        set("model_type", json!(self.model_type));
        set("vocab_size", json!(self.vocabulary));
        set("hidden_size", json!(self.hidden));
        set("num_hidden_layers", json!(self.layers));
        set("num_attention_heads", json!(self.heads));
        set("intermediate_size", json!(self.feed_forward));
        set("max_position_embeddings", json!(if roberta { 514 } else { 512 }));
        set("type_vocab_size", json!(if roberta { 1 } else { 2 }));
        set("layer_norm_eps", json!(if roberta { 1e-5 } else { 1e-12 }));
        Config::from_json(json, Path::new(self.name)).expect("the table's shapes are those of real models")
    }
}
