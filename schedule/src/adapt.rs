//! How an arm adapts its model to the target's texts before it looks at a label: `adapt`, or with what differs `adapt(epochs=3)`.
//!
//! The one decision: unless it is said otherwise that phase is as long and as fast as every other, so that arms are compared at a pace
//! that nobody has chosen for one of them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::about::{About, Chosen, Parameter};
use crate::{Error, spelled};

/// Continued masked-language modelling on the target's own texts, with its length and rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Adapt(Chosen);

/// A table of one, to be read as the tables of methods are.
static ALL: [About; 1] = [About {
    name: "adapt",
    summary: "guess masked tokens of the target's own texts, then train on the target",
    source: "Gururangan et al., Don't Stop Pretraining, ACL 2020 (task-adaptive pretraining)",
    explanation: "The cheapest intermediate task: it needs no other data. The start model goes on with masked-language modelling on the texts of the \
                  rows that the target is trained on; labels are not looked at, and neither are held-out and dev rows. The encoder of its last step is \
                  then fine-tuned as in any other arm. 15 % of a row's tokens are guessed, others in each epoch, by the family's own head, which the \
                  checkpoint has or which is made. The paper trains for 100 epochs in batches of 256 at a rate of 1e-4; here it is a phase like every other. \
                  The cost is that of a step of a model of BERT base's size; of a tiny one, whose vocabulary is most of it, 2 or 3.",
    parameters: &[
        Parameter {
            name: "epochs",
            default: 0.0,
            range: 0.0..=1e6,
            whole: true,
            meaning: "passes over the texts; 0 is as long as every other phase",
        },
        Parameter {
            name: "lr",
            default: 0.0,
            range: 0.0..=1.0,
            whole: false,
            meaning: "the greatest learning rate of that phase; 0 is that of every other",
        },
    ],
    passes: 1.04,
}];

impl Adapt {
    /// Passes over the texts, where they are given.
    pub fn epochs(self) -> Option<u32> {
        Some(self.0.values[0] as u32).filter(|&epochs| epochs > 0)
    }

    /// The greatest learning rate, where it is given.
    pub fn learning_rate(self) -> Option<f64> {
        Some(self.0.values[1]).filter(|&rate| rate > 0.0)
    }

    /// What is said of all of them.
    pub fn all() -> &'static [About] {
        &ALL
    }

    /// Whether a text begins with its name.
    pub fn is_named_in(text: &str) -> bool {
        Chosen::is_named_in(text, &ALL)
    }

    /// What is said of it.
    pub fn about(self) -> &'static About {
        self.0.about
    }
}

impl Default for Adapt {
    fn default() -> Self {
        Self(Chosen::with_defaults(&ALL[0]))
    }
}

impl fmt::Display for Adapt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Adapt {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Chosen::read("arm", text, &ALL).map(Self)
    }
}

spelled!(Adapt);
