//! How rows are written from gold ones, as numbers.

use super::SelfTraining;
use super::parameters::{ALL, BLOCK, COPIES, MASKED, SWEEPS, TEMPERATURE, WRITTEN};

/// How a row is written from a gold one: which share of its tokens is sampled again, and how.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Infilling {
    /// Rows from each gold row, at least 1.
    pub copies: usize,
    /// The share of a row's tokens, special ones aside, that are sampled again, in `[0, 1]`.
    pub masked: f64,
    /// By which logits are divided; at 0 the likeliest token is taken.
    pub temperature: f64,
    /// How often each of these tokens is sampled, at least 1.
    pub sweeps: usize,
    /// How many of them are sampled in one pass, at least 1.
    pub block: usize,
}

impl Infilling {
    /// How many of so many tokens are sampled again: at least one, but where the share is 0 or there is none.
    pub fn count(&self, tokens: usize) -> usize {
        let least = usize::from(self.masked > 0.0).min(tokens);
        ((self.masked * tokens as f64).round() as usize).clamp(least, tokens)
    }

    /// Passes over a row with so many tokens that are not special.
    pub fn passes(&self, tokens: usize) -> usize {
        self.sweeps * self.count(tokens).div_ceil(self.block)
    }
}

impl SelfTraining {
    /// How the rows are written that are labelled; none where they are found.
    pub fn infilling(&self) -> Option<Infilling> {
        let values = &self.chosen.values;
        (self.chosen.about.name == ALL[WRITTEN].name).then(|| Infilling {
            copies: values[COPIES] as usize,
            masked: values[MASKED],
            temperature: values[TEMPERATURE],
            sweeps: values[SWEEPS] as usize,
            block: values[BLOCK] as usize,
        })
    }
}
