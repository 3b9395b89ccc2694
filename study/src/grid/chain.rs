//! The runs that an arm takes under a seed: one for each of its phases, of an arm that merges models one more, of one that distils those that
//! teach, of one that trains itself one for each round.

mod distilled;
mod matched;
mod merged;
mod rebalanced;
mod self_trained;
mod shared_texts;

use std::sync::Arc;

use mtlift_schedule::{
    Architecture, Arm, ArmSpec, BatchKind, Duration, Exposure, HeadStart, Mix, Objective, Pace, Phase,
    PhaseDefaults, Sampler,
};
use mtlift_train::{MOST_EPOCHS, Mixing, Settings};

use super::tried::Tried;
use crate::error::Error;
use crate::label;
use crate::plan::{Entry, Plan, PlannedRun};
use crate::recipe::Recipe;
use crate::recipe::adapted::Adapted;
use crate::recipe::matched::Matched;
use crate::recipe::training::{Part, Start, Training};
use crate::spec::{Spec, SupportSeed};
use crate::survey::Survey;

/// A plan in the making.
pub(super) struct Builder<'a> {
    pub(super) spec: &'a Spec,
    pub(super) survey: &'a Survey,
    pub(super) plan: Plan,
}

impl<'a> Builder<'a> {
    pub(super) fn new(spec: &'a Spec, survey: &'a Survey) -> Self {
        Self { spec, survey, plan: Plan::default() }
    }

    /// What was planned.
    pub(super) fn plan(self) -> Plan {
        self.plan
    }

    /// The runs that an arm takes under a seed: one for each of its phases.
    pub(super) fn chain(&mut self, entry: &Entry, seed: u64) -> Result<Vec<String>, Error> {
        self.chain_of_steps(entry, seed, 1)
    }

    /// The same, with the steps of [`Arm::SingleSteps`].
    pub(super) fn chain_of_steps(
        &mut self,
        entry: &Entry,
        seed: u64,
        most_steps: u64,
    ) -> Result<Vec<String>, Error> {
        match &self.spec.tune {
            Some(tune) => self.tuned_chain(tune, entry, seed, most_steps),
            None => self.chain_with(entry, seed, most_steps, None),
        }
    }

    /// The same where the last phase has settings that are tried, if there are such.
    pub(super) fn chain_with(
        &mut self,
        entry: &Entry,
        seed: u64,
        most_steps: u64,
        tried: Option<&Tried>,
    ) -> Result<Vec<String>, Error> {
        let spec = self.spec;
        let sampler = entry.sampler.unwrap_or(spec.mixing.mix.sampler);
        let (pace, support_pace) = spec.paces();
        let defaults = PhaseDefaults {
            mix: Mix { sampler, ..spec.mixing.mix },
            pace,
            support_pace,
            text_pace: entry.arm.adapt.map_or(pace, |adapt| spec.text_pace(adapt)),
            most_steps,
            after_support: spec.heads,
        };
        if let Some(merge) = entry.arm.merge {
            return self.merged_chain(entry, merge, seed, &defaults);
        }
        if let Some(distillation) = entry.arm.distillation {
            return self.distilled_chain(entry, distillation, seed, &defaults);
        }
        if entry.arm.shape == Arm::Soup {
            return self.soup_chain(entry, seed, &defaults);
        }
        if let Some(rebalance) = entry.arm.rebalance {
            return self.rebalanced_chain(entry, rebalance, seed, &defaults, tried);
        }
        if let Some(method) = entry.arm.self_training {
            return self.self_trained_chain(entry, method, seed, &defaults);
        }
        let mut chain: Vec<String> = Vec::new();
        let mut before: Option<(Vec<Part>, Vec<String>)> = None;
        let all = entry.arm.shape.phases(entry.target, entry.support, self.survey.all.len(), &defaults)?;
        let phases = all.len();
        for phase in all {
            let parts =
                phase.tasks.iter().map(|&task| self.part(entry, task)).collect::<Result<Vec<_>, _>>()?;
            let tried = tried.filter(|_| chain.len() + 1 == phases);
            let label = if chain.len() + 1 == phases {
                let trying = tried.map_or(String::new(), |tried| format!(" trying {}", tried.name));
                label::entry(entry, self.survey, spec) + &trying
            } else {
                self.label_before(entry, &parts, &phase)
            };
            let start = match &before {
                None => Start::Model,
                // Of several tasks that were trained on together it is the target's model that goes on.
                Some((parts, ids)) => Start::Runs { ids: ids.clone(), task: parts[0].task },
            };
            let best =
                spec.support_seed == SupportSeed::Best && entry.arm.shape == Arm::Stilts && before.is_none();
            let combine = entry.arm.combine.unwrap_or(spec.mixing.combine);
            let mixing = if parts.len() == 1 {
                Mixing::default()
            } else {
                let architecture = self.architecture(entry, &parts);
                let takes_turns = architecture.as_ref().is_some_and(Architecture::takes_turns);
                let batches = if takes_turns { BatchKind::Homogeneous } else { phase.mix.batches };
                let sampler = self.sampler(phase.mix.sampler, architecture.as_ref(), &parts)?;
                let mix = Mix { batches, sampler, ..phase.mix };
                let label_tables = self.label_tables(architecture.as_ref(), &parts)?;
                Mixing { mix, combine, architecture, label_tables, ..spec.mixing.clone() }
            };
            let mut make = |seed| {
                let settings = match tried {
                    None => self.settings(&spec.settings, &phase.pace, &parts, seed)?,
                    Some(tried) => self.settings(&tried.settings, &tried.pace(phase.pace), &parts, seed)?,
                };
                let settings = with_methods(&entry.arm, settings);
                Ok::<_, Error>(match phase.objective {
                    Objective::Labels => self.add(&label, &parts, &start, phase.heads, &mixing, settings),
                    Objective::MaskedTokens => {
                        let adapted = Arc::new(Adapted::new(parts[0], &settings));
                        self.add_run(&label, vec![parts[0].task], seed, adapted)
                    }
                })
            };
            let ids: Vec<String> = if best {
                spec.seeds.iter().copied().map(&mut make).collect::<Result<_, _>>()?
            } else {
                vec![make(seed)?]
            };
            chain.push(if best { make(seed)? } else { ids[0].clone() });
            before = Some((parts, ids));
        }
        Ok(chain)
    }

    /// The architecture of a mixed phase, as far as it is said of its tasks.
    fn architecture(&self, entry: &Entry, parts: &[Part]) -> Option<Architecture> {
        let names: Vec<&str> =
            parts.iter().map(|part| self.survey.all[part.task].task.name.as_str()).collect();
        self.spec.architecture_of(&entry.arm)?.among(&names)
    }

    /// A run's settings: the study's, at the pace of its phase.
    fn settings(&self, study: &Settings, pace: &Pace, parts: &[Part], seed: u64) -> Result<Settings, Error> {
        let batch = study.batch;
        let (epochs, max_steps) = match pace.duration {
            Duration::Epochs(epochs) => (epochs, None),
            Duration::Steps(steps) => {
                // As many epochs as have so many steps.
                let tasks: Vec<_> = parts.iter().map(|part| (part.task, part.max_train)).collect();
                let rows: usize = self.survey.text_sets(&tasks).iter().map(|set| set.texts).sum();
                let epochs = steps.div_ceil(rows.div_ceil(batch) as u64);
                if epochs > MOST_EPOCHS.into() {
                    let what = format!(
                        "{steps} steps of a phase are {epochs} epochs of its {rows} rows, expected at most {MOST_EPOCHS}"
                    );
                    return Err(Error::Spec { what });
                }
                (epochs as u32, Some(steps))
            }
        };
        let Pace { min_steps, learning_rate, shape: schedule, warmup, .. } = *pace;
        // Each part has its own.
        let (max_train, score_rows) = (None, None);
        Ok(Settings {
            seed,
            max_train,
            score_rows,
            epochs,
            min_steps,
            max_steps,
            learning_rate,
            schedule,
            warmup,
            ..study.clone()
        })
    }

    /// A task in an arm's runs: the support of a size curve is cut to its ratio, and only targets are scored on unused rows.
    fn part(&self, entry: &Entry, task: usize) -> Result<Part, Error> {
        let is_support = entry.support == Some(task);
        let max_train =
            if is_support { self.support_rows(entry, task)? } else { self.spec.settings.max_train };
        let is_scored = self.survey.all[task].dev.unused.rows() > 0;
        let score_rows = self.spec.settings.score_rows.filter(|_| is_scored);
        Ok(Part { task, max_train, score_rows })
    }

    /// What a person calls a run from which an arm's later phase starts: it is, or could be, another arm's.
    fn label_before(&self, entry: &Entry, parts: &[Part], phase: &Phase) -> String {
        match (parts, entry.arm.adapt) {
            ([part], Some(adapt)) if phase.objective == Objective::MaskedTokens => {
                format!("{}: {adapt} on its texts", self.name(*part))
            }
            ([part], _) => {
                let pace = if phase.pace == self.spec.paces().0 { "" } else { " as support" };
                let ArmSpec { flat_minima, weight_average, auxiliary, .. } = entry.arm;
                let arm = ArmSpec { flat_minima, weight_average, auxiliary, ..Arm::Single.into() };
                format!("{}: {arm}{pace}", self.name(*part))
            }
            _ => label::entry(
                &Entry { arm: ArmSpec { shape: Arm::Mtl, ..entry.arm.clone() }, ..entry.clone() },
                self.survey,
                self.spec,
            ),
        }
    }

    /// To how many rows the support is cut.
    fn support_rows(&self, entry: &Entry, support: usize) -> Result<Option<usize>, Error> {
        let Some(ratio) = entry.ratio.map(|place| self.spec.ratios[place]) else {
            return Ok(self.spec.settings.max_train);
        };
        let asked = (self.survey.all[entry.target].train_rows as f64 * ratio).round() as usize;
        let support = &self.survey.all[support];
        if asked < 2 {
            let name = &support.task.name;
            let what = format!("ratio {ratio} leaves {asked} rows of {name}, expected at least 2");
            return Err(Error::Spec { what });
        }
        if asked > support.all_rows {
            let (task, rows) = (support.task.name.clone(), support.all_rows);
            return Err(Error::TooFewRows { ratio, asked, task, rows });
        }
        Ok(Some(asked))
    }

    /// Whether a seed is one with which settings are tried.
    fn is_trial(&self, seed: u64) -> bool {
        self.spec.tune.as_ref().is_some_and(|tune| tune.trial_seeds().any(|trial| trial == seed))
    }

    fn name(&self, part: Part) -> String {
        let subject = &self.survey.all[part.task];
        match part.max_train.filter(|&rows| Some(rows) != self.spec.settings.max_train) {
            Some(rows) => format!("{} ({rows} rows)", subject.task.name),
            None => subject.task.name.clone(),
        }
    }

    /// A run on one task that is called as an arm is.
    fn add_as_arm(&mut self, arm: &Entry, part: Part, seed: u64, recipe: impl Recipe + 'static) -> String {
        let label = label::entry(arm, self.survey, self.spec);
        self.add_run(&label, vec![part.task], seed, Arc::new(recipe))
    }

    /// A run that leaves models of `tasks`, under a seed.
    fn add_run(&mut self, label: &str, tasks: Vec<usize>, seed: u64, recipe: Arc<dyn Recipe>) -> String {
        let label = format!("{label}, seed {seed}");
        let description = recipe.describe(self.survey);
        let run = PlannedRun::new(label, tasks, recipe, description);
        self.plan.add(PlannedRun { is_trial: self.is_trial(seed), ..run })
    }

    /// The plain run on a task that other runs look at, at the pace of one of them.
    fn add_single(&mut self, part: Part, settings: &Settings) -> String {
        let label = format!("{}: single", self.name(part));
        let Settings { flat_minima, weight_average, .. } = self.spec.settings;
        let settings = Settings { flat_minima, weight_average, ..settings.clone() };
        self.add(&label, &[part], &Start::Model, HeadStart::Fresh, &Mixing::default(), settings)
    }

    fn add(
        &mut self,
        label: &str,
        tasks: &[Part],
        start: &Start,
        heads: HeadStart,
        mixing: &Mixing,
        settings: Settings,
    ) -> String {
        let mut tasks = tasks.to_vec();
        let of_run = tasks.iter().map(|part| &self.survey.all[part.task].task);
        let settings = settings.among(of_run);
        if tasks.len() > 1 && treats_alike(mixing, &settings) {
            // One run for all of them, whichever is asked for.
            tasks.sort_by_key(|part| &self.survey.all[part.task].task.name);
        }
        let mut baselines = Vec::new();
        if tasks.len() > 1 && mixing.mix.sampler.needs_scores() {
            baselines.extend(tasks.iter().map(|&part| self.add_single(part, &settings)));
        }
        let (start, mixing) = (start.clone(), mixing.clone());
        let seed = settings.seed;
        let places = tasks.iter().map(|part| part.task).collect();
        let conflict_every = self.spec.conflict_every;
        let estimates = self.estimates(&tasks, &mixing, &settings);
        let training = Training { tasks, start, baselines, heads, mixing, settings, conflict_every };
        let recipe: Arc<dyn Recipe> = match &estimates[..] {
            [] => Arc::new(training),
            _ => Arc::new(Matched::new(training, estimates)),
        };
        self.add_run(label, places, seed, recipe)
    }
}

/// Whether an epoch is the same whichever of its tasks is the target. With the size sampler every row of the target
/// once means every row of all once.
fn treats_alike(mixing: &Mixing, settings: &Settings) -> bool {
    let mix = mixing.mix;
    let exposure = mix.exposure != Exposure::TargetFull || mix.sampler == Sampler::Size;
    let weighs_apart = mixing.combine.combination().is_some_and(|rule| rule.knows_target());
    let reads_apart = mixing.architecture.as_ref().is_some_and(Architecture::knows_target);
    let is_apart = weighs_apart || reads_apart;
    exposure && settings.patience.is_none() && mixing.weights.is_empty() && !is_apart
}

/// Settings with the methods that an arm has of its own.
fn with_methods(arm: &ArmSpec, settings: Settings) -> Settings {
    let flat_minima = arm.flat_minima.or(settings.flat_minima);
    let weight_average = arm.weight_average.or(settings.weight_average);
    let auxiliary = arm.auxiliary.or(settings.auxiliary);
    Settings { flat_minima, weight_average, auxiliary, ..settings }
}
