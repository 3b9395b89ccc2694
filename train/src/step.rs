//! One optimisation step: gradients, what becomes of several tasks' gradients, and the update.

mod combining;
mod passes;

use mtlift_nn::random::Stream;
use mtlift_nn::{AdamW, AdamWConfig, Gradients, Store};
use mtlift_schedule::{Combination, Row};

use crate::{Network, PackedBatch, Workspace};
use combining::Combining;
use passes::{Passes, StepRows, Sums};

pub use passes::TrainingRows;

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
    /// The parameters.
    pub params: Store<f32>,
    passes: Passes,
    /// Where tasks' gradients are more than added.
    combining: Option<Combining>,
    grads: Gradients<f32>,
    sums: Sums,
    optimizer: AdamW<f32>,
    clip: f64,
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
            combining: None,
            grads: network.layout().gradients(),
            sums: Sums::default(),
            optimizer: AdamW::new(optimizer, network.layout()),
            passes: Passes {
                workspace: network.workspace(),
                batch: PackedBatch::default(),
                network,
                dropout,
                micro_batch,
                scales: Vec::new(),
            },
            params,
            clip,
        }
    }

    /// Combines the tasks' gradients by a rule, which draws from `draws`.
    #[must_use]
    pub fn combining(mut self, rule: &'static dyn Combination, draws: Stream) -> Self {
        let network = &self.passes.network;
        self.combining = Some(Combining::new(rule, draws, network.layout(), network.tasks()));
        self
    }

    /// Trains on `rows` of `tasks` at learning rate `lr`. The step's loss is the sum over its rows of the row's loss
    /// times its task's weight, however the step is cut into micro-batches: with `1 / rows` for every task it is the
    /// mean. Where classes are weighed, a row's loss counts its class's weight over the mean weight of its task's rows in the
    /// step. If loss or norm is not finite, nothing is changed.
    ///
    /// # Panics
    /// If there are not as many weights as tasks.
    pub fn step(&mut self, tasks: &[TrainingRows<'_>], rows: &[Row], weights: &[f64], lr: f64) -> StepReport {
        assert_eq!(weights.len(), tasks.len(), "a weight for each task");
        let Self { params, passes, grads, sums, .. } = self;
        let (step, ..) = self.optimizer.state();
        sums.clear(tasks.len());
        let all = StepRows { tasks, rows, weights, step };
        match &mut self.combining {
            None => passes.add(params, all, grads, sums),
            Some(combining) => combining.add(passes, params, all, grads, sums),
        }
        let (loss, tokens) = (sums.loss, sums.tokens);
        self.update(loss, tokens, lr)
    }

    /// Clips the gradients and takes the optimiser's step with them, if all is finite; they are then gone either way.
    fn update(&mut self, loss: f64, tokens: usize, lr: f64) -> StepReport {
        let grad_norm = self.grads.norm();
        if loss.is_finite() && grad_norm.is_finite() {
            // As PyTorch's clip_grad_norm_.
            let clip = (self.clip / (grad_norm + 1e-6)).min(1.0);
            self.optimizer.step(&mut self.params, &mut self.grads, lr, clip);
        } else {
            self.grads.clear();
        }
        StepReport { loss, grad_norm, tokens }
    }

    /// `[tasks]`: the sum of the losses of each task's rows in the last step, weighed by class alone: their number times the
    /// task's mean.
    pub fn losses(&self) -> &[f64] {
        &self.sums.of_task
    }

    /// The network being trained.
    pub fn network(&self) -> &Network {
        &self.passes.network
    }

    /// The optimiser, for a checkpoint.
    pub fn optimizer(&self) -> &AdamW<f32> {
        &self.optimizer
    }

    /// What the rule for several tasks' gradients carries from step to step, for a checkpoint; empty without one.
    pub fn combination_state(&self) -> &[f64] {
        self.combining.as_ref().map_or(&[], |combining| &combining.state)
    }

    /// Goes on with what [`Trainer::combination_state`] gave.
    pub(crate) fn restore_combination(&mut self, state: &[f64]) {
        if let Some(combining) = &mut self.combining {
            combining.state = state.to_vec();
        }
    }

    /// Parameters and optimiser, to go on from a checkpoint.
    pub(crate) fn state_mut(&mut self) -> (&mut Store<f32>, &mut AdamW<f32>) {
        (&mut self.params, &mut self.optimizer)
    }

    /// The memory of activations and the batch, for an evaluation between steps.
    pub(crate) fn evaluation(&mut self) -> (&Network, &Store<f32>, &mut Workspace<f32>, &mut PackedBatch) {
        let Passes { network, workspace, batch, .. } = &mut self.passes;
        (network, &self.params, workspace, batch)
    }
}
