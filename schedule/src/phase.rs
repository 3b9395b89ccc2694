//! An arm as data: a list of phases and nothing more, so what runs a phase knows no arm, and arms that begin alike can share
//! the beginning.

use serde::{Deserialize, Serialize};

use crate::arm::Arm;
use crate::batch_kind::BatchKind;
use crate::error::Error;
use crate::exposure::Exposure;
use crate::learning_rate::Shape;
use crate::mixture::Mix;
use crate::named;
use crate::sampler::Sampler;

/// Where the heads of a phase's tasks come from at its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeadStart {
    /// New ones.
    Fresh,
    /// The phase before has trained them for the same tasks.
    Kept,
    /// From the task of the phase before, label by label of the same name; new where a name has no
    /// counterpart.
    MappedByName,
    /// From the task of the phase before if it has as many labels, in their order (the code of Weller et al.
    /// 2022 has one head for each number of labels); otherwise new.
    SharedByCount,
}

named!(
    HeadStart, "head start",
    Fresh => "fresh",
    Kept => "kept",
    MappedByName => "mapped-by-name",
    SharedByCount => "shared-by-count",
);

/// What a phase learns of its rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Objective {
    /// Their labels.
    #[default]
    Labels,
    /// Tokens of their texts that are masked; labels are not looked at, and there is no head for a task.
    MaskedTokens,
}

/// How long a phase trains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Duration {
    /// Epochs of the phase's mixture.
    Epochs(u32),
    /// Optimisation steps.
    Steps(u64),
}

/// How long a phase trains, and at which rates.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    /// How long.
    pub duration: Duration,
    /// The least steps: as many epochs are added as it takes.
    #[serde(default)]
    pub min_steps: u32,
    /// The peak learning rate.
    pub learning_rate: f64,
    /// What the learning rate does after warm-up.
    pub shape: Shape,
    /// The share of the steps that are warm-up, in `[0, 1)`.
    pub warmup: f64,
}

/// One stretch of training, with an optimiser and a learning-rate schedule of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// Indices into the study's tasks; the first is the phase's target.
    pub tasks: Vec<usize>,
    /// How the tasks are mixed.
    pub mix: Mix,
    /// How long, and at which rates.
    pub pace: Pace,
    /// Where the heads come from.
    pub heads: HeadStart,
    /// What it learns.
    #[serde(default)]
    pub objective: Objective,
}

/// What the phases of every arm of a study have in common.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhaseDefaults {
    /// The mix of phases over several tasks.
    pub mix: Mix,
    /// The pace of every phase but one.
    pub pace: Pace,
    /// The pace of a phase on the support alone.
    pub support_pace: Pace,
    /// The pace of a phase on the target's texts, without labels; for [`Arm::Adapt`].
    pub text_pace: Pace,
    /// The steps of the target's arm that has the most, at least 1; for [`Arm::SingleSteps`].
    pub most_steps: u64,
    /// Where the target's head comes from after a phase on the support alone.
    pub after_support: HeadStart,
}

impl Arm {
    /// The phases that train for `target`, an index into the study's `tasks` tasks. An arm that needs no
    /// `support` ignores it. Phases of one task are plain shuffles of all its rows, whatever the mix.
    ///
    /// # Errors
    /// Target and support are two of the tasks, the support is there if the arm needs one, and mtl-all has
    /// another task.
    pub fn phases(
        self,
        target: usize,
        support: Option<usize>,
        tasks: usize,
        defaults: &PhaseDefaults,
    ) -> Result<Vec<Phase>, Error> {
        if target >= tasks {
            return Err(Error::Target { target, tasks });
        }
        let support = || match support {
            None => Err(Error::NoSupport { arm: self }),
            Some(support) if support >= tasks || support == target => {
                Err(Error::Support { support, target, tasks })
            }
            Some(support) => Ok(support),
        };
        let phase = |tasks: Vec<usize>, heads| Phase {
            mix: if tasks.len() == 1 { PLAIN } else { defaults.mix },
            tasks,
            pace: defaults.pace,
            heads,
            objective: Objective::Labels,
        };
        Ok(match self {
            Arm::Single => vec![phase(vec![target], HeadStart::Fresh)],
            Arm::SingleSteps => {
                let pace = Pace { duration: Duration::Steps(defaults.most_steps), ..defaults.pace };
                vec![Phase { pace, ..phase(vec![target], HeadStart::Fresh) }]
            }
            Arm::Stilts => {
                let before =
                    Phase { pace: defaults.support_pace, ..phase(vec![support()?], HeadStart::Fresh) };
                vec![before, phase(vec![target], defaults.after_support)]
            }
            Arm::Mtl => vec![phase(vec![target, support()?], HeadStart::Fresh)],
            Arm::MtlAll if tasks == 1 => return Err(Error::NoOtherTask),
            Arm::MtlAll => {
                let others = (0..tasks).filter(|&task| task != target);
                vec![phase([target].into_iter().chain(others).collect(), HeadStart::Fresh)]
            }
            Arm::MtlThenTarget => {
                vec![phase(vec![target, support()?], HeadStart::Fresh), phase(vec![target], HeadStart::Kept)]
            }
            // The first two start from the same model, and what comes after from the two merged.
            Arm::Merge => {
                vec![phase(vec![target], HeadStart::Fresh), phase(vec![support()?], HeadStart::Fresh)]
            }
            Arm::Adapt => {
                let fine_tuning = phase(vec![target], HeadStart::Fresh);
                let (pace, objective) = (defaults.text_pace, Objective::MaskedTokens);
                vec![Phase { pace, objective, ..fine_tuning.clone() }, fine_tuning]
            }
            Arm::Soup => vec![phase(vec![target], HeadStart::Fresh); SOUP_RUNS],
            // Those that teach, and the one that learns.
            Arm::Distill => vec![phase(vec![target], HeadStart::Fresh); SOUP_RUNS + 1],
            // Both from the same model: the first labels the rows that the second trains on as well.
            Arm::SelfTrain | Arm::SelfTrainInfill => vec![phase(vec![target], HeadStart::Fresh); 2],
            Arm::SelfTrainSupport => {
                support()?;
                vec![phase(vec![target], HeadStart::Fresh); 2]
            }
            Arm::MergeThenTarget => vec![
                phase(vec![target], HeadStart::Fresh),
                phase(vec![support()?], HeadStart::Fresh),
                phase(vec![target], HeadStart::Kept),
            ],
        })
    }
}

/// The runs whose models are averaged in a soup, and those that teach a model that is distilled.
const SOUP_RUNS: usize = 3;

/// One task needs no mixing.
const PLAIN: Mix =
    Mix { sampler: Sampler::Size, batches: BatchKind::Heterogeneous, exposure: Exposure::TargetFull };
