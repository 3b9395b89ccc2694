//! A study as data: its runs, what each starts from, and which arm each of them serves. Who makes a plan (`grid`), who
//! carries it out (`execute`) and who reads its runs (`analysis`) have this in common and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mtlift_schedule::{ArmSpec, Sampler};
use serde_json::Value;

use crate::recipe::Recipe;
use crate::spec::KeepModels;

/// All runs of a study, and what they are for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    /// What a run needs comes before it; within that, a seed's runs before the next seed's.
    runs: Vec<PlannedRun>,
    /// Where in `runs` an id is.
    places: BTreeMap<String, usize>,
    /// Where in `runs` those are that start from an id.
    starting_from: BTreeMap<String, Vec<usize>>,
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
    /// The tasks that it gives a score and a model for, by their places in the survey; the target first.
    pub(crate) tasks: Vec<usize>,
    /// How it is made.
    pub(crate) recipe: Arc<dyn Recipe>,
    /// Everything that its outcome depends on.
    pub(crate) description: Value,
    /// Whether it is there to choose settings by, so that nobody will use its model.
    pub(crate) is_trial: bool,
}

/// An arm for a target: a row of the results.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) target: usize,
    pub(crate) arm: ArmSpec,
    pub(crate) support: Option<usize>,
    /// Of a mixed arm.
    pub(crate) sampler: Option<Sampler>,
    /// Place in the study's ratios, for a size curve.
    pub(crate) ratio: Option<usize>,
    /// For each seed of the study the runs that it takes; the last is scored.
    pub(crate) chains: Vec<Vec<String>>,
}

impl PlannedRun {
    /// A run that is named by the hash of its description.
    pub(crate) fn new(label: String, tasks: Vec<usize>, recipe: Arc<dyn Recipe>, description: Value) -> Self {
        let id = blake3::hash(description.to_string().as_bytes()).to_hex()[..16].to_owned();
        Self { id, label, tasks, recipe, description, is_trial: false }
    }

    /// Whether its models stay when nothing starts from them any more.
    pub(crate) fn keeps_models(&self, keep: KeepModels) -> bool {
        keep == KeepModels::All && !self.is_trial
    }

    /// The runs that must be finished before it.
    pub(crate) fn needs(&self) -> impl Iterator<Item = &String> {
        self.recipe.starts_from().iter().chain(self.recipe.looks_at())
    }
}

impl Plan {
    /// Adds a run, unless it is there: arms that need the same run share it.
    pub(crate) fn add(&mut self, run: PlannedRun) -> String {
        let id = run.id.clone();
        if !self.places.contains_key(&id) {
            self.places.insert(id.clone(), self.runs.len());
            for start in run.recipe.starts_from() {
                self.starting_from.entry(start.clone()).or_default().push(self.runs.len());
            }
            self.runs.push(run);
        }
        id
    }

    /// The part of it that takes of each entry the first so many seeds. Runs keep their order.
    pub(crate) fn part(&self, seeds: &[usize]) -> Plan {
        let first = |(entry, &seeds): (&Entry, &usize)| Entry {
            chains: entry.chains.iter().take(seeds).cloned().collect(),
            ..entry.clone()
        };
        let entries: Vec<Entry> = self.entries.iter().zip(seeds).map(first).collect();
        let chains = entries.iter().flat_map(|entry| entry.chains.iter().flatten());
        let ids: BTreeSet<&str> = chains.flat_map(|id| self.with_needs(id)).collect();
        let mut part = Plan::default();
        for run in self.runs.iter().filter(|run| ids.contains(run.id.as_str())) {
            part.add(run.clone());
        }
        Plan { entries, ..part }
    }

    /// The ids of all that must be finished before a run, what is needed first, and its own.
    pub(crate) fn with_needs(&self, id: &str) -> Vec<&str> {
        let Some(run) = self.place(id).map(|place| &self.runs[place]) else { return Vec::new() };
        run.needs().flat_map(|needed| self.with_needs(needed)).chain([run.id.as_str()]).collect()
    }

    /// All runs, what is needed first.
    pub(crate) fn runs(&self) -> &[PlannedRun] {
        &self.runs
    }

    /// A run's place among all.
    pub(crate) fn place(&self, id: &str) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// The runs that start from this one.
    pub(crate) fn starting_from(&self, id: &str) -> impl Iterator<Item = &PlannedRun> {
        self.starting_from.get(id).into_iter().flatten().map(|&place| &self.runs[place])
    }
}
