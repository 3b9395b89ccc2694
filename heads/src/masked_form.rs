//! The families' heads for masked-language modelling as transformers defines them, as data, found by the same names as their
//! heads for classification.

use mtlift_nn::Activation;

/// What a head for masked-language modelling consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaskedForm {
    /// What [`MaskedForm::of`] finds it by.
    pub name: &'static str,
    /// Name of the dense layer.
    pub dense: &'static str,
    /// What follows it; none where it is the encoder's own activation.
    pub activation: Option<Activation>,
    /// Name of the LayerNorm.
    pub norm: &'static str,
    /// Name of the bias of the output, whose weight is the word embedding.
    pub bias: &'static str,
}

impl MaskedForm {
    /// Every form.
    pub const ALL: &[MaskedForm] =
        &[MaskedForm::BERT, MaskedForm::ROBERTA, MaskedForm::DISTILBERT, MaskedForm::ELECTRA];

    /// The form of this name.
    pub fn of(name: &str) -> Option<MaskedForm> {
        MaskedForm::ALL.iter().copied().find(|form| form.name == name)
    }

    /// `BertLMPredictionHead`.
    pub const BERT: MaskedForm = MaskedForm {
        name: "bert",
        dense: "cls.predictions.transform.dense",
        activation: None,
        norm: "cls.predictions.transform.LayerNorm",
        bias: "cls.predictions.bias",
    };

    /// `RobertaLMHead`; its activation is GELU whatever the encoder's is.
    pub const ROBERTA: MaskedForm = MaskedForm {
        name: "roberta",
        dense: "lm_head.dense",
        activation: Some(Activation::Gelu),
        norm: "lm_head.layer_norm",
        bias: "lm_head.bias",
    };

    /// `DistilBertForMaskedLM`.
    pub const DISTILBERT: MaskedForm = MaskedForm {
        name: "distilbert",
        dense: "vocab_transform",
        activation: None,
        norm: "vocab_layer_norm",
        bias: "vocab_projector.bias",
    };

    /// `ElectraForMaskedLM`, whose dense layer leads back to the width of the embeddings; its activation is GELU whatever the
    /// encoder's is. Checkpoints of ELECTRA's generator have it, those of the discriminator do not.
    pub const ELECTRA: MaskedForm = MaskedForm {
        name: "electra",
        dense: "generator_predictions.dense",
        activation: Some(Activation::Gelu),
        norm: "generator_predictions.LayerNorm",
        bias: "generator_lm_head.bias",
    };
}
