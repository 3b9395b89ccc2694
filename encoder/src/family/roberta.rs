//! RoBERTa (Liu et al. 2019), and with it XLM-RoBERTa (Conneau et al. 2020) and CamemBERT (Martin et al. 2020), which are
//! the same network with other vocabularies.

use super::bert::{BLOCK, CLASSIFIER_DROPOUT, KEYS};
use super::{EmbeddingWidth, Family, LayerNormEps, PositionCount, SegmentUse};

pub(super) const ROBERTA: Family = Family {
    name: "RoBERTa",
    prefix: "roberta",
    model_types: &[
        ("roberta", "RobertaForSequenceClassification"),
        ("xlm-roberta", "XLMRobertaForSequenceClassification"),
        ("camembert", "CamembertForSequenceClassification"),
    ],
    head: "roberta",
    keys: KEYS,
    segments: SegmentUse::AlwaysZero,
    embedding_width: EmbeddingWidth::Hidden,
    positions: PositionCount::AfterPadding,
    layer_norm_eps: LayerNormEps::Default(1e-12),
    classifier_dropout: CLASSIFIER_DROPOUT,
    pad_token: 1,
    stack: "encoder",
    block: BLOCK,
    drops_attention_output: true,
};
