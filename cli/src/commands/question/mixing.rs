//! How several tasks are trained on at once: which rows form a batch, how they weigh, and which heads there are.

use std::num::NonZeroU32;

use clap::Args;
use mtlift_schedule::{BatchKind, Combine, Exposure, Sampler, StepLoss};
use mtlift_study::Spec;
use mtlift_train::HeadSharing;

use crate::options::{one_of, set};

/// The settings of the arms that mix tasks.
#[derive(Args)]
pub(crate) struct MixingFlags {
    /// How large a part of mixed training each task gets [default: size; with --protocol paper dynamic]: uniform, size,
    /// temperature:ALPHA, capped:ROWS, annealed, dynamic, dynamic-gap, round-robin
    #[arg(long, help_heading = "Mixing")]
    sampler: Option<Sampler>,
    /// The samplers of mtl-all, an arm each [default: size; with --protocol paper size,uniform,dynamic]
    #[arg(long, value_name = "SAMPLER,...", value_delimiter = ',', help_heading = "Mixing")]
    mtl_all_samplers: Option<Vec<Sampler>>,
    /// How batches are formed: homogeneous (one task each), heterogeneous (all rows shuffled), forced-heterogeneous (each task's
    /// share in every batch), partition (one task after the other) [default: heterogeneous]
    #[arg(
        long,
        value_name = "KIND",
        value_parser = one_of(&BatchKind::ALL, BatchKind::name),
        help_heading = "Mixing"
    )]
    batches: Option<BatchKind>,
    /// How much of each task one epoch of mixed training uses: target-full (every row of the target once), truncating (ends
    /// when a task's part runs out), all-full (every row of every task) [default: target-full; with --protocol paper truncating]
    #[arg(long, value_parser = one_of(&Exposure::ALL, Exposure::name), help_heading = "Mixing")]
    exposure: Option<Exposure>,
    /// The loss of a mixed batch: task-means (the sum of each task's mean), example-mean (the mean over all rows)
    /// [default: task-means]
    #[arg(long, value_parser = one_of(&StepLoss::ALL, StepLoss::name), help_heading = "Mixing")]
    loss: Option<StepLoss>,
    /// A fixed weight for the loss of each task of a mixed run, the target's first [default: 1 each]
    #[arg(long, value_name = "WEIGHT,...", value_delimiter = ',', help_heading = "Mixing")]
    task_weights: Option<Vec<f64>>,
    /// Which tasks share a head: per-task (none), by-label-count (those with as many labels) [default: per-task; with --protocol
    /// paper by-label-count]
    #[arg(
        long,
        value_name = "SHARING",
        value_parser = one_of(&HeadSharing::ALL, HeadSharing::name),
        help_heading = "Mixing"
    )]
    head_sharing: Option<HeadSharing>,
    /// How the tasks' gradients become one, or their losses weigh: a method of `mtlift methods`, with parameters as 'cagrad(c=0.5)'
    /// [default: sum]
    #[arg(long, value_name = "RULE", help_heading = "Mixing")]
    combine: Option<Combine>,
    /// Record every so many steps of mixed runs how the tasks' gradients agree: their norms and cosines, which the report draws. No
    /// score changes. A plain arm takes one more pass for it, so 10 costs a tenth [default: never]
    #[arg(long, value_name = "STEPS", help_heading = "Mixing")]
    conflict_every: Option<NonZeroU32>,
}

impl MixingFlags {
    pub(crate) fn apply(&self, spec: &mut Spec) {
        set(&mut spec.mtl_all_samplers, self.mtl_all_samplers.clone());
        spec.conflict_every = self.conflict_every.or(spec.conflict_every);
        let mixing = &mut spec.mixing;
        set(&mut mixing.mix.sampler, self.sampler);
        set(&mut mixing.mix.batches, self.batches);
        set(&mut mixing.mix.exposure, self.exposure);
        set(&mut mixing.loss, self.loss);
        set(&mut mixing.weights, self.task_weights.clone());
        set(&mut mixing.heads, self.head_sharing);
        set(&mut mixing.combine, self.combine);
    }
}
