//! Training on gold rows and on rows that a finished run has labelled.

use mtlift_schedule::SelfTraining;
use mtlift_train::{Observer, Rehearsal, SelfTrainedJob, train_self};
use serde_json::{Value, json};

use super::training::Training;
use super::writing::tokens_to_write;
use super::{Making, Recipe};
use crate::error::Error;
use crate::run_plan::{RunPlan, TaskPlan};
use crate::survey::Survey;

/// A run that trains on rows without labels as well.
#[derive(Clone, Debug)]
pub(crate) struct SelfTrained {
    /// On the gold rows, for as many steps as there will be.
    pub(crate) training: Training,
    /// The run whose model labels.
    pub(crate) labeller: String,
    /// The support whose texts are labelled, by its place; none for the target's own rows without labels and for rows that are written.
    pub(crate) texts_of: Option<usize>,
    /// How many rows are labelled.
    pub(crate) rows: usize,
    /// How they are found or written, labelled and filtered: one round.
    pub(crate) method: SelfTraining,
}

impl Recipe for SelfTrained {
    fn starts_from(&self) -> &[String] {
        std::slice::from_ref(&self.labeller)
    }

    fn looks_at(&self) -> &[String] {
        &[]
    }

    fn describe(&self, survey: &Survey) -> Value {
        let mut description = self.training.describe(survey);
        let texts_of = self.texts_of.map(|support| {
            let support = &survey.all[support];
            json!({"task": support.task.name, "data": support.fingerprint})
        });
        // Who writes rows, or takes a support's, reads none of the target's.
        let unlabelled = &survey.all[self.target()].unlabelled.hash;
        let unlabelled =
            unlabelled.as_ref().filter(|_| self.method.infilling().is_none() && self.texts_of.is_none());
        description["self_training"] = json!({
            "method": self.method,
            "labelled_by": self.labeller,
            "unlabelled": unlabelled,
            "texts_of": texts_of,
        });
        description
    }

    /// As if no row were dropped.
    fn plan(&self, label: &str, survey: &Survey) -> Result<RunPlan, Error> {
        let plan = self.training.plan(label, survey)?;
        let rows = plan.tasks[0].rows + self.rows;
        let batch = self.training.settings.batch;
        let steps_of_epoch = rows.div_ceil(batch) as u64;
        let epochs = plan.steps.div_ceil(steps_of_epoch).max(1);
        let passes = plan.steps as f64 / (epochs * steps_of_epoch) as f64;
        let seen = (rows as u64).min(plan.steps * batch as u64);
        let tasks = vec![TaskPlan { rows, texts: rows, seen: (seen, seen), passes, ..plan.tasks[0].clone() }];
        Ok(RunPlan { epochs, tasks, ..plan })
    }

    fn seconds(&self, plan: &RunPlan, measured: &[Rehearsal]) -> f64 {
        let Some(speed) = measured.first().and_then(|first| first.speed) else { return f64::NAN };
        let texts = &measured[self.texts_of.unwrap_or(self.target())];
        let of_row = texts.tokens as f64 / texts.rows as f64;
        // Once without dropout.
        let passes = (self.method.passes() + 1) as f64;
        let to_write = self.method.infilling().map_or(0.0, |infilling| tokens_to_write(&infilling, texts));
        let tokens = self.rows as f64 * (passes * of_row + to_write);
        self.training.seconds(plan, measured) + tokens / speed.evaluation
    }

    fn more_memory(&self, measured: &[Rehearsal]) -> f64 {
        self.training.more_memory(measured)
    }

    fn make(&self, making: Making<'_>, observer: &mut dyn Observer) -> Result<(), Error> {
        let target = &making.survey.all[self.target()].task;
        let labeller = making.store.model(&self.labeller, &target.name)?;
        let texts_of = self.texts_of.map(|support| &making.survey.all[support].task);
        self.training.with_job(making, |job| {
            train_self(SelfTrainedJob { job, labeller: &labeller, texts_of, method: self.method }, observer)?;
            Ok(())
        })
    }
}

impl SelfTrained {
    fn target(&self) -> usize {
        self.training.tasks[0].task
    }
}
