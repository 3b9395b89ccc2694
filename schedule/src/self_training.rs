//! Self-training: a model labels rows that have no labels, and those of them that pass the filters are trained on beside the gold ones.
//!
//! The one decision: what is asked for is a list of numbers, as with every other method, and which rows stay is a pure function of these
//! numbers and of what the model said of each row. So filters are tested without a model, and an arm is written as
//! `self-train(confidence=0.8)`.

mod filters;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::about::{About, Parameter, Values, name_in, read};
use crate::{Error, spelled};

pub use filters::{FilterCounts, Filtered, GoldRows, LabelledRow};

/// How rows are labelled, filtered and trained on; what differs from the defaults is in parentheses.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SelfTraining {
    values: Values,
}

/// The places of the parameters.
const CONFIDENCE: usize = 0;
const AGREEMENT: usize = 1;
const PASSES: usize = 2;
const DEVIATIONS: usize = 3;
const BALANCE: usize = 4;
const ROUNDS: usize = 5;
const STEPS: usize = 6;

static ABOUT: About = About {
    name: "self-train",
    summary: "the target's own model labels rows without labels, and is trained anew on those that pass filters",
    source: "Lee, ICML workshops 2013 (pseudo-labels); filters in the style of SELF-GUIDE, Zhao et al. 2024",
    explanation: "A model that is trained as `single` labels the task's rows without labels. They are filtered by length, duplicates, confidence, \
                  agreement of passes with dropout, and the gold rows' shares of the labels; then a model is trained from the beginning on \
                  gold and kept rows. An analogue: SELF-GUIDE's model also writes the rows.",
    parameters: &[
        Parameter {
            name: "confidence",
            default: 0.9,
            range: 0.0..=1.0,
            whole: false,
            meaning: "the least probability of a row's label",
        },
        Parameter {
            name: "agreement",
            default: 0.8,
            range: 0.0..=1.0,
            whole: false,
            meaning: "the least share of the passes with dropout that give the same label",
        },
        Parameter {
            name: "passes",
            default: 5.0,
            range: 0.0..=100.0,
            whole: true,
            meaning: "passes with dropout; with 0 agreement is not looked at",
        },
        Parameter {
            name: "deviations",
            default: 2.0,
            range: 0.0..=1000.0,
            whole: false,
            meaning: "how many standard deviations a length may be off the gold rows' mean",
        },
        Parameter {
            name: "balance",
            default: 1.0,
            range: 0.0..=1.0,
            whole: true,
            meaning: "whether labels get the gold rows' shares",
        },
        Parameter {
            name: "rounds",
            default: 1.0,
            range: 1.0..=10.0,
            whole: true,
            meaning: "how often; each round's model labels for the next",
        },
        Parameter {
            name: "steps",
            default: 0.0,
            range: 0.0..=1_000_000.0,
            whole: true,
            meaning: "the steps of a round; with 0 those of `single`",
        },
    ],
    passes: 1.0,
};

impl SelfTraining {
    /// What is said of it.
    pub fn about() -> &'static About {
        &ABOUT
    }

    /// Whether a text begins with its name.
    pub fn is_named_in(text: &str) -> bool {
        name_in(text) == ABOUT.name
    }

    /// Passes with dropout over each row; 0 where agreement is not looked at.
    pub fn passes(&self) -> usize {
        self.values[PASSES] as usize
    }

    /// How often rows are labelled and trained on, at least once.
    pub fn rounds(&self) -> u32 {
        self.values[ROUNDS] as u32
    }

    /// The optimisation steps of a round; none for those of `single`.
    pub fn steps(&self) -> Option<u64> {
        Some(self.values[STEPS] as u64).filter(|&steps| steps > 0)
    }

    /// The same with so many rounds.
    #[must_use]
    pub fn with_rounds(mut self, rounds: u32) -> Self {
        self.values[ROUNDS] = rounds.into();
        self
    }

    /// What one round is about: how rows are labelled and filtered.
    #[must_use]
    pub fn of_a_round(mut self) -> Self {
        for place in [ROUNDS, STEPS] {
            self.values[place] = ABOUT.parameters[place].default;
        }
        self
    }

    /// What differs from the defaults, in parentheses; nothing where all are.
    pub(crate) fn in_parentheses(&self) -> String {
        self.to_string().split_off(ABOUT.name.len())
    }

    /// Of what [`in_parentheses`](Self::in_parentheses) gives.
    pub(crate) fn of_parentheses(given: &str) -> Result<Self, Error> {
        format!("{}{given}", ABOUT.name).parse()
    }
}

impl Default for SelfTraining {
    fn default() -> Self {
        Self { values: ABOUT.defaults() }
    }
}

impl fmt::Display for SelfTraining {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&ABOUT.written(&self.values))
    }
}

impl FromStr for SelfTraining {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (_, values) = read("arm", text, std::slice::from_ref(&ABOUT), |about| about)?;
        Ok(Self { values })
    }
}

spelled!(SelfTraining);
