//! Forward and backward over rows with some of their tokens masked, in micro-batches, into gradients.

use mtlift_nn::random::Stream;
use mtlift_nn::{DropoutStep, Gradients, Store};
use mtlift_schedule::Row;
use mtlift_tokenizer::Encoded;

use super::masking::Masking;
use super::network::{MaskedBatch, MaskedNetwork, MaskedWorkspace};

/// A network with the memory of its activations, and what masks its rows.
#[derive(Debug)]
pub(crate) struct MaskedPasses {
    pub(super) network: MaskedNetwork,
    pub(super) masking: Masking,
    pub(super) workspace: MaskedWorkspace<f32>,
    pub(super) batch: MaskedBatch,
    dropout: Stream,
    /// The most rows whose activations are in memory at a time.
    micro_batch: usize,
}

/// What rows are run for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Purpose {
    /// By which their tokens are masked, as those of no other epoch.
    pub(crate) epoch: u64,
    /// Steps made before, by which dropout is drawn.
    pub(crate) step: u64,
    /// What the mean loss of their masked tokens counts.
    pub(crate) weight: f64,
    /// What the sum of their hidden states' absolute values counts.
    pub(crate) shrink: f64,
}

/// What rows came to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct MaskedSums {
    /// The loss, all in all.
    pub(crate) loss: f64,
    /// Real tokens.
    pub(crate) tokens: usize,
}

impl MaskedPasses {
    pub(crate) fn new(network: MaskedNetwork, masking: Masking, dropout: Stream, micro_batch: usize) -> Self {
        let (workspace, batch) = (network.workspace(), MaskedBatch::default());
        Self { network, masking, workspace, batch, dropout, micro_batch }
    }

    /// Adds the gradients of the rows to `grads`.
    pub(crate) fn add(
        &mut self,
        params: &Store<f32>,
        encoded: &Encoded,
        rows: &[Row],
        purpose: Purpose,
        grads: &mut Gradients<f32>,
    ) -> MaskedSums {
        let Self { network, masking, workspace, batch, .. } = self;
        let masked: usize =
            rows.iter().map(|row| masking.count(&encoded.ids[encoded.range(row.row as usize)])).sum();
        let weight = purpose.weight / masked.max(1) as f64;
        let mut sums = MaskedSums::default();
        for part in rows.chunks(self.micro_batch) {
            batch.clear();
            part.iter().for_each(|row| batch.push(encoded, row.row as usize, masking, purpose.epoch));
            let dropout = Some(DropoutStep::new(self.dropout, purpose.step, batch.keys()));
            network.forward(params, batch, dropout, workspace);
            sums.loss += workspace.loss(batch, weight) * weight;
            sums.loss += network.backward(params, batch, dropout, purpose.shrink, workspace, grads);
            sums.tokens += batch.tokens().tokens();
        }
        sums
    }
}
