//! The encoder families. A family is one network with one way to name its tensors; several of transformers' model
//! types can be the same family.

use std::fmt;

/// A network that this crate implements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// BERT (Devlin et al. 2019).
    Bert,
    /// RoBERTa (Liu et al. 2019), and with it XLM-RoBERTa and CamemBERT.
    Roberta,
    /// DistilBERT (Sanh et al. 2019).
    DistilBert,
    /// ELECTRA's discriminator (Clark et al. 2020).
    Electra,
}

/// transformers' model types, their families and the classes of their models for sequence classification.
const MODEL_TYPES: [(&str, Family, &str); 6] = [
    ("bert", Family::Bert, "BertForSequenceClassification"),
    ("roberta", Family::Roberta, "RobertaForSequenceClassification"),
    ("xlm-roberta", Family::Roberta, "XLMRobertaForSequenceClassification"),
    ("camembert", Family::Roberta, "CamembertForSequenceClassification"),
    ("distilbert", Family::DistilBert, "DistilBertForSequenceClassification"),
    ("electra", Family::Electra, "ElectraForSequenceClassification"),
];

impl Family {
    /// What the names of the encoder's tensors start with in a checkpoint that has a head, without the dot.
    pub fn prefix(self) -> &'static str {
        match self {
            Family::Bert => "bert",
            Family::Roberta => "roberta",
            Family::DistilBert => "distilbert",
            Family::Electra => "electra",
        }
    }

    /// The family of a `model_type`, and transformers' class for sequence classification with it.
    pub(super) fn of(model_type: &str) -> Option<(Family, &'static str)> {
        MODEL_TYPES.iter().find(|known| known.0 == model_type).map(|&(_, family, class)| (family, class))
    }

    /// Every `model_type` that is supported.
    pub(super) fn model_types() -> impl Iterator<Item = &'static str> {
        MODEL_TYPES.iter().map(|known| known.0)
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Family::Bert => "BERT",
            Family::Roberta => "RoBERTa",
            Family::DistilBert => "DistilBERT",
            Family::Electra => "ELECTRA",
        })
    }
}
