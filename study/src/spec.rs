//! What a study is asked: tasks, arms, seeds, and how every run is made. It is `study.json`, and what a study file says.

mod check;
mod defaults;
mod file;
mod growth;
mod tune;
mod until;

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use mtlift_eval::Plan as LookPlan;
use mtlift_schedule::{Adapt, Arm, ArmSpec, Auxiliary, Duration, HeadStart, Pace, Sampler, named};
use mtlift_train::{Mixing, Settings, Yardstick};
use serde::{Deserialize, Serialize};

pub use tune::Tune;
pub use until::Until;

/// What a study is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// Which arm and support is best for a target.
    Compare,
    /// Every ordered pair of tasks.
    Sweep,
    /// One pair, the support at several sizes.
    SizeCurve,
}

/// From which seed of the support phase a target phase of STILTs starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SupportSeed {
    /// Its own: every seed is a repetition of the whole arm.
    Paired,
    /// The one that scored best, for all target seeds, as in the code of Weller et al. (2022).
    Best,
}

named!(SupportSeed, "support seed", Paired => "paired", Best => "best");

/// Which models stay on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeepModels {
    /// Every run's.
    All,
    /// Those from which an unfinished run starts.
    Needed,
}

named!(KeepModels, "choice of models", All => "all", Needed => "needed");

/// In what the support phase of STILTs differs from all other phases; what is not given is as there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SupportPhase {
    /// Passes over the support's rows.
    pub epochs: Option<u32>,
    /// Optimisation steps, in place of epochs.
    pub steps: Option<u32>,
    /// The greatest learning rate.
    pub learning_rate: Option<f64>,
}

/// A study's question and settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// What it is for.
    pub question: Question,
    /// The model that every arm starts from: a directory, or a name below the data home's `models/`.
    pub model: String,
    /// The tasks whose score matters.
    pub targets: Vec<String>,
    /// The tasks that may help. A task is no support of itself.
    pub supports: Vec<String>,
    /// The arms. `mtl-all` trains on all targets and supports.
    pub arms: Vec<ArmSpec>,
    /// The seeds.
    pub seeds: Vec<u64>,
    /// At how many seeds a gain is looked at. It is fixed before the first run, and no run depends on it.
    #[serde(default)]
    pub looks: LookPlan,
    /// By which number arms are compared and a verdict is given. It is chosen before the first run, and no run depends on it.
    #[serde(default)]
    pub judge_by: Yardstick,
    /// When a target has enough: then runs are made look by look, and arms without a chance are dropped. None makes all runs. It may
    /// change, and no run depends on it.
    #[serde(default)]
    pub until: Option<Until>,
    /// The settings that are searched for every arm; with none all arms have the study's.
    #[serde(default)]
    pub tune: Option<Tune>,
    /// The support's rows over the target's, for a size curve; else empty.
    pub ratios: Vec<f64>,
    /// The samplers of `mtl-all`, an arm each.
    pub mtl_all_samplers: Vec<Sampler>,
    /// From which seed of the support phase STILTs goes on.
    pub support_seed: SupportSeed,
    /// In what the support phase of STILTs differs from the others.
    #[serde(default)]
    pub support_phase: SupportPhase,
    /// What becomes of the support's head when STILTs turns to the target.
    pub heads: HeadStart,
    /// How the mixed arms mix.
    pub mixing: Mixing,
    /// How every run is made; its seed is replaced by each of `seeds`.
    pub settings: Settings,
    /// Which models stay on the disk.
    pub keep_models: KeepModels,
    /// Every how many steps mixed runs record how the tasks' gradients agree; none for never. It may change, and no run depends on it.
    #[serde(default)]
    pub conflict_every: Option<NonZeroU32>,
}

impl Spec {
    /// All tasks, targets first, none twice.
    pub fn tasks(&self) -> Vec<String> {
        let mut seen = BTreeSet::new();
        self.targets.iter().chain(&self.supports).filter(|name| seen.insert(*name)).cloned().collect()
    }

    /// The numbers of seeds at which a study with a rule of when to stop looks: those planned that it reaches, and all of its seeds.
    pub(crate) fn looks_taken(&self) -> Vec<usize> {
        let planned = self.looks.looks().iter().copied();
        planned.filter(|&look| look < self.seeds.len()).chain([self.seeds.len()]).collect()
    }

    /// Whether there is an arm of this shape, plain or with a method.
    pub(crate) fn has(&self, shape: Arm) -> bool {
        self.arms.iter().any(|arm| arm.shape == shape)
    }

    /// How long and how fast all phases train, and a phase on the support alone.
    pub(crate) fn paces(&self) -> (Pace, Pace) {
        let all = pace(&self.settings);
        let Pace { duration, min_steps, learning_rate, .. } = all;
        let own = &self.support_phase;
        // A length of its own is the length that was asked for. Where it is in steps, those are the most.
        let (duration, min_steps) = match (own.epochs, own.steps) {
            (_, Some(steps)) => (Duration::Steps(steps.into()), min_steps),
            (Some(epochs), None) => (Duration::Epochs(epochs), 0),
            (None, None) => (duration, min_steps),
        };
        let learning_rate = own.learning_rate.unwrap_or(learning_rate);
        (all, Pace { duration, min_steps, learning_rate, ..all })
    }

    /// How long and how fast a phase on a target's texts trains: as all phases, but for what is given.
    pub(crate) fn text_pace(&self, adapt: Adapt) -> Pace {
        let all = pace(&self.settings);
        let learning_rate = adapt.learning_rate().unwrap_or(all.learning_rate);
        match adapt.epochs() {
            None => Pace { learning_rate, ..all },
            Some(epochs) => Pace { duration: Duration::Epochs(epochs), min_steps: 0, learning_rate, ..all },
        }
    }

    /// Whether a run guesses masked tokens.
    pub(crate) fn guesses_tokens(&self) -> bool {
        let of_arms = self.arms.iter().filter_map(|arm| arm.auxiliary);
        self.has(Arm::Adapt) || of_arms.chain(self.settings.auxiliary).any(Auxiliary::guesses_tokens)
    }

    /// Whether a run compares rows with twins, which are written for it.
    pub(crate) fn writes_twins(&self) -> bool {
        self.arms.iter().any(|arm| self.compares_twins(arm))
    }

    /// Whether the runs of an arm do.
    pub(crate) fn compares_twins(&self, arm: &ArmSpec) -> bool {
        let auxiliary = arm.auxiliary.or(self.settings.auxiliary);
        auxiliary.is_some_and(|auxiliary| auxiliary.counts() && auxiliary.consistency().is_some())
    }

    /// Whether a mixed arm looks at the single-task scores of the tasks.
    pub(crate) fn needs_single_scores(&self) -> bool {
        let looks = |arm: &ArmSpec| match arm.shape {
            Arm::MtlAll => self.mtl_all_samplers.iter().any(|sampler| sampler.needs_scores()),
            shape => self.mixes(shape).is_some() && self.mixing.mix.sampler.needs_scores(),
        };
        self.arms.iter().any(looks)
    }
}

/// How long and how fast a phase under these settings trains.
pub(crate) fn pace(settings: &Settings) -> Pace {
    let Settings { epochs, min_steps, learning_rate, schedule, warmup, .. } = *settings;
    Pace { duration: Duration::Epochs(epochs), min_steps, learning_rate, shape: schedule, warmup }
}
