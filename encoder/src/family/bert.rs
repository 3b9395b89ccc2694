//! BERT (Devlin et al. 2019). Its keys and names are those of most families that came after it.

use super::{
    BlockNames, ClassifierDropout, ConfigKeys, EmbeddingWidth, Family, LayerNormEps, PositionCount,
    SegmentUse,
};

pub(super) const BERT: Family = Family {
    name: "BERT",
    prefix: "bert",
    model_types: &[("bert", "BertForSequenceClassification")],
    head: "bert",
    keys: KEYS,
    segments: SegmentUse::Read,
    embedding_width: EmbeddingWidth::Hidden,
    positions: PositionCount::FromZero,
    layer_norm_eps: LayerNormEps::Default(1e-12),
    classifier_dropout: CLASSIFIER_DROPOUT,
    pad_token: 0,
    stack: "encoder",
    block: BLOCK,
    drops_attention_output: true,
};

pub(super) const KEYS: ConfigKeys = ConfigKeys {
    hidden: "hidden_size",
    layers: "num_hidden_layers",
    heads: "num_attention_heads",
    feed_forward: "intermediate_size",
    activation: "hidden_act",
    hidden_dropout: "hidden_dropout_prob",
    attention_dropout: "attention_probs_dropout_prob",
};

pub(super) const CLASSIFIER_DROPOUT: ClassifierDropout =
    ClassifierDropout { key: "classifier_dropout", default: None };

pub(super) const BLOCK: BlockNames = BlockNames {
    projections: ["attention.self.query", "attention.self.key", "attention.self.value"],
    attention_output: "attention.output.dense",
    attention_norm: "attention.output.LayerNorm",
    expand: "intermediate.dense",
    contract: "output.dense",
    feed_forward_norm: "output.LayerNorm",
};
