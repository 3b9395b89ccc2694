//! What a run learns of its rows' texts beside their labels: `mlm`, or with what differs `mlm(weight=0.3,l1=0.1)`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::about::{About, Chosen, Parameter};
use crate::{Error, spelled};

/// An objective beside the task's loss, with its weights.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Auxiliary(Chosen);

/// A table of one, to be read as the tables of methods are.
static ALL: [About; 1] = [About {
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
}];

impl Auxiliary {
    /// What is said of all of them, in the order of the documentation.
    pub fn all() -> &'static [About] {
        &ALL
    }

    /// Whether a text begins with the name of one.
    pub fn is_named_in(text: &str) -> bool {
        Chosen::is_named_in(text, &ALL)
    }

    /// What is said of it.
    pub fn about(self) -> &'static About {
        self.0.about
    }

    /// What the mean loss of masked tokens counts beside the task's; 0 or more.
    pub fn weight(self) -> f64 {
        self.0.values[0]
    }

    /// What the mean absolute value of the hidden states counts; 0 or more.
    pub fn l1(self) -> f64 {
        self.0.values[1]
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
