//! One step of pretraining, and a look at held-out text.

use mtlift_nn::random::Stream;
use mtlift_nn::{AdamW, AdamWConfig, DropoutStep, Store};
use mtlift_schedule::Row;
use mtlift_tokenizer::Encoded;

use super::{MaskedBatch, MaskedNetwork, MaskedWorkspace, Masking};
use crate::StepReport;
use crate::record::MaskedScores;
use crate::run::Resumable;
use crate::step::Updater;

/// Tokens of a batch of held-out text.
const TOKENS: usize = 4096;
/// The epoch whose masks held-out text has at every look, out of reach of training's.
const HELD_OUT: u64 = u64::MAX;

/// Parameters in training, with everything that changes in a step.
#[derive(Debug)]
pub(super) struct MaskedTrainer {
    pub(super) params: Store<f32>,
    pub(super) network: MaskedNetwork,
    pub(super) masking: Masking,
    updater: Updater,
    workspace: MaskedWorkspace<f32>,
    batch: MaskedBatch,
    dropout: Stream,
    /// The most rows whose activations are in memory at a time.
    micro_batch: usize,
}

impl MaskedTrainer {
    pub(super) fn new(
        network: MaskedNetwork,
        params: Store<f32>,
        masking: Masking,
        optimizer: AdamWConfig,
        dropout: Stream,
        clip: f64,
        micro_batch: usize,
    ) -> Self {
        Self {
            updater: Updater::new(network.layout(), optimizer, clip),
            workspace: network.workspace(),
            batch: MaskedBatch::default(),
            params,
            network,
            masking,
            dropout,
            micro_batch,
        }
    }

    /// Trains on `rows`, masked as `epoch` masks them, at rate `lr`. The loss is the mean over all masked tokens of the step.
    pub(super) fn step(&mut self, encoded: &Encoded, rows: &[Row], epoch: u64, lr: f64) -> StepReport {
        let Self { params, network, masking, updater, workspace, batch, .. } = self;
        let (step, ..) = updater.optimizer.state();
        let masked: usize =
            rows.iter().map(|row| masking.count(&encoded.ids[encoded.range(row.row as usize)])).sum();
        let weight = 1.0 / masked.max(1) as f64;
        let (mut loss, mut tokens) = (0.0, 0);
        for part in rows.chunks(self.micro_batch) {
            batch.clear();
            part.iter().for_each(|row| batch.push(encoded, row.row as usize, masking, epoch));
            let dropout = Some(DropoutStep::new(self.dropout, step, batch.keys()));
            network.forward(params, batch, dropout, workspace);
            loss += workspace.loss(batch, weight) * weight;
            network.backward(params, batch, dropout, workspace, &mut updater.grads);
            tokens += batch.tokens().tokens();
        }
        let grad_norm = updater.update(params, loss, lr);
        StepReport { loss, grad_norm, tokens }
    }

    /// Loss and hits on rows that are not trained on, masked the same at every look.
    pub(super) fn evaluate(&mut self, encoded: &Encoded) -> MaskedScores {
        let Self { params, network, masking, workspace, batch, .. } = self;
        let (mut loss, mut hits, mut masked, mut row) = (0.0, 0, 0, 0);
        while row < encoded.rows() {
            batch.clear();
            while row < encoded.rows()
                && (batch.keys().is_empty() || batch.tokens().tokens() + encoded.range(row).len() <= TOKENS)
            {
                batch.push(encoded, row, masking, HELD_OUT);
                row += 1;
            }
            network.forward(params, batch, None, workspace);
            hits += workspace.hits(batch);
            loss += workspace.loss(batch, 0.0);
            masked += batch.masked();
        }
        MaskedScores::new(encoded.rows(), masked, loss, hits)
    }
}

impl Resumable for MaskedTrainer {
    fn state(&self) -> (&Store<f32>, &AdamW<f32>) {
        (&self.params, &self.updater.optimizer)
    }

    fn state_mut(&mut self) -> (&mut Store<f32>, &mut AdamW<f32>) {
        (&mut self.params, &mut self.updater.optimizer)
    }
}
