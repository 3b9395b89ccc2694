//! One optimisation step: gradients, what becomes of several tasks' gradients, and the update.

mod averaging;
mod climbing;
mod combining;
mod conflict;
mod consistency;
mod losses;
mod passes;
mod per_task;
mod texts;
mod updater;

use std::num::NonZeroU32;

use mtlift_encoder::Tokens;
use mtlift_nn::random::Stream;
use mtlift_nn::{AdamW, AdamWConfig, Gradients, Precision, Store};
use mtlift_schedule::{Combination, FlatMinima, Row, WeightAverage};

use crate::batch::PASS;
use crate::run::Resumable;
use crate::{Network, PackedBatch, Workspace};
use averaging::Averaging;
use climbing::Climbing;
use combining::Combining;
use conflict::Watching;
use passes::{Passes, StepRows, Sums};

pub use conflict::Conflict;
pub(crate) use consistency::Twins;
pub use passes::{SharedTexts, TrainingRows};
pub(crate) use texts::Texts;
pub(crate) use updater::Updater;

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
    /// Where the gradient is taken elsewhere.
    climbing: Option<Climbing>,
    /// Where it is recorded how the tasks' gradients agree.
    watching: Option<Watching>,
    /// Where a mean of the parameters counts in their place.
    averaging: Option<Averaging>,
    updater: Updater,
    sums: Sums,
}

impl Trainer {
    /// Starts from `params`. `dropout` is the stream of the masks, none to train without; `clip` the greatest norm
    /// of the gradients; `micro_batch` the most texts whose activations are in memory at a time.
    pub fn new(
        network: Network,
        params: Store<f32>,
        optimizer: AdamWConfig,
        dropout: Option<Stream>,
        clip: f64,
        micro_batch: usize,
    ) -> Self {
        // In bf16 products take half the time and packing their weights as long, and twice as many tokens wait for the next pass: short passes
        // cost more speed, and save less memory.
        let pass = if network.precision() == Precision::Bf16 { 4 * PASS } else { PASS };
        Self {
            combining: None,
            climbing: None,
            watching: None,
            averaging: None,
            updater: Updater::new(network.layout(), optimizer, clip),
            sums: Sums::default(),
            passes: Passes {
                workspace: network.workspace(),
                batch: PackedBatch::default(),
                network,
                dropout,
                micro_batch,
                pass,
                scales: Vec::new(),
                texts: None,
                twins: None,
            },
            params,
        }
    }

    /// The same with about this many tokens in a pass through the network, which changes memory and no bit.
    #[must_use]
    pub fn in_passes_of(mut self, tokens: usize) -> Self {
        self.passes.pass = tokens;
        self
    }

    /// Learns of the texts of a run on one task, beside its labels.
    #[must_use]
    pub(crate) fn learning_texts(mut self, texts: Texts) -> Self {
        if texts.keeps_states_small() {
            self.passes.network = self.passes.network.wanting(Tokens::All);
        }
        self.passes.texts = Some(texts);
        self
    }

    /// Compares rows without labels with their twins, of a run on one task.
    #[must_use]
    pub(crate) fn comparing(mut self, twins: Twins) -> Self {
        self.passes.twins = Some(twins);
        self
    }

    /// Combines the tasks' gradients by a rule, which draws from `draws`.
    #[must_use]
    pub fn combining(mut self, rule: Box<dyn Combination>, draws: Stream) -> Self {
        self.combining = Some(Combining::new(rule, draws, &self.passes.network));
        self.with_both()
    }

    /// Looks for flat minima; each task by itself where the method says so and there is a rule for several tasks' gradients.
    #[must_use]
    pub fn climbing(mut self, flat_minima: FlatMinima) -> Self {
        self.climbing = Some(Climbing::new(flat_minima));
        self.with_both()
    }

    fn with_both(mut self) -> Self {
        if let (Some(combining), Some(climbing)) = (&mut self.combining, &self.climbing)
            && climbing.flat_minima.is_of_each_task()
        {
            combining.prepare_apart(&self.passes.network);
        }
        self
    }

    /// Looks every so many steps at how the tasks' gradients agree, from the first step on. No step ends with other bits for it. A
    /// rule is given before.
    #[must_use]
    pub fn watching(mut self, every: NonZeroU32) -> Self {
        let has_gradients = self.combining.as_ref().is_some_and(Combining::has_gradients);
        self.watching = Some(Watching::new(every, &self.passes.network, has_gradients));
        self
    }

    /// Keeps a mean of the parameters, of a run of so many steps.
    #[must_use]
    pub fn averaging(mut self, average: WeightAverage, total_steps: u64) -> Self {
        self.averaging = Some(Averaging::new(average, total_steps, &self.params));
        self
    }

    /// Trains on `rows` of `tasks` at learning rate `lr`. Rows of one text stand together, in the order of their tasks: it goes through
    /// the encoder once for all of them. The step's loss is the sum over its rows of the row's loss
    /// times its task's weight, however the step is cut into micro-batches: with `1 / rows` for every task it is the
    /// mean. Where classes or rows are weighed, a row's loss counts its weight over the mean weight of its task's rows in the
    /// step. If loss or norm is not finite, nothing is changed.
    ///
    /// # Panics
    /// If there are not as many weights as tasks.
    pub fn step(&mut self, tasks: &[TrainingRows<'_>], rows: &[Row], weights: &[f64], lr: f64) -> StepReport {
        assert_eq!(weights.len(), tasks.len(), "a weight for each task");
        let Self { params, passes, combining, climbing, watching, averaging, updater, sums } = self;
        let (step, ..) = updater.optimizer.state();
        sums.clear(tasks.len());
        let all = StepRows { tasks, rows, weights, step };
        let watching = watching.as_mut().and_then(|watching| watching.begin(step));
        match (combining.as_mut(), climbing.as_mut()) {
            (Some(combining), Some(climbing))
                if climbing.flat_minima.is_of_each_task() && all.has_several_tasks() =>
            {
                combining.add_apart(passes, params, all, climbing, &mut updater.grads, sums, watching);
            }
            _ => add_together(passes, params, all, combining, climbing, &mut updater.grads, sums, watching),
        }
        let grad_norm = updater.update(params, sums.loss, lr);
        if let Some(averaging) = averaging {
            averaging.add(params, updater.optimizer.state().0);
        }
        if let Some(combining) = combining {
            combining.look_back(passes, params, all);
        }
        StepReport { loss: sums.loss, grad_norm, tokens: sums.tokens }
    }

    /// `[tasks]`: the sum of the losses of each task's rows in the last step, weighed by class alone: their number times the
    /// task's mean.
    pub fn losses(&self) -> &[f64] {
        &self.sums.of_task
    }

    /// Rows of a task in the last step that an adversary told from the other tasks' by what the tasks share; none without one.
    pub fn told(&self, task: usize) -> Option<usize> {
        self.sums.told[task]
    }

    /// What the rule for several tasks' gradients made a task's count in the last step; none without a rule, or without rows of
    /// the task.
    pub fn coefficient(&self, task: usize) -> Option<f64> {
        self.combining.as_ref()?.coefficient(task)
    }

    /// How the tasks' gradients agreed in the last step; none where it was not looked at.
    pub fn conflict(&self) -> Option<&Conflict> {
        self.watching.as_ref()?.last.as_ref()
    }

    /// Tells the rule for several tasks' gradients that an epoch has ended.
    pub(crate) fn epoch_ended(&mut self) {
        if let Some(combining) = &mut self.combining {
            combining.epoch_ended();
        }
    }

    /// Tells the rule for several tasks' gradients what each task scored in an evaluation.
    pub(crate) fn evaluated(&mut self, scores: &[f64]) {
        if let Some(combining) = &mut self.combining {
            combining.evaluated(scores);
        }
    }

    /// The network being trained.
    pub fn network(&self) -> &Network {
        &self.passes.network
    }

    /// Whether the network has a head for masked tokens beside those of tasks.
    pub(crate) fn guesses_tokens(&self) -> bool {
        self.passes.texts.as_ref().is_some_and(Texts::guesses_tokens)
    }

    /// The optimiser, for a checkpoint.
    pub fn optimizer(&self) -> &AdamW<f32> {
        &self.updater.optimizer
    }

    /// What the rule for several tasks' gradients carries from step to step, for a checkpoint; empty without one.
    pub fn combination_state(&self) -> &[f64] {
        self.combining.as_ref().map_or(&[], |combining| &combining.state)
    }

    /// The parameters that count: those in training, or their mean.
    pub fn counting(&self) -> &Store<f32> {
        self.averaging.as_ref().map_or(&self.params, |averaging| &averaging.mean)
    }

    /// Ends training: the parameters become those that count.
    pub(crate) fn settle(&mut self) {
        if let Some(averaging) = self.averaging.take() {
            self.params = averaging.mean;
        }
    }

    /// The memory of activations and the batch, for an evaluation between steps.
    pub(crate) fn evaluation(&mut self) -> (&Network, &Store<f32>, &mut Workspace<f32>, &mut PackedBatch) {
        let Passes { network, workspace, batch, .. } = &mut self.passes;
        let params = self.averaging.as_ref().map_or(&self.params, |averaging| &averaging.mean);
        (network, params, workspace, batch)
    }
}

impl Resumable for Trainer {
    fn state(&self) -> (&Store<f32>, &AdamW<f32>) {
        (&self.params, self.optimizer())
    }

    fn state_mut(&mut self) -> (&mut Store<f32>, &mut AdamW<f32>) {
        (&mut self.params, &mut self.updater.optimizer)
    }

    fn mean(&self) -> Option<&Store<f32>> {
        self.averaging.as_ref().map(|averaging| &averaging.mean)
    }

    fn mean_mut(&mut self) -> Option<&mut Store<f32>> {
        self.averaging.as_mut().map(|averaging| &mut averaging.mean)
    }

    fn carried(&self) -> &[f64] {
        self.combination_state()
    }

    fn restore_carried(&mut self, carried: &[f64]) {
        if let Some(combining) = &mut self.combining {
            combining.state = carried.to_vec();
        }
    }
}

/// Adds the gradients of a step in which the tasks climb together, if they climb.
fn add_together(
    passes: &mut Passes,
    params: &mut Store<f32>,
    all: StepRows<'_>,
    combining: &mut Option<Combining>,
    climbing: &mut Option<Climbing>,
    grads: &mut Gradients<f32>,
    sums: &mut Sums,
    watching: Option<&mut Watching>,
) {
    let mut add = |combining: &mut Option<Combining>,
                   params: &Store<f32>,
                   grads: &mut _,
                   sums: &mut _,
                   watching: Option<&mut Watching>| match combining {
        None => {
            if let Some(watching) = watching {
                watching.look(passes, params, all);
            }
            passes.add(params, all, grads, sums);
        }
        Some(combining) => combining.add(passes, params, all, grads, sums, watching),
    };
    let before = climbing.as_ref().and(combining.as_ref()).map(Combining::memory);
    add(combining, params, grads, sums, watching);
    if let Some(climbing) = climbing {
        climbing.replace(params, grads, |params, grads| {
            let losses =
                combining.as_mut().zip(before).map(|(combining, before)| combining.begin_again(before));
            let mut elsewhere = Sums::of(all.tasks.len());
            add(combining, params, grads, &mut elsewhere, None);
            if let Some((combining, losses)) = combining.as_mut().zip(losses) {
                combining.losses = losses;
            }
        });
    }
}
