//! DistilBERT (Sanh et al. 2019): BERT without segments, under names and keys of its own.

use super::{
    BlockNames, ClassifierDropout, ConfigKeys, EmbeddingWidth, Family, LayerNormEps, PositionCount,
    SegmentUse,
};

pub(super) const DISTILBERT: Family = Family {
    name: "DistilBERT",
    prefix: "distilbert",
    model_types: &[("distilbert", "DistilBertForSequenceClassification")],
    head: "distilbert",
    keys: ConfigKeys {
        hidden: "dim",
        layers: "n_layers",
        heads: "n_heads",
        feed_forward: "hidden_dim",
        activation: "activation",
        hidden_dropout: "dropout",
        attention_dropout: "attention_dropout",
    },
    segments: SegmentUse::NoTable,
    embedding_width: EmbeddingWidth::Hidden,
    positions: PositionCount::FromZero,
    layer_norm_eps: LayerNormEps::Fixed(1e-12),
    classifier_dropout: ClassifierDropout { key: "seq_classif_dropout", default: Some(0.2) },
    pad_token: 0,
    stack: "transformer",
    block: BlockNames {
        projections: ["attention.q_lin", "attention.k_lin", "attention.v_lin"],
        attention_output: "attention.out_lin",
        attention_norm: "sa_layer_norm",
        expand: "ffn.lin1",
        contract: "ffn.lin2",
        feed_forward_norm: "output_layer_norm",
    },
    drops_attention_output: false,
};
