//! What a pretraining run leaves in `evals.jsonl` and `result.json`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How well masked tokens of text that is not trained on are guessed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MaskedScores {
    /// Sequences looked at.
    pub sequences: usize,
    /// Tokens that were masked in them.
    pub masked: usize,
    /// Mean cross-entropy of a masked token, in nats.
    pub loss: f64,
    /// e to the loss: among how many tokens the model wavers.
    pub perplexity: f64,
    /// The share of masked tokens whose own logit is the greatest.
    pub accuracy: f64,
}

/// A line of a pretraining run's `evals.jsonl`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MaskedEvaluation {
    /// Steps made.
    pub step: u64,
    /// Epochs made.
    pub epoch: f64,
    /// Of the held-out documents.
    pub scores: MaskedScores,
}

/// `result.json` of a pretraining run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PretrainingResult {
    /// The seed.
    pub seed: u64,
    /// Optimisation steps.
    pub steps: u64,
    /// Real tokens trained on.
    pub tokens: u64,
    /// Sequences to train on.
    pub sequences: usize,
    /// Parameters of the model with its head.
    pub parameter_count: usize,
    /// Of the last step's model, on the held-out documents.
    pub held_out: MaskedScores,
    /// blake3 of the parameters.
    pub parameters: String,
}

impl MaskedScores {
    /// From sums over `masked` tokens, at least one.
    pub(crate) fn new(sequences: usize, masked: usize, loss: f64, hits: usize) -> Self {
        let tokens = masked.max(1) as f64;
        let loss = loss / tokens;
        Self { sequences, masked, loss, perplexity: loss.exp(), accuracy: hits as f64 / tokens }
    }
}

impl fmt::Display for MaskedScores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { loss, perplexity, accuracy, .. } = self;
        write!(f, "loss {loss:.4}, perplexity {perplexity:.1}, accuracy {accuracy:.4}")
    }
}
