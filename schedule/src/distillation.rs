//! Distillation: one model learns what several models of the same target predict together. What is said here is what they teach; who
//! they are is the study's.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::about::{About, Chosen, Parameter};
use crate::{Error, spelled};

/// A distillation as it is written, `distill` or `distill(temperature=2)`: what differs from its defaults is in parentheses.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Distillation(Chosen);

/// What is said of it.
static ABOUT: [About; 1] = [About {
    name: "distill",
    summary: "one model learns what several runs on the target predict together",
    source: "Hinton et al. 2015 (distilling the knowledge in a neural network); Buciluă et al., KDD 2006",
    explanation: "Several models of the target label its rows with the mean of their probabilities at a temperature, and one learns these from the \
                  start of single, without the labels: cross-entropy times the square of the temperature. The held-out rows keep their \
                  labels and select; no label of dev is used. The teachers of a seed are its own, those of soup: students of common \
                  teachers would be alike, and the test too sure. With `unlabelled`, rows that --max-train leaves are learned too, from \
                  their texts. docs/distillation.md has more.",
    parameters: &[
        Parameter {
            name: "temperature",
            default: 1.0,
            range: 0.1..=100.0,
            whole: false,
            meaning: "what logits are divided by; above 1 labels are softer",
        },
        Parameter {
            name: "unlabelled",
            default: 0.0,
            range: 0.0..=10_000_000.0,
            whole: true,
            meaning: "the most unlabelled rows that are learned beside those to train on",
        },
    ],
    passes: 1.0,
}];

impl Distillation {
    /// What is said of it.
    pub fn about() -> &'static About {
        &ABOUT[0]
    }

    /// Whether a text begins with its name.
    pub fn is_named_in(text: &str) -> bool {
        Chosen::is_named_in(text, &ABOUT)
    }

    /// What teachers' and student's logits are divided by.
    pub fn temperature(&self) -> f64 {
        self.0.values[0]
    }

    /// The most unlabelled rows that are learned.
    pub fn unlabelled(&self) -> usize {
        self.0.values[1] as usize
    }
}

impl Default for Distillation {
    fn default() -> Self {
        Self(Chosen::with_defaults(Self::about()))
    }
}

impl fmt::Display for Distillation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Distillation {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Chosen::read("method", text, &ABOUT).map(Self)
    }
}

spelled!(Distillation);
