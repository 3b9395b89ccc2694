//! What a run learns beside its rows' labels: of their texts `mlm`, or with what differs `mlm(weight=0.3,l1=0.1)`; of rows without labels
//! `consistency`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::about::{About, Chosen, Parameter};
use crate::{Error, Infilling, spelled};

/// An objective beside the task's loss, with its weights.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Auxiliary(Chosen);

/// How rows without labels are compared with their twins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Consistency {
    /// What the mean divergence of a step's rows counts beside the task's loss; 0 or more.
    pub weight: f64,
    /// By which a row's logits are divided, above 0.
    pub temperature: f64,
    /// Above which a row's greatest probability must be for it to count, in `[0, 1]`.
    pub threshold: f64,
    /// How twins are written: one of each row.
    pub infilling: Infilling,
}

const CONSISTENCY: &str = "consistency";

/// To be read as the tables of methods are.
static ALL: [About; 2] = [
    About {
        name: "mlm",
        summary: "guess masked tokens of the same rows beside their labels, and keep hidden states small",
        source: "Kulkarni et al., Multitask Learning Can Improve Worst-Group Outcomes, TMLR 2024",
        explanation: "The loss of a step is the task's, plus weight times the mean cross-entropy of masked tokens of the same rows in a second pass, plus l1 times \
                      the mean absolute value of the last hidden states, of both passes. Masked are 15 % of a row's tokens, others in each step, guessed by the \
                      family's own head, which is not exported. The paper's code divides the absolute values by the number of values of its first batch; here it \
                      is that of the step. With a weight of 0 there is no second pass, and with both 0 the run is a plain one, to the bit.",
        parameters: &[
            Parameter {
                name: "weight",
                default: 0.1,
                range: 0.0..=100.0,
                whole: false,
                meaning: "what the loss of masked tokens counts beside the task's",
            },
            Parameter {
                name: "l1",
                default: 0.0,
                range: 0.0..=100.0,
                whole: false,
                meaning: "what the mean absolute value of the hidden states counts",
            },
        ],
        passes: 2.04,
    },
    About {
        name: CONSISTENCY,
        summary: "say of a rewritten row without a label what is said of the row, an analogue of UDA",
        source: "an analogue of UDA: Xie et al., Unsupervised Data Augmentation for Consistency Training, NeurIPS 2020",
        explanation: "The loss of a step is the task's, plus weight times the mean divergence KL(p || q) over as many rows without labels as a batch \
                      has. p is what the model says of the row, its logits divided by temperature, and has no gradient; q is what it says of the row's \
                      twin. A row counts only where its greatest probability, before the division, is above threshold; the mean is over all. A \
                      twin is the row with some of its tokens masked and sampled again by the head that the model has for masked-language modelling \
                      as the run begins, and is written once, before the first step. An analogue: the paper's twins are translated there and \
                      back. The rows are those of the task's unlabelled file and those that --max-train leaves; where there are none, the \
                      rows that are trained on. 0.4 and 0.8 are the paper's for CIFAR-10 and SVHN. Both passes have dropout, as in its code; its \
                      annealing of the training signal is left out. Classes only: a regression is refused. With a weight of 0 the run is a plain \
                      one, to the bit.",
        parameters: &[
            Parameter {
                name: "weight",
                default: 1.0,
                range: 0.0..=100.0,
                whole: false,
                meaning: "what the mean divergence counts beside the task's loss",
            },
            Parameter {
                name: "temperature",
                default: 0.4,
                range: 0.01..=100.0,
                whole: false,
                meaning: "what a row's logits are divided by; below 1 its twin is to be surer",
            },
            Parameter {
                name: "threshold",
                default: 0.8,
                range: 0.0..=1.0,
                whole: false,
                meaning: "above which a row's greatest probability must be for it to count",
            },
            Parameter {
                name: "masked",
                default: 0.3,
                range: 0.0..=1.0,
                whole: false,
                meaning: "the share of a row's tokens that are sampled again for its twin",
            },
        ],
        passes: 2.33,
    },
];

impl Auxiliary {
    /// All of them with their defaults, in the order of the documentation.
    pub fn all() -> impl Iterator<Item = Auxiliary> {
        ALL.iter().map(|about| Self(Chosen::with_defaults(about)))
    }

    /// Whether a text begins with the name of one.
    pub fn is_named_in(text: &str) -> bool {
        Chosen::is_named_in(text, &ALL)
    }

    /// What is said of it.
    pub fn about(self) -> &'static About {
        self.0.about
    }

    /// Whether anything of it counts: else a run with it is a plain one.
    pub fn counts(self) -> bool {
        self.weight() > 0.0 || self.l1() > 0.0
    }

    /// Whether masked tokens are guessed.
    pub fn guesses_tokens(self) -> bool {
        self.consistency().is_none() && self.weight() > 0.0
    }

    /// What its loss counts beside the task's; 0 or more.
    pub fn weight(self) -> f64 {
        self.0.values[0]
    }

    /// What the mean absolute value of the hidden states counts; 0 or more.
    pub fn l1(self) -> f64 {
        if self.consistency().is_none() { self.0.values[1] } else { 0.0 }
    }

    /// How rows are compared with their twins; none where they are not.
    pub fn consistency(self) -> Option<Consistency> {
        let [weight, temperature, threshold, masked, ..] = self.0.values;
        // But for the share, twins are written as self-training writes rows.
        let infilling = Infilling { copies: 1, masked, temperature: 1.0, sweeps: 1, block: 4 };
        (self.0.about.name == CONSISTENCY).then_some(Consistency {
            weight,
            temperature,
            threshold,
            infilling,
        })
    }
}

impl fmt::Display for Auxiliary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Auxiliary {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Chosen::read("method", text, &ALL).map(Self)
    }
}

spelled!(Auxiliary);
