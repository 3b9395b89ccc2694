//! One step of pretraining, and a look at held-out text.

use mtlift_nn::random::Stream;
use mtlift_nn::{AdamW, AdamWConfig, Layout, Store};
use mtlift_schedule::Row;
use mtlift_tokenizer::Encoded;

use super::passes::{MaskedPasses, MaskedSums, Purpose};
use super::{MaskedNetwork, Masking};
use crate::record::MaskedScores;
use crate::run::Resumable;
use crate::step::Updater;
use crate::{Settings, StepReport};

/// Tokens of a batch of held-out text.
const TOKENS: usize = 4096;
/// The epoch whose masks held-out text has at every look, out of reach of training's.
const HELD_OUT: u64 = u64::MAX;

/// Parameters in training, with everything that changes in a step.
#[derive(Debug)]
pub(super) struct MaskedTrainer {
    pub(super) params: Store<f32>,
    passes: MaskedPasses,
    updater: Updater,
}

impl MaskedTrainer {
    pub(super) fn new(
        network: MaskedNetwork,
        params: Store<f32>,
        masking: Masking,
        settings: &Settings,
    ) -> Self {
        let optimizer = AdamWConfig { weight_decay: settings.weight_decay, ..AdamWConfig::default() };
        let micro_batch = settings.micro_batch.unwrap_or(settings.batch);
        Self {
            updater: Updater::new(network.layout(), optimizer, settings.clip),
            passes: MaskedPasses::new(network, masking, Stream::new(settings.seed, "dropout"), micro_batch),
            params,
        }
    }

    /// Where the parameters lie.
    pub(super) fn layout(&self) -> &Layout {
        self.passes.network.layout()
    }

    /// Trains on `rows`, masked as `epoch` masks them, at rate `lr`. The loss is the mean over all masked tokens of the step.
    pub(super) fn step(&mut self, encoded: &Encoded, rows: &[Row], epoch: u64, lr: f64) -> StepReport {
        let Self { params, passes, updater } = self;
        let (step, ..) = updater.optimizer.state();
        let purpose = Purpose { epoch, step, weight: 1.0, shrink: 0.0 };
        let MaskedSums { loss, tokens } = passes.add(params, encoded, rows, purpose, &mut updater.grads);
        let grad_norm = updater.update(params, loss, lr);
        StepReport { loss, grad_norm, tokens }
    }

    /// Loss and hits on rows that are not trained on, masked the same at every look.
    pub(super) fn evaluate(&mut self, encoded: &Encoded) -> MaskedScores {
        let Self { params, passes, .. } = self;
        let MaskedPasses { network, masking, workspace, batch, .. } = passes;
        let (mut loss, mut hits, mut masked) = (0.0, 0, 0);
        for rows in encoded.batches(TOKENS) {
            batch.clear();
            rows.for_each(|row| batch.push(encoded, row, masking, HELD_OUT));
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
