//! The support phase of STILTs: how long and how fast it trains, and what goes on from it to the target.

use clap::Args;
use mtlift_schedule::HeadStart;
use mtlift_study::{Spec, SupportSeed};

use crate::options::{one_of, set};

/// In what STILTs' first phase differs from all others, and what the second takes from it.
#[derive(Args)]
pub(crate) struct SupportPhaseFlags {
    /// Passes over the support's rows in the support phase, which then has no least steps [default: as --epochs]
    #[arg(
        long,
        value_name = "EPOCHS",
        help_heading = "Support phase of STILTs",
        conflicts_with = "support_steps"
    )]
    support_epochs: Option<u32>,
    /// Steps of the support phase, in place of epochs [default: those of its epochs]
    #[arg(long, value_name = "STEPS", help_heading = "Support phase of STILTs")]
    support_steps: Option<u32>,
    /// The greatest learning rate of the support phase [default: as --lr]
    #[arg(long, value_name = "RATE", help_heading = "Support phase of STILTs")]
    support_lr: Option<f64>,
    /// How the target's head starts after the support phase: fresh (drawn anew), kept (as that phase left it), mapped-by-name
    /// (labels of the same name keep theirs), shared-by-count (kept if both tasks have as many labels) [default: fresh; with
    /// --protocol paper shared-by-count]
    #[arg(
        long,
        value_name = "START",
        value_parser = one_of(&HeadStart::ALL, HeadStart::name),
        help_heading = "Support phase of STILTs"
    )]
    heads: Option<HeadStart>,
    /// Which support-phase run each target phase starts from: paired (the one of its own seed), or best (the one that scored
    /// best, for all seeds) [default: paired; with --protocol paper best]
    #[arg(
        long,
        value_name = "SEED",
        value_parser = one_of(&SupportSeed::ALL, SupportSeed::name),
        help_heading = "Support phase of STILTs"
    )]
    support_seed: Option<SupportSeed>,
}

impl SupportPhaseFlags {
    pub(crate) fn apply(&self, spec: &mut Spec) {
        let phase = &mut spec.support_phase;
        if self.support_epochs.is_some() || self.support_steps.is_some() {
            (phase.epochs, phase.steps) = (self.support_epochs, self.support_steps);
        }
        phase.learning_rate = self.support_lr.or(phase.learning_rate);
        set(&mut spec.heads, self.heads);
        set(&mut spec.support_seed, self.support_seed);
    }
}
