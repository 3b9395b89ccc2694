//! Training on the target alone with rows that count otherwise than as they come: as training in all else. Where rows weigh by what a first
//! run gets wrong, that is a run of its own, made before; it is short, and arms that differ in the weight alone share it.

use mtlift_schedule::Rebalance;
use mtlift_train::{Job, Observer, Rebalanced as Rows, Rehearsal, train};
use serde_json::Value;

use super::training::Training;
use super::{Making, Recipe};
use crate::error::Error;
use crate::run_plan::RunPlan;
use crate::survey::Survey;

/// A run on one task, and which of its rows count more.
#[derive(Clone, Debug)]
pub(crate) struct Rebalanced {
    pub(crate) training: Training,
    pub(crate) rebalance: Rebalance,
    /// The run that gets rows wrong, of a method that trains twice; else empty.
    pub(crate) first: Vec<String>,
}

impl Recipe for Rebalanced {
    fn starts_from(&self) -> &[String] {
        // Its model must be there, although the parameters do not come from it.
        &self.first
    }

    fn looks_at(&self) -> &[String] {
        self.training.looks_at()
    }

    fn describe(&self, survey: &Survey) -> Value {
        let mut description = self.training.describe(survey);
        description["rebalance"] = self.rebalance.to_string().into();
        description["first"] = self.first.clone().into();
        description
    }

    fn plan(&self, label: &str, survey: &Survey) -> Result<RunPlan, Error> {
        self.training.plan(label, survey)
    }

    fn seconds(&self, plan: &RunPlan, measured: &[Rehearsal]) -> f64 {
        let Some(speed) = measured.first().and_then(|first| first.speed) else { return f64::NAN };
        // The first run's model looks at every row once.
        let looked_at = if self.first.is_empty() { 0 } else { measured[self.training.tasks[0].task].tokens };
        self.training.seconds(plan, measured) + looked_at as f64 / speed.evaluation
    }

    fn more_memory(&self, measured: &[Rehearsal]) -> f64 {
        let parameters = measured.first().map_or(0, |first| first.parameters);
        let first = self.first.len() * parameters * size_of::<f32>();
        self.training.more_memory(measured) + first as f64
    }

    fn make(&self, making: Making<'_>, observer: &mut dyn Observer) -> Result<(), Error> {
        let task = &making.survey.all[self.training.tasks[0].task].task.name;
        let first = self.first.first().map(|id| making.store.model(id, task)).transpose()?;
        let rows = match (&first, self.rebalance.twice()) {
            (Some(first), Some((_, upweight))) => Rows::Twice { first, upweight },
            _ => Rows::GroupBalanced,
        };
        self.training.with_job(making, |job| {
            train(Job { rebalanced: Some(rows), ..job }, observer)?;
            Ok(())
        })
    }
}
