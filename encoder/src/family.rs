//! The encoder families. A family is one network with one way to name its tensors; several of transformers' model types
//! can be the same family.
//!
//! All are one network, that of `encoder`. What differs is data: a family is a constant in a file of its own, and the
//! reader of configurations, the embeddings and the blocks ask it instead of asking which family it is.

mod bert;
mod distilbert;
mod electra;
mod roberta;

use std::fmt;

/// A network that this crate implements.
#[derive(Debug, PartialEq)]
pub struct Family {
    /// What people call it.
    name: &'static str,
    prefix: &'static str,
    /// transformers' model types of this family, each with its class for sequence classification.
    model_types: &'static [(&'static str, &'static str)],
    head: &'static str,
    /// What `config.json` calls the network's sizes and constants.
    pub(crate) keys: ConfigKeys,
    pub(crate) segments: SegmentUse,
    pub(crate) embedding_width: EmbeddingWidth,
    pub(crate) positions: PositionCount,
    pub(crate) layer_norm_eps: LayerNormEps,
    pub(crate) classifier_dropout: ClassifierDropout,
    /// The padding token where `config.json` names none.
    pub(crate) pad_token: usize,
    /// The module that holds the blocks.
    pub(crate) stack: &'static str,
    /// A block's parameters.
    pub(crate) block: BlockNames,
    /// Whether dropout stands between attention's output and its normalisation.
    pub(crate) drops_attention_output: bool,
}

/// Keys that not every family calls the same.
#[derive(Debug, PartialEq)]
pub(crate) struct ConfigKeys {
    pub(crate) hidden: &'static str,
    pub(crate) layers: &'static str,
    pub(crate) heads: &'static str,
    pub(crate) feed_forward: &'static str,
    pub(crate) activation: &'static str,
    pub(crate) hidden_dropout: &'static str,
    pub(crate) attention_dropout: &'static str,
}

/// What becomes of the tokenizer's segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SegmentUse {
    /// There is no table for them.
    NoTable,
    /// There is a table, but the family was trained with segment 0 alone.
    AlwaysZero,
    /// They are looked up.
    Read,
}

/// How wide the embeddings are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EmbeddingWidth {
    /// `H`.
    Hidden,
    /// The key `embedding_size`, or this; projected to `H` where it is another.
    Own(usize),
}

/// How the tokens of a sequence are numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PositionCount {
    /// 0, 1, 2, ..
    FromZero,
    /// From the padding token's id plus one; a padding token inside a text has its own id and is not counted
    /// (transformers' `create_position_ids_from_input_ids`).
    AfterPadding,
}

/// What LayerNorm adds to the variance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum LayerNormEps {
    /// This, whatever `config.json` says.
    Fixed(f64),
    /// The key `layer_norm_eps`, or this.
    Default(f64),
}

/// Dropout in the classification head.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ClassifierDropout {
    pub(crate) key: &'static str,
    /// Where the key is absent; without it, the hidden states' dropout.
    pub(crate) default: Option<f64>,
}

/// The names of a block's parameters, without `weight` and `bias`.
#[derive(Debug, PartialEq)]
pub(crate) struct BlockNames {
    /// Query, key and value.
    pub(crate) projections: [&'static str; 3],
    pub(crate) attention_output: &'static str,
    pub(crate) attention_norm: &'static str,
    pub(crate) expand: &'static str,
    pub(crate) contract: &'static str,
    pub(crate) feed_forward_norm: &'static str,
}

impl Family {
    /// Every family, in the order in which messages list their model types.
    pub const ALL: &[&Family] = &[&bert::BERT, &roberta::ROBERTA, &distilbert::DISTILBERT, &electra::ELECTRA];

    /// What the names of the encoder's tensors start with in a checkpoint that has a head, without the dot.
    pub fn prefix(&self) -> &'static str {
        self.prefix
    }

    /// transformers' model types of this family.
    pub fn model_types(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.model_types.iter().map(|&(model_type, _)| model_type)
    }

    /// Which head transformers puts on it for sequence classification: the name of a form in the crate `mtlift-heads`,
    /// which is joined to the encoder elsewhere.
    pub fn head(&self) -> &'static str {
        self.head
    }

    /// The family of a `model_type`, and transformers' class for sequence classification with it.
    pub(crate) fn of(model_type: &str) -> Option<(&'static Family, &'static str)> {
        Self::ALL.iter().find_map(|&family| {
            let (_, class) = family.model_types.iter().find(|(known, _)| *known == model_type)?;
            Some((family, *class))
        })
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
