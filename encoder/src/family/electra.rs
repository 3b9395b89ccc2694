//! ELECTRA's discriminator (Clark et al. 2020): BERT with embeddings of a width of their own.

use super::bert::{BLOCK, CLASSIFIER_DROPOUT, KEYS};
use super::{EmbeddingWidth, Family, LayerNormEps, PositionCount, SegmentUse};

pub(super) const ELECTRA: Family = Family {
    name: "ELECTRA",
    prefix: "electra",
    model_types: &[("electra", "ElectraForSequenceClassification")],
    head: "electra",
    keys: KEYS,
    segments: SegmentUse::Read,
    embedding_width: EmbeddingWidth::Own(128),
    positions: PositionCount::FromZero,
    layer_norm_eps: LayerNormEps::Default(1e-12),
    classifier_dropout: CLASSIFIER_DROPOUT,
    pad_token: 0,
    stack: "encoder",
    block: BLOCK,
    drops_attention_output: true,
};
