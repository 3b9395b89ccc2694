//! Which evaluation's model to keep and when to stop early. The state is small, explicit and part of a checkpoint.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::Error;

/// The best evaluation so far and how long ago it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    patience: Option<NonZeroU32>,
    best: Option<Best>,
    since_best: u32,
}

/// An evaluation that was better than all before it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Best {
    /// The number of steps done when it was made.
    pub step: u64,
    /// Its score; finite.
    pub value: f64,
}

/// What to do after an evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// It is the best so far: keep this model.
    Best,
    /// An earlier one is at least as good: go on.
    NotBetter,
    /// An earlier one is at least as good and patience is used up: stop training.
    Stop,
}

impl Selection {
    /// A selection that has seen nothing. With a `patience` of `n`, the `n`-th evaluation in a row that is not better
    /// than the best stops the run; without one nothing does.
    ///
    /// # Errors
    /// `patience` is at least 1 evaluation.
    pub fn check(patience: Option<u32>) -> Result<Selection, Error> {
        let patience = patience.map(|n| NonZeroU32::new(n).ok_or(Error::Patience)).transpose()?;
        Ok(Selection { patience, best: None, since_best: 0 })
    }

    /// Takes the score of the model after `step` steps. On a tie the earlier evaluation stays the best. NaN and
    /// infinities are never better: a run that diverged is not selected, and the state can be written as JSON.
    pub fn offer(&mut self, step: u64, value: f64, higher_is_better: bool) -> Offer {
        let better = value.is_finite()
            && self
                .best
                .is_none_or(|best| if higher_is_better { value > best.value } else { value < best.value });
        if better {
            self.best = Some(Best { step, value });
            self.since_best = 0;
            return Offer::Best;
        }
        self.since_best = self.since_best.saturating_add(1);
        match self.patience {
            Some(patience) if self.since_best >= patience.get() => Offer::Stop,
            _ => Offer::NotBetter,
        }
    }

    /// Whether this may have become of a selection that had seen nothing, after `step` steps.
    pub fn continues(&self, fresh: &Selection, step: u64) -> bool {
        self.patience == fresh.patience && self.best.is_none_or(|best| best.step <= step)
    }

    /// The best evaluation so far; none before the first finite score.
    pub fn best(&self) -> Option<Best> {
        self.best
    }
}
