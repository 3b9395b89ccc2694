//! What a step learns of its rows' texts beside their labels (`mtlift_schedule::Auxiliary`): tokens that are masked, and small hidden
//! states.
//!
//! The one decision: what is masked is a function of step and row, as dropout is. So there is nothing to save, and a step that passes twice
//! over its rows masks the same.

use mtlift_nn::random::Stream;
use mtlift_nn::{Gradients, Store};
use mtlift_schedule::{Auxiliary, Row};
use mtlift_tokenizer::Encoded;

use crate::pretrain::{MaskedPasses, Purpose};
use crate::{MaskedNetwork, Masking};

/// An objective at work, of a run on one task.
#[derive(Debug)]
pub(crate) struct Texts {
    auxiliary: Auxiliary,
    /// `H`
    hidden: usize,
    /// None where masked tokens count nothing.
    guesses: Option<MaskedPasses>,
}

impl Texts {
    /// With hidden states of `hidden` values; with what guesses masked tokens, where they count.
    pub(crate) fn new(auxiliary: Auxiliary, hidden: usize) -> Self {
        Self { auxiliary, hidden, guesses: None }
    }

    /// Guesses masked tokens with a network on the encoder of the run, whose dropout is drawn from a stream of its own.
    #[must_use]
    pub(crate) fn guessing(
        self,
        network: MaskedNetwork,
        masking: Masking,
        seed: u64,
        micro_batch: usize,
    ) -> Self {
        let dropout = Stream::new(seed, "dropout of texts");
        Self { guesses: Some(MaskedPasses::new(network, masking, dropout, micro_batch)), ..self }
    }

    /// Whether the network has a head for masked tokens.
    pub(super) fn guesses_tokens(&self) -> bool {
        self.guesses.is_some()
    }

    /// Whether hidden states count by themselves, and so those of all tokens are needed.
    pub(super) fn keeps_states_small(&self) -> bool {
        self.auxiliary.l1() > 0.0
    }

    /// What a hidden state's absolute value counts in a step: its share of the mean.
    pub(super) fn shrink(&self, encoded: &Encoded, rows: &[Row]) -> f64 {
        let tokens: usize = rows.iter().map(|row| encoded.range(row.row as usize).len()).sum();
        self.auxiliary.l1() / (tokens * self.hidden) as f64
    }

    /// Adds the gradients of a step's rows with masked tokens to `grads`, and gives their loss.
    pub(super) fn add(
        &mut self,
        params: &Store<f32>,
        encoded: &Encoded,
        rows: &[Row],
        step: u64,
        grads: &mut Gradients<f32>,
    ) -> f64 {
        let (weight, shrink) = (self.auxiliary.weight(), self.shrink(encoded, rows));
        let Some(passes) = &mut self.guesses else { return 0.0 };
        passes.add(params, encoded, rows, Purpose { epoch: step, step, weight, shrink }, grads).loss
    }
}
