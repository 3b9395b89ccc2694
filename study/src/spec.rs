//! What a study is asked: tasks, arms, seeds, and how every run is made. It is `study.json`, and what a study file says.

use std::collections::BTreeSet;

use mtlift_schedule::{
    Arm, BatchKind, Duration, Exposure, HeadStart, LearningRate, Mix, Pace, Sampler, Shape, StepLoss, named,
};
use mtlift_train::{HeadSharing, Mixing, Protocol, Settings};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Error;

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
    pub arms: Vec<Arm>,
    /// The seeds.
    pub seeds: Vec<u64>,
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
}

impl Spec {
    /// The settings of a protocol, without tasks. Under [`Protocol::Paper`] they are those of the code of Weller et al.
    /// (2022): see `docs/paper-protocol.md`.
    pub fn defaults(question: Question, protocol: Protocol) -> Self {
        let paper = protocol == Protocol::Paper;
        let settings = Settings { protocol, ..Settings::default() };
        Self {
            question,
            model: String::new(),
            targets: Vec::new(),
            supports: Vec::new(),
            arms: if question == Question::Sweep {
                vec![Arm::Single, Arm::Stilts, Arm::Mtl, Arm::MtlAll]
            } else {
                vec![Arm::Single, Arm::Stilts, Arm::Mtl]
            },
            seeds: if paper { vec![42, 544_460, 801_760, 428_404, 257_803] } else { (1..=5).collect() },
            ratios: if question == Question::SizeCurve {
                vec![1.0 / 3.0, 0.5, 1.0, 2.0, 3.0]
            } else {
                Vec::new()
            },
            mtl_all_samplers: if paper {
                vec![Sampler::Size, Sampler::Uniform, Sampler::Dynamic]
            } else {
                vec![Sampler::Size]
            },
            support_seed: if paper { SupportSeed::Best } else { SupportSeed::Paired },
            support_phase: SupportPhase::default(),
            heads: if paper { HeadStart::SharedByCount } else { HeadStart::Fresh },
            mixing: if paper {
                Mixing {
                    mix: Mix {
                        sampler: Sampler::Dynamic,
                        batches: BatchKind::Heterogeneous,
                        exposure: Exposure::Truncating,
                    },
                    loss: StepLoss::TaskMeans,
                    heads: HeadSharing::ByLabelCount,
                    ..Mixing::default()
                }
            } else {
                Mixing::default()
            },
            settings: if paper {
                Settings {
                    epochs: 10,
                    batch: 128,
                    learning_rate: 2e-5,
                    schedule: Shape::Linear,
                    warmup: 0.0,
                    weight_decay: 0.0,
                    ..settings
                }
            } else {
                settings
            },
            keep_models: if question == Question::Compare { KeepModels::All } else { KeepModels::Needed },
        }
    }

    /// All tasks, targets first, none twice.
    pub fn tasks(&self) -> Vec<String> {
        let mut seen = BTreeSet::new();
        self.targets.iter().chain(&self.supports).filter(|name| seen.insert(*name)).cloned().collect()
    }

    /// Whether this can be asked.
    ///
    /// # Errors
    /// Names what cannot, and why.
    pub fn check(&self) -> Result<(), Error> {
        let refuse = |what: &str| Err(Error::Spec { what: what.to_owned() });
        let pairs = self.arms.iter().any(|arm| arm.needs_support());
        if self.settings.protocol == Protocol::Fixed {
            return refuse("protocol fixed selects nothing and is for single runs: use held-out or paper");
        }
        if self.targets.is_empty() {
            return refuse("there is no target");
        }
        if !distinct(&self.targets) || !(self.supports.is_empty() || distinct(&self.supports)) {
            return refuse("a task is named twice");
        }
        if !distinct(&self.arms) {
            return refuse("there must be an arm, and none twice");
        }
        if !distinct(&self.seeds) {
            return refuse("there must be a seed, and none twice");
        }
        if pairs && self.targets.iter().any(|target| self.supports.iter().all(|support| support == target)) {
            return refuse("stilts and mtl need a support that is not the target itself");
        }
        if self.tasks().len() < 2 && self.arms.contains(&Arm::MtlAll) {
            return refuse("mtl-all needs at least two tasks");
        }
        if self.arms.contains(&Arm::MtlAll) && !distinct(&self.mtl_all_samplers) {
            return refuse("mtl-all needs a sampler, and none twice");
        }
        if self.settings.max_steps.is_some() {
            return refuse(
                "`max-steps` cannot be used in a study, because phases differ in length; use `max-train` or `epochs`.",
            );
        }
        self.check_support_phase()?;
        self.check_task_weights()?;
        if self.needs_single_scores() && !self.arms.contains(&Arm::Single) {
            return refuse("a sampler that looks at the gap to single-task scores needs the arm `single`");
        }
        let size_curve = self.question == Question::SizeCurve;
        if size_curve && (self.targets.len() != 1 || self.supports.len() != 1 || self.ratios.is_empty()) {
            return refuse("a size curve has one target, one support and at least one ratio");
        }
        if self.ratios.iter().any(|ratio| !(ratio.is_finite() && *ratio > 0.0)) {
            return refuse("a ratio is a finite number above 0");
        }
        if size_curve && !distinct(&self.ratios) {
            return refuse("a ratio is given twice");
        }
        Ok(self.settings.check()?)
    }

    fn check_support_phase(&self) -> Result<(), Error> {
        let refuse = |what: &str| Err(Error::Spec { what: what.to_owned() });
        let SupportPhase { epochs, steps, learning_rate } = self.support_phase;
        if self.support_phase != SupportPhase::default() && !self.arms.contains(&Arm::Stilts) {
            return refuse(
                "a pace of the support phase is for the arm stilts, which this study does not have",
            );
        }
        match (epochs, steps) {
            (Some(_), Some(_)) => return refuse("the support phase has epochs and steps: give one of them"),
            (Some(0), None) => return refuse("the support phase's epochs are 0, expected at least 1"),
            (None, Some(0)) => return refuse("the support phase's steps are 0, expected at least 1"),
            _ => {}
        }
        let Settings { schedule, warmup, .. } = self.settings;
        LearningRate::check(schedule, learning_rate.unwrap_or(self.settings.learning_rate), warmup, 1)?;
        Ok(())
    }

    fn check_task_weights(&self) -> Result<(), Error> {
        let refuse = |what: String| Err(Error::Spec { what });
        let weights = &self.mixing.weights;
        if weights.is_empty() {
            return Ok(());
        }
        if let Some(wrong) = weights.iter().find(|weight| !(weight.is_finite() && **weight > 0.0)) {
            return refuse(format!("a task weight is {wrong}, expected a number above 0"));
        }
        let mixes = |arm: &Arm| match arm {
            Arm::Mtl | Arm::MtlThenTarget => Some(2),
            Arm::MtlAll => Some(self.tasks().len()),
            Arm::Single | Arm::Stilts => None,
        };
        let mut mixed = self.arms.iter().filter_map(|arm| Some((arm, mixes(arm)?))).peekable();
        if mixed.peek().is_none() {
            return refuse(
                "task weights are for arms that mix tasks, which this study does not have".to_owned(),
            );
        }
        match mixed.find(|(_, tasks)| *tasks != weights.len()) {
            Some((arm, tasks)) => refuse(format!(
                "{} task weights, but {arm} mixes {tasks} tasks: give one for each task, and leave out (--arms) what mixes \
                 another number",
                weights.len()
            )),
            None => Ok(()),
        }
    }

    /// How long and how fast all phases train, and a phase on the support alone.
    pub(crate) fn paces(&self) -> (Pace, Pace) {
        let Settings { epochs, learning_rate, schedule, warmup, .. } = self.settings;
        let duration = Duration::Epochs(epochs);
        let all = Pace { duration, learning_rate, shape: schedule, warmup };
        let own = &self.support_phase;
        let duration = match (own.epochs, own.steps) {
            (_, Some(steps)) => Duration::Steps(steps.into()),
            (Some(epochs), None) => Duration::Epochs(epochs),
            (None, None) => duration,
        };
        (all, Pace { duration, learning_rate: own.learning_rate.unwrap_or(learning_rate), ..all })
    }

    /// Whether a mixed arm looks at the single-task scores of the tasks.
    pub(crate) fn needs_single_scores(&self) -> bool {
        let pairs = self.arms.iter().any(|arm| matches!(arm, Arm::Mtl | Arm::MtlThenTarget));
        let all = self.arms.contains(&Arm::MtlAll);
        pairs && self.mixing.mix.sampler.needs_scores()
            || all && self.mtl_all_samplers.iter().any(|sampler| sampler.needs_scores())
    }

    /// What `asked` has that this study does not, where the one may grow into the other: more targets, supports, arms,
    /// seeds, ratios or samplers. Which models stay changes no result, and may change.
    ///
    /// # Errors
    /// Names all else in which the two differ.
    pub(crate) fn grown_into(&self, asked: &Spec) -> Result<Vec<String>, Vec<String>> {
        let (there, asked) = (json!(self), json!(asked));
        let (mut more, mut differences) = (Vec::new(), Vec::new());
        const LISTS: [&str; 6] = ["targets", "supports", "arms", "seeds", "ratios", "mtl_all_samplers"];
        for (key, value) in asked.as_object().into_iter().flatten() {
            let old = &there[key];
            match (old, value) {
                _ if old == value => {}
                _ if key == "keep_models" => more.push(format!("{key}: {value} in place of {old}")),
                (Value::Array(old), Value::Array(new)) if LISTS.contains(&&**key) => {
                    let has_all = old.iter().all(|item| new.contains(item));
                    let list = |items: &[Value]| {
                        items
                            .iter()
                            .map(|item| item.to_string().replace('"', ""))
                            .collect::<Vec<_>>()
                            .join(",")
                    };
                    if has_all {
                        more.push(format!("{key}: {} in place of {}", list(new), list(old)));
                    } else {
                        differences.push(format!("{key} ({} there, {} asked)", list(old), list(new)));
                    }
                }
                _ => differences.extend(mtlift_train::differences(&json!({key: old}), &json!({key: value}))),
            }
        }
        if differences.is_empty() { Ok(more) } else { Err(differences) }
    }
}

/// Whether there is an item, and none twice.
fn distinct<T: PartialEq>(items: &[T]) -> bool {
    !items.is_empty() && items.iter().enumerate().all(|(place, item)| !items[..place].contains(item))
}
