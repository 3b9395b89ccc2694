//! The families' heads as transformers defines them, as data: a head is a constant and a line in [`Form::ALL`]. They are
//! found by name, because this crate does not know the encoder, whose families say which head is theirs.

use mtlift_nn::Activation;

/// What a head consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// What [`Form::of`] finds it by.
    pub name: &'static str,
    /// Name of the dense layer.
    pub dense: &'static str,
    /// Whether the dense layer is a pooler, which a checkpoint without a head can have.
    pub pools: bool,
    /// What follows it.
    pub activation: Activation,
    /// Whether the hidden state is dropped out before the dense layer.
    pub drops_input: bool,
    /// Name of the projection to the labels.
    pub projection: &'static str,
}

impl Form {
    /// Every form.
    pub const ALL: &[Form] = &[Form::BERT, Form::ROBERTA, Form::DISTILBERT, Form::ELECTRA];

    /// The form of this name.
    pub fn of(name: &str) -> Option<Form> {
        Form::ALL.iter().copied().find(|form| form.name == name)
    }

    /// `BertForSequenceClassification`: the pooler, then a linear layer.
    pub const BERT: Form = Form {
        name: "bert",
        dense: "bert.pooler.dense",
        pools: true,
        activation: Activation::Tanh,
        drops_input: false,
        projection: "classifier",
    };

    /// `RobertaClassificationHead`, for XLM-RoBERTa and CamemBERT too.
    pub const ROBERTA: Form = Form {
        name: "roberta",
        dense: "classifier.dense",
        pools: false,
        activation: Activation::Tanh,
        drops_input: true,
        projection: "classifier.out_proj",
    };

    /// `DistilBertForSequenceClassification`.
    pub const DISTILBERT: Form = Form {
        name: "distilbert",
        dense: "pre_classifier",
        pools: false,
        activation: Activation::Relu,
        drops_input: false,
        projection: "classifier",
    };

    /// `ElectraClassificationHead`; its activation is GELU whatever the encoder's is.
    pub const ELECTRA: Form = Form {
        name: "electra",
        dense: "classifier.dense",
        pools: false,
        activation: Activation::Gelu,
        drops_input: true,
        projection: "classifier.out_proj",
    };
}
