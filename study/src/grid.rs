//! From a question to runs: which runs there are, what each starts from, and which arm each of them serves.
//!
//! A run's name is the hash of its description, so arms that need the same run share it: the support phase of STILTs is
//! that support's `single` if it has no pace of its own, and one mixed run serves all its tasks where none of them is treated apart.

use std::collections::BTreeMap;

use mtlift_schedule::{Arm, Duration, Exposure, HeadStart, Mix, Pace, PhaseDefaults, Sampler};
use mtlift_train::{Mixing, NUMERICS, Settings};
use serde_json::{Value, json};

use crate::Error;
use crate::spec::{Question, Spec, SupportSeed};
use crate::subjects::Subjects;

/// All runs of a study, and what they are for.
#[derive(Clone, Debug)]
pub(crate) struct Grid {
    /// What a run starts from comes before it; within that, a seed's runs before the next seed's.
    pub(crate) runs: Vec<PlannedRun>,
    /// A target, an arm and a support each.
    pub(crate) entries: Vec<Entry>,
}

/// A run to be made.
#[derive(Clone, Debug)]
pub(crate) struct PlannedRun {
    /// The hash of the description.
    pub(crate) id: String,
    /// What a person calls it: `RTE after MNLI, seed 3`.
    pub(crate) label: String,
    /// The tasks' places in [`Subjects`], and their rows where they are cut. The first is the target.
    pub(crate) tasks: Vec<Part>,
    /// Where its parameters come from.
    pub(crate) start: Start,
    /// The single runs whose scores the sampler looks at, in the order of `tasks`; else empty.
    pub(crate) baselines: Vec<String>,
    pub(crate) heads: HeadStart,
    pub(crate) mixing: Mixing,
    pub(crate) settings: Settings,
    /// Everything that its outcome depends on.
    pub(crate) description: Value,
}

/// A task in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) task: usize,
    pub(crate) max_train: Option<usize>,
}

/// Where a run's parameters come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// The study's model.
    Model,
    /// The model of a task from a finished run; from the best of several.
    Runs { ids: Vec<String>, task: usize },
}

/// An arm for a target: a row of the results.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) target: usize,
    pub(crate) arm: Arm,
    pub(crate) support: Option<usize>,
    /// Of a mixed arm.
    pub(crate) sampler: Option<Sampler>,
    /// Place in the study's ratios, for a size curve.
    pub(crate) ratio: Option<usize>,
    /// For each seed of the study the runs that it takes; the last is scored.
    pub(crate) chains: Vec<Vec<String>>,
}

impl PlannedRun {
    /// The runs from whose models it starts.
    pub(crate) fn parents(&self) -> &[String] {
        match &self.start {
            Start::Model => &[],
            Start::Runs { ids, .. } => ids,
        }
    }

    /// The runs that must be finished before it.
    pub(crate) fn needs(&self) -> impl Iterator<Item = &String> {
        self.parents().iter().chain(&self.baselines)
    }
}

impl Grid {
    /// A run by its id.
    pub(crate) fn run(&self, id: &str) -> Option<&PlannedRun> {
        self.runs.iter().find(|run| run.id == id)
    }

    pub(crate) fn new(spec: &Spec, subjects: &Subjects) -> Result<Self, Error> {
        let mut builder = Builder { spec, subjects, runs: Vec::new(), places: BTreeMap::new() };
        let mut entries = Vec::new();
        for target in subjects.places(&spec.targets) {
            for &arm in &spec.arms {
                if !arm.needs_support() {
                    let samplers: Vec<Option<Sampler>> = match arm {
                        Arm::MtlAll => spec.mtl_all_samplers.iter().copied().map(Some).collect(),
                        _ => vec![None],
                    };
                    for sampler in samplers {
                        entries.push(Entry {
                            target,
                            arm,
                            support: None,
                            sampler,
                            ratio: None,
                            chains: Vec::new(),
                        });
                    }
                    continue;
                }
                for support in subjects.places(&spec.supports).filter(|&support| support != target) {
                    let ratios: Vec<Option<usize>> = match spec.question {
                        Question::SizeCurve => (0..spec.ratios.len()).map(Some).collect(),
                        _ => vec![None],
                    };
                    for ratio in ratios {
                        let sampler = (arm != Arm::Stilts).then_some(spec.mixing.mix.sampler);
                        let support = Some(support);
                        entries.push(Entry { target, arm, support, sampler, ratio, chains: Vec::new() });
                    }
                }
            }
        }
        // Seed by seed, so that an unfinished study knows something about every arm.
        for &seed in &spec.seeds {
            for entry in &mut entries {
                let chain = builder.chain(entry, seed)?;
                entry.chains.push(chain);
            }
        }
        Ok(Self { runs: builder.runs, entries })
    }
}

struct Builder<'a> {
    spec: &'a Spec,
    subjects: &'a Subjects,
    runs: Vec<PlannedRun>,
    places: BTreeMap<String, usize>,
}

impl Builder<'_> {
    /// The runs that an arm takes under a seed: one for each of its phases.
    fn chain(&mut self, entry: &Entry, seed: u64) -> Result<Vec<String>, Error> {
        let spec = self.spec;
        let sampler = entry.sampler.unwrap_or(spec.mixing.mix.sampler);
        let (pace, support_pace) = spec.paces();
        let defaults = PhaseDefaults {
            mix: Mix { sampler, ..spec.mixing.mix },
            pace,
            support_pace,
            after_support: spec.heads,
        };
        let mut chain: Vec<String> = Vec::new();
        let mut before: Option<(Vec<Part>, Vec<String>)> = None;
        for phase in entry.arm.phases(entry.target, entry.support, self.subjects.all.len(), &defaults)? {
            let parts =
                phase.tasks.iter().map(|&task| self.part(entry, task)).collect::<Result<Vec<_>, _>>()?;
            let trained_before = before.as_ref().map_or(&[][..], |(parts, _)| parts);
            let label = self.label(&parts, trained_before, phase.mix);
            let label = if phase.pace == pace { label } else { format!("{label} as support") };
            let start = match &before {
                None => Start::Model,
                // Of several tasks that were trained on together it is the target's model that goes on.
                Some((parts, ids)) => Start::Runs { ids: ids.clone(), task: parts[0].task },
            };
            let best = spec.support_seed == SupportSeed::Best && entry.arm == Arm::Stilts && before.is_none();
            let mixing = if parts.len() == 1 {
                Mixing::default()
            } else {
                Mixing { mix: phase.mix, ..spec.mixing.clone() }
            };
            let mut make = |seed| {
                let settings = self.settings(&phase.pace, &parts, seed);
                self.add(&label, &parts, &start, phase.heads, &mixing, settings)
            };
            let ids: Vec<String> =
                if best { spec.seeds.iter().copied().map(&mut make).collect() } else { vec![make(seed)] };
            chain.push(if best { make(seed) } else { ids[0].clone() });
            before = Some((parts, ids));
        }
        Ok(chain)
    }

    /// A run's settings: the study's, at the pace of its phase.
    fn settings(&self, pace: &Pace, parts: &[Part], seed: u64) -> Settings {
        let batch = self.spec.settings.batch;
        let (epochs, max_steps) = match pace.duration {
            Duration::Epochs(epochs) => (epochs, None),
            Duration::Steps(steps) => {
                // As many epochs as have so many steps.
                let rows: usize =
                    parts.iter().map(|part| self.subjects.rows(part.task, part.max_train)).sum();
                (steps.div_ceil(rows.div_ceil(batch) as u64) as u32, Some(steps))
            }
        };
        let Pace { learning_rate, shape, warmup, .. } = *pace;
        let study = self.spec.settings.clone();
        Settings { seed, max_train: None, epochs, max_steps, learning_rate, schedule: shape, warmup, ..study }
    }

    /// A task in an arm's runs: the support of a size curve is cut to its ratio.
    fn part(&self, entry: &Entry, task: usize) -> Result<Part, Error> {
        let is_support = entry.support == Some(task);
        let max_train =
            if is_support { self.support_rows(entry, task)? } else { self.spec.settings.max_train };
        Ok(Part { task, max_train })
    }

    /// What a person calls a run: its tasks, and those that were trained on before.
    fn label(&self, parts: &[Part], before: &[Part], mix: Mix) -> String {
        let names = |parts: &[Part]| parts.iter().map(|&part| self.name(part)).collect::<Vec<_>>().join("+");
        let tasks = if parts.len() > 2 && parts.len() == self.subjects.all.len() {
            format!("all ({})", mix.sampler)
        } else {
            names(parts)
        };
        if before.is_empty() { tasks } else { format!("{tasks} after {}", names(before)) }
    }

    /// To how many rows the support is cut.
    fn support_rows(&self, entry: &Entry, support: usize) -> Result<Option<usize>, Error> {
        let Some(ratio) = entry.ratio.map(|place| self.spec.ratios[place]) else {
            return Ok(self.spec.settings.max_train);
        };
        let asked = (self.subjects.all[entry.target].train_rows as f64 * ratio).round() as usize;
        let support = &self.subjects.all[support];
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

    /// Whether an epoch is the same whichever of its tasks is the target. With the size sampler every row of the target
    /// once means every row of all once.
    fn treats_alike(&self, mix: Mix) -> bool {
        let exposure = mix.exposure != Exposure::TargetFull || mix.sampler == Sampler::Size;
        exposure && self.spec.settings.patience.is_none() && self.spec.mixing.weights.is_empty()
    }

    fn name(&self, part: Part) -> String {
        let subject = &self.subjects.all[part.task];
        match part.max_train.filter(|&rows| Some(rows) != self.spec.settings.max_train) {
            Some(rows) => format!("{} ({rows} rows)", subject.task.name),
            None => subject.task.name.clone(),
        }
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
        if tasks.len() > 1 && self.treats_alike(mixing.mix) {
            // One run for all of them, whichever is asked for.
            tasks.sort_by_key(|part| &self.subjects.all[part.task].task.name);
        }
        let mut baselines = Vec::new();
        if tasks.len() > 1 && mixing.mix.sampler.needs_scores() {
            for part in tasks.clone() {
                let (name, alone, fresh) = (self.name(part), Mixing::default(), HeadStart::Fresh);
                let same = settings.clone();
                baselines.push(self.add(&name, &[part], &Start::Model, fresh, &alone, same));
            }
        }
        let described = |part: &Part| {
            let subject = &self.subjects.all[part.task];
            json!({"task": subject.task.name, "data": subject.fingerprint, "rows": part.max_train})
        };
        let mut description = json!({
            "numerics": NUMERICS,
            "start": match start {
                Start::Model => json!(self.subjects.model_hash),
                Start::Runs { ids, task } => {
                    json!({"best_of": ids, "task": self.subjects.all[*task].task.name, "heads": heads})
                }
            },
            "tasks": tasks.iter().map(described).collect::<Vec<_>>(),
            "settings": settings,
        });
        if tasks.len() > 1 {
            description["mixing"] = json!(mixing);
            description["single_scores_of"] = json!(baselines);
        }
        let id = blake3::hash(description.to_string().as_bytes()).to_hex()[..16].to_owned();
        if !self.places.contains_key(&id) {
            self.places.insert(id.clone(), self.runs.len());
            let label = format!("{label}, seed {}", settings.seed);
            self.runs.push(PlannedRun {
                id: id.clone(),
                label,
                tasks,
                start: start.clone(),
                baselines,
                heads,
                mixing: mixing.clone(),
                settings,
                description,
            });
        }
        id
    }
}
