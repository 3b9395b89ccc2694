//! One optimisation step: micro-batches, their gradients, clipping, AdamW.

use mtlift_glue_data::{Encoded, Target};
use mtlift_nn::random::Stream;
use mtlift_nn::{AdamW, AdamWConfig, DropoutStep, Gradients, Store};
use mtlift_schedule::Row;

use crate::{Network, PackedBatch, Workspace};

/// The rows that a task trains on.
#[derive(Clone, Copy, Debug)]
pub struct TrainingRows<'a> {
    /// The tokens of all rows.
    pub encoded: &'a Encoded,
    /// What each row should come to.
    pub targets: &'a [Target],
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepReport {
    /// The loss: the weighted sum over the step's rows.
    pub loss: f64,
    /// The norm of the gradients before clipping.
    pub grad_norm: f64,
    /// Real tokens.
    pub tokens: usize,
}

/// Parameters in training, with everything that changes in a step.
#[derive(Debug)]
pub struct Trainer {
    network: Network,
    /// The parameters.
    pub params: Store<f32>,
    grads: Gradients<f32>,
    optimizer: AdamW<f32>,
    workspace: Workspace<f32>,
    batch: PackedBatch,
    dropout: Option<Stream>,
    clip: f64,
    micro_batch: usize,
}

impl Trainer {
    /// Starts from `params`. `dropout` is the stream of the masks, none to train without; `clip` the greatest norm
    /// of the gradients; `micro_batch` the most rows whose activations are in memory at a time.
    pub fn new(
        network: Network,
        params: Store<f32>,
        optimizer: AdamWConfig,
        dropout: Option<Stream>,
        clip: f64,
        micro_batch: usize,
    ) -> Self {
        Self {
            grads: network.layout().gradients(),
            optimizer: AdamW::new(optimizer, network.layout()),
            workspace: network.workspace(),
            batch: PackedBatch::default(),
            network,
            params,
            dropout,
            clip,
            micro_batch,
        }
    }

    /// Trains on `rows` of `tasks` at learning rate `lr`. The step's loss is the sum over its rows of the row's loss
    /// times its task's weight, however the step is cut into micro-batches: with `1 / rows` for every task it is the
    /// mean. If loss or norm is not finite, nothing is changed.
    ///
    /// # Panics
    /// If there are not as many weights as tasks.
    pub fn step(&mut self, tasks: &[TrainingRows<'_>], rows: &[Row], weights: &[f64], lr: f64) -> StepReport {
        assert_eq!(weights.len(), tasks.len(), "a weight for each task");
        let (step, ..) = self.optimizer.state();
        let (mut loss, mut tokens) = (0.0, 0);
        for part in rows.chunks(self.micro_batch) {
            self.batch.clear(tasks.len());
            for row in part {
                let (task, row) = (row.task as usize, row.row as usize);
                self.batch.push(task, tasks[task].encoded, row, Some(tasks[task].targets[row]));
            }
            let dropout = self.dropout.map(|stream| DropoutStep::new(stream, step, self.batch.keys()));
            self.network.forward(&self.params, &self.batch, dropout, &mut self.workspace);
            let losses = self.network.losses(&self.batch, weights, &mut self.workspace);
            loss += losses.zip(weights).map(|(loss, weight)| loss * weight).sum::<f64>();
            self.network.backward(&self.params, &self.batch, dropout, &mut self.workspace, &mut self.grads);
            tokens += self.batch.tokens().tokens();
        }
        let grad_norm = self.grads.norm();
        let report = StepReport { loss, grad_norm, tokens };
        if report.loss.is_finite() && grad_norm.is_finite() {
            // As PyTorch's clip_grad_norm_.
            let clip = (self.clip / (grad_norm + 1e-6)).min(1.0);
            self.optimizer.step(&mut self.params, &mut self.grads, lr, clip);
        } else {
            self.grads.clear();
        }
        report
    }

    /// The network being trained.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The optimiser, for a checkpoint.
    pub fn optimizer(&self) -> &AdamW<f32> {
        &self.optimizer
    }

    /// Parameters and optimiser, to go on from a checkpoint.
    pub(crate) fn state_mut(&mut self) -> (&mut Store<f32>, &mut AdamW<f32>) {
        (&mut self.params, &mut self.optimizer)
    }

    /// The memory of activations and the batch, for an evaluation between steps.
    pub(crate) fn evaluation(&mut self) -> (&Network, &Store<f32>, &mut Workspace<f32>, &mut PackedBatch) {
        (&self.network, &self.params, &mut self.workspace, &mut self.batch)
    }
}
