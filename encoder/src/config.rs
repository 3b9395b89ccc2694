//! A model's configuration, from Hugging Face's `config.json`. Everything is checked here once, so that the network is
//! built from sizes that fit each other; the file's other keys are kept, so that an export is the original with a new
//! head.

mod keys;
mod labels;

use std::path::Path;

use mtlift_nn::{Activation, Precision};
use serde_json::{Map, Value};

pub use labels::{Labels, ProblemType};

use crate::elsewhere::no_config;
use crate::family::{EmbeddingWidth, LayerNormEps, PositionCount, SegmentUse};
use crate::{Error, Family};
use keys::Keys;

/// The sizes and constants of an encoder, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The network.
    pub family: &'static Family,
    /// transformers' name of the model's type.
    pub model_type: String,
    /// Rows of the word embedding.
    pub vocabulary: usize,
    /// `H`, a multiple of `heads`.
    pub hidden: usize,
    /// Number of blocks.
    pub layers: usize,
    /// `N`.
    pub heads: usize,
    /// `F`.
    pub feed_forward: usize,
    /// Rows of the position embedding; [`Config::max_tokens`] says how many of them a sequence can use.
    pub positions: usize,
    /// Rows of the segment embedding; 0 for a family that has none.
    pub segments: usize,
    /// Width of the embeddings: `H`, unless the family projects them to it.
    pub embedding: usize,
    /// The function inside the feed-forward part.
    pub activation: Activation,
    /// What LayerNorm adds to the variance, above 0.
    pub layer_norm_eps: f64,
    /// Dropout of embeddings and of the outputs of attention and feed-forward, in `[0, 1)`.
    pub hidden_dropout: f64,
    /// Dropout of attention weights, in `[0, 1)`.
    pub attention_dropout: f64,
    /// Dropout in the classification head, in `[0, 1)`.
    pub classifier_dropout: f64,
    /// Id of the padding token.
    pub pad_token: usize,
    /// Standard deviation of fresh weights.
    pub initializer_range: f64,
    /// What the encoder's matrix products multiply. No file says: it is float32 until whoever makes the network asks for another.
    pub precision: Precision,
    /// The labels of the head, if the configuration describes a model for sequence classification.
    pub head: Option<Labels>,
    /// transformers' class of this model with a head for sequence classification.
    class: &'static str,
    /// The file's keys.
    json: Map<String, Value>,
}

/// Names of activations in transformers (`ACT2FN` in its activations.py) and the functions they stand for.
const ACTIVATIONS: [(&str, Activation); 10] = [
    ("gelu", Activation::Gelu),
    ("gelu_python", Activation::Gelu),
    ("gelu_new", Activation::GeluTanh),
    ("gelu_fast", Activation::GeluTanh),
    ("gelu_pytorch_tanh", Activation::GeluTanh),
    ("gelu_accurate", Activation::GeluTanh),
    ("relu", Activation::Relu),
    ("silu", Activation::Silu),
    ("swish", Activation::Silu),
    ("tanh", Activation::Tanh),
];

impl Config {
    /// Reads `config.json` in a model's directory.
    ///
    /// # Errors
    /// If there is no such file (then with where a model is, if it is not far), it is not JSON, or it describes a network that is not supported or does not fit together.
    pub fn read(model_dir: &Path) -> Result<Config, Error> {
        let file = model_dir.join("config.json");
        if !file.exists() {
            return Err(no_config(model_dir));
        }
        Config::from_json(mtlift_files::read_json(&file)?, &file)
    }

    /// Checks the content of a `config.json`; `file` is what the messages call it.
    ///
    /// The sizes of the network must be given. What else is absent has the value that transformers gives it.
    ///
    /// # Errors
    /// If it describes a network that is not supported or does not fit together.
    pub fn from_json(json: Map<String, Value>, file: &Path) -> Result<Config, Error> {
        let keys = Keys { file, map: &json };
        let model_type = keys.get("model_type").and_then(Value::as_str).unwrap_or_default();
        let (family, class) =
            Family::of(model_type).ok_or_else(|| keys.refuse("model_type", one_of(model_types())))?;
        refuse_variants(keys)?;

        // The bounds are far above any model in use; they keep a damaged file from asking for all memory.
        const WIDEST: usize = 1 << 16;
        const MOST_ROWS: usize = 1 << 24;
        let called = &family.keys;

        let vocabulary = keys.size("vocab_size", MOST_ROWS)?;
        let hidden = keys.size(called.hidden, WIDEST)?;
        let layers = keys.size(called.layers, 1 << 10)?;
        let heads = keys.size(called.heads, WIDEST)?;
        if !hidden.is_multiple_of(heads) {
            return Err(keys.refuse(called.hidden, format!("a multiple of `{}`, {heads}", called.heads)));
        }
        let feed_forward = keys.size(called.feed_forward, WIDEST << 2)?;
        let positions = keys.size("max_position_embeddings", MOST_ROWS)?;
        let segments = match family.segments {
            SegmentUse::NoTable => 0,
            SegmentUse::AlwaysZero | SegmentUse::Read => keys.whole("type_vocab_size", 1, WIDEST, Some(2))?,
        };
        let embedding = embedding(keys, family, hidden, WIDEST)?;

        let pad_token = keys.whole("pad_token_id", 0, vocabulary - 1, Some(family.pad_token))?;
        if family.positions == PositionCount::AfterPadding && positions <= pad_token + 1 {
            let expected = format!("more than {}: positions start after `pad_token_id`", pad_token + 1);
            return Err(keys.refuse("max_position_embeddings", expected));
        }

        let positive = |x: f64| x.is_finite() && x > 0.0;
        let layer_norm_eps = match family.layer_norm_eps {
            LayerNormEps::Fixed(eps) => eps,
            LayerNormEps::Default(eps) => keys.number("layer_norm_eps", eps, "a number above 0", positive)?,
        };
        let hidden_dropout = keys.dropout(called.hidden_dropout, 0.1)?;
        let attention_dropout = keys.dropout(called.attention_dropout, 0.1)?;
        let classifier = family.classifier_dropout;
        let classifier_dropout =
            keys.dropout(classifier.key, classifier.default.unwrap_or(hidden_dropout))?;

        Ok(Config {
            family,
            model_type: model_type.to_owned(),
            vocabulary,
            hidden,
            layers,
            heads,
            feed_forward,
            positions,
            segments,
            embedding,
            activation: activation(keys, called.activation)?,
            layer_norm_eps,
            hidden_dropout,
            attention_dropout,
            classifier_dropout,
            pad_token,
            initializer_range: keys.number("initializer_range", 0.02, "a number above 0", positive)?,
            precision: Precision::Float32,
            head: Labels::read(keys)?,
            class,
            json,
        })
    }

    /// This model without the blocks above the first `layers`.
    ///
    /// # Panics
    /// If it has fewer, or `layers` is 0.
    #[must_use]
    pub fn cut_to(&self, layers: usize) -> Config {
        assert!((1..=self.layers).contains(&layers), "{layers} of {} layers", self.layers);
        let mut config = Config { layers, ..self.clone() };
        config.json.insert(self.family.keys.layers.to_owned(), layers.into());
        config
    }

    /// The longest sequence that the position embedding can take, in tokens with the special ones.
    pub fn max_tokens(&self) -> usize {
        self.positions - self.first_position()
    }

    /// The row of the position embedding for a sequence's first token.
    pub fn first_position(&self) -> usize {
        match self.family.positions {
            PositionCount::FromZero => 0,
            PositionCount::AfterPadding => self.pad_token + 1,
        }
    }

    /// The `config.json` of this model with a head for these labels, named in the order of the logits, for weights
    /// in float32. Keys that do not depend on the head are those of the original file.
    ///
    /// # Panics
    /// If two labels have the same name, or a regression does not have exactly one.
    pub fn to_json(&self, labels: &[String], problem_type: ProblemType) -> Value {
        assert_eq!(
            labels.len() == 1,
            problem_type == ProblemType::Regression,
            "{problem_type:?} of {labels:?}"
        );
        let (id2label, label2id) = Labels::to_json(labels);
        let mut json = self.json.clone();
        // transformers counts the labels itself, and takes the older `torch_dtype` where it finds one.
        json.remove("num_labels");
        json.remove("torch_dtype");
        json.insert("architectures".into(), vec![self.class].into());
        json.insert("dtype".into(), "float32".into());
        json.insert("id2label".into(), id2label);
        json.insert("label2id".into(), label2id);
        json.insert("problem_type".into(), problem_type.name().into());
        json.into()
    }
}

impl Config {
    /// The `config.json` of this model, whatever its head, for weights in float32.
    pub fn to_json_as_it_is(&self) -> Map<String, Value> {
        let mut json = self.json.clone();
        json.remove("torch_dtype");
        json.insert("dtype".into(), "float32".into());
        json
    }

    /// In what this network differs from another: the first key, and what it is here and there.
    pub fn difference(&self, other: &Config) -> Option<(&'static str, String, String)> {
        let keys = &self.family.keys;
        let sizes = |config: &Config| {
            [
                ("model_type", config.model_type.clone()),
                ("vocab_size", config.vocabulary.to_string()),
                (keys.hidden, config.hidden.to_string()),
                (keys.layers, config.layers.to_string()),
                (keys.heads, config.heads.to_string()),
                (keys.feed_forward, config.feed_forward.to_string()),
                ("max_position_embeddings", config.positions.to_string()),
                ("type_vocab_size", config.segments.to_string()),
                ("embedding_size", config.embedding.to_string()),
                (keys.activation, format!("{:?}", config.activation)),
                ("layer_norm_eps", config.layer_norm_eps.to_string()),
                ("pad_token_id", config.pad_token.to_string()),
            ]
        };
        let pairs = sizes(self).into_iter().zip(sizes(other));
        let differs = |((key, here), (_, there)): ((&'static str, String), (_, String))| {
            (here != there).then_some((key, here, there))
        };
        pairs.into_iter().find_map(differs)
    }

    /// The `config.json` of this model with a head for masked-language modelling, for weights of the type that transformers
    /// calls `dtype`.
    pub fn to_masked_json(&self, dtype: &str) -> Value {
        let mut json = self.json.clone();
        for key in ["num_labels", "torch_dtype", "id2label", "label2id", "problem_type"] {
            json.remove(key);
        }
        let class = self.class.replace("ForSequenceClassification", "ForMaskedLM");
        json.insert("architectures".into(), vec![class].into());
        json.insert("dtype".into(), dtype.into());
        json.into()
    }
}

/// Refuses variants of the families whose networks differ from those here.
fn refuse_variants(keys: Keys<'_>) -> Result<(), Error> {
    for key in ["is_decoder", "add_cross_attention"] {
        if keys.get(key).is_some_and(|value| *value != Value::Bool(false)) {
            return Err(keys.refuse(key, "false: only encoders are supported"));
        }
    }
    if keys.get("position_embedding_type").is_some_and(|kind| kind != "absolute") {
        return Err(keys.refuse("position_embedding_type", "\"absolute\", the only kind supported"));
    }
    if keys.get("pruned_heads").is_some_and(|heads| heads.as_object().is_none_or(|heads| !heads.is_empty())) {
        return Err(
            keys.refuse("pruned_heads", "none: layers with different numbers of heads are not supported")
        );
    }
    Ok(())
}

/// Every `model_type` that is supported.
fn model_types() -> impl Iterator<Item = &'static str> {
    Family::ALL.iter().flat_map(|family| family.model_types())
}

fn embedding(keys: Keys<'_>, family: &Family, hidden: usize, most: usize) -> Result<usize, Error> {
    let key = "embedding_size";
    if let EmbeddingWidth::Own(width) = family.embedding_width {
        return keys.whole(key, 1, most, Some(width));
    }
    match keys.get(key) {
        Some(width) if width.as_u64() != Some(hidden as u64) => Err(keys.refuse(
            key,
            format!("none, or the hidden width {hidden}, since {family} does not project embeddings"),
        )),
        _ => Ok(hidden),
    }
}

fn activation(keys: Keys<'_>, key: &'static str) -> Result<Activation, Error> {
    let name = keys.get(key).map_or(Some("gelu"), Value::as_str);
    ACTIVATIONS
        .iter()
        .find(|(known, _)| Some(*known) == name)
        .map(|&(_, activation)| activation)
        .ok_or_else(|| keys.refuse(key, one_of(ACTIVATIONS.iter().map(|(known, _)| *known))))
}

/// "one of a, b, c"
fn one_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    format!("one of {}", names.collect::<Vec<_>>().join(", "))
}
