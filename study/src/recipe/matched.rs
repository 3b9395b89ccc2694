//! Training with heads that are matched by tables which finished runs must estimate first. Everything else of it is a training.

use mtlift_train::{Job, Mixing, Observer, Rehearsal, estimate_label_table, train};
use serde_json::{Value, json};

use super::training::{OVERHEAD, Training};
use super::{Making, Recipe};
use crate::error::Error;
use crate::run_plan::RunPlan;
use crate::survey::Survey;

/// A training with tables to be estimated.
#[derive(Clone, Debug)]
pub(crate) struct Matched {
    pub(crate) training: Training,
    /// At least one.
    pub(crate) estimates: Vec<Estimate>,
    /// All runs from whose models it starts, or that estimate.
    needs: Vec<String>,
}

/// A table to be estimated.
#[derive(Clone, Debug)]
pub(crate) struct Estimate {
    /// The task whose label is given, by its place in the survey.
    pub(crate) from: usize,
    /// Its single run.
    pub(crate) run: String,
    /// The task of whose label something is said, by its place in the training.
    pub(crate) to: usize,
}

impl Matched {
    pub(crate) fn new(training: Training, estimates: Vec<Estimate>) -> Self {
        let runs = estimates.iter().map(|estimate| &estimate.run);
        let mut needs: Vec<String> = training.starts_from().iter().chain(runs).cloned().collect();
        needs.sort();
        needs.dedup();
        Self { training, estimates, needs }
    }
}

impl Recipe for Matched {
    fn starts_from(&self) -> &[String] {
        &self.needs
    }

    fn looks_at(&self) -> &[String] {
        self.training.looks_at()
    }

    fn describe(&self, survey: &Survey) -> Value {
        let name = |task: usize| &survey.all[task].task.name;
        let tables = self.estimates.iter().map(|Estimate { from, run, to }| {
            json!({"from": name(*from), "by": run, "to": name(self.training.tasks[*to].task)})
        });
        let mut description = self.training.describe(survey);
        description["estimated_tables"] = tables.collect();
        description
    }

    fn plan(&self, label: &str, survey: &Survey) -> Result<RunPlan, Error> {
        self.training.plan(label, survey)
    }

    fn seconds(&self, plan: &RunPlan, measured: &[Rehearsal]) -> f64 {
        let Some(speed) = measured.first().and_then(|first| first.speed) else { return f64::NAN };
        let tokens = |estimate: &Estimate| measured[self.training.tasks[estimate.to].task].tokens as f64;
        let look = |estimate| OVERHEAD + tokens(estimate) / speed.evaluation;
        self.training.seconds(plan, measured) + self.estimates.iter().map(look).sum::<f64>()
    }

    fn more_memory(&self, measured: &[Rehearsal]) -> f64 {
        self.training.more_memory(measured)
    }

    fn make(&self, making: Making<'_>, observer: &mut dyn Observer) -> Result<(), Error> {
        self.training.with_job(making, |job| {
            let mut label_tables = job.mixing.label_tables.clone();
            for Estimate { from, run, to } in &self.estimates {
                let task = &making.survey.all[*from].task;
                let model = making.store.model(run, &task.name)?;
                label_tables.push(estimate_label_table(&model, task, job, *to)?);
            }
            let mixing = Mixing { label_tables, ..job.mixing.clone() };
            train(Job { mixing: &mixing, ..job }, observer)?;
            Ok(())
        })
    }
}
