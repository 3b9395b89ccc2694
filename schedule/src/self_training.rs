//! Self-training: a model labels rows that have no labels, and those of them that pass the filters are trained on beside the gold ones.
//!
//! The one decision: what is asked for is a list of numbers, as with every other method, and which rows stay is a pure function of these
//! numbers and of what the model said of each row. So filters are tested without a model, and an arm is written as
//! `self-train(confidence=0.8)`.

mod filters;
mod infilling;
mod parameters;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::about::{About, Chosen};
use crate::{Arm, Error, spelled};
use parameters::{ALL, FOUND, PASSES, ROUNDS, STEPS, WRITTEN};

pub use filters::{Filter, FilterCounts, Filtered, GoldRows, LabelledRow};
pub use infilling::Infilling;

/// How rows are found or written, labelled, filtered and trained on; what differs from the defaults is in parentheses.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SelfTraining {
    chosen: Chosen,
}

impl SelfTraining {
    /// What is said of each kind.
    pub fn all() -> &'static [About] {
        &ALL
    }

    /// As an arm has it that says no more; none of an arm that does not train itself.
    pub fn of_arm(arm: Arm) -> Option<Self> {
        let place = if arm == Arm::SelfTrainInfill { WRITTEN } else { FOUND };
        arm.trains_itself().then(|| Self { chosen: Chosen::with_defaults(&ALL[place]) })
    }

    /// What is said of it.
    pub fn about(&self) -> &'static About {
        self.chosen.about
    }

    /// Whether a text begins with the name of a kind.
    pub fn is_named_in(text: &str) -> bool {
        Chosen::is_named_in(text, &ALL)
    }

    /// Passes with dropout over each row; 0 where agreement is not looked at.
    pub fn passes(&self) -> usize {
        self.chosen.values[PASSES] as usize
    }

    /// How often rows are labelled and trained on, at least once.
    pub fn rounds(&self) -> u32 {
        self.chosen.values[ROUNDS] as u32
    }

    /// The optimisation steps of a round; none for those of `single`.
    pub fn steps(&self) -> Option<u64> {
        Some(self.chosen.values[STEPS] as u64).filter(|&steps| steps > 0)
    }

    /// The same with so many rounds.
    #[must_use]
    pub fn with_rounds(mut self, rounds: u32) -> Self {
        self.chosen.values[ROUNDS] = rounds.into();
        self
    }

    /// What one round is about: how rows are found or written, labelled and filtered.
    #[must_use]
    pub fn of_a_round(mut self) -> Self {
        for place in [ROUNDS, STEPS] {
            self.chosen.values[place] = self.about().parameters[place].default;
        }
        self
    }

    /// What differs from the defaults, in parentheses; nothing where all are.
    pub(crate) fn in_parentheses(&self) -> String {
        self.to_string().split_off(self.about().name.len())
    }

    /// The same with what [`in_parentheses`](Self::in_parentheses) gives.
    pub(crate) fn with_parentheses(&self, given: &str) -> Result<Self, Error> {
        format!("{}{given}", self.about().name).parse()
    }
}

impl fmt::Display for SelfTraining {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.chosen.fmt(f)
    }
}

impl FromStr for SelfTraining {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let chosen = Chosen::read("arm", text, &ALL)?;
        Ok(Self { chosen })
    }
}

spelled!(SelfTraining);
