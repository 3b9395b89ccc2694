//! Distillation: a run on the target that is taught by the models of finished runs in place of its labels. Everything else of it is a
//! training, which it is described, planned and measured as.

use std::path::PathBuf;

use mtlift_schedule::Distillation;
use mtlift_train::{Job, JobTask, Observer, Rehearsal, taught_by, train};
use serde_json::{Value, json};

use super::training::{OVERHEAD, Training};
use super::{Making, Recipe};
use crate::error::Error;
use crate::run_plan::RunPlan;
use crate::survey::{Survey, TextSet};

/// A training whose rows are taught.
#[derive(Clone, Debug)]
pub(crate) struct Distilled {
    /// The run, on one task, as it would be with labels.
    pub(crate) student: Training,
    /// The runs on the same task that teach.
    pub(crate) teachers: Vec<String>,
    pub(crate) distillation: Distillation,
}

impl Recipe for Distilled {
    fn starts_from(&self) -> &[String] {
        &self.teachers
    }

    fn looks_at(&self) -> &[String] {
        &[]
    }

    fn describe(&self, survey: &Survey) -> Value {
        let mut description = self.student.describe(survey);
        description["taught"] = json!({
            "by": self.teachers,
            "temperature": self.distillation.temperature(),
            "unlabelled": self.distillation.unlabelled(),
        });
        description
    }

    fn plan(&self, label: &str, survey: &Survey) -> Result<RunPlan, Error> {
        let part = self.student.tasks[0];
        let unlabelled = self.distillation.unlabelled().min(survey.unused(part.task));
        let rows = survey.rows(part.task, part.max_train) + unlabelled;
        self.student.plan_of(label, survey, &[TextSet { tasks: vec![0], texts: rows }], &[rows])
    }

    fn seconds(&self, plan: &RunPlan, measured: &[Rehearsal]) -> f64 {
        let Some(speed) = measured.first().and_then(|first| first.speed) else { return f64::NAN };
        let rehearsal = &measured[self.student.tasks[0].task];
        let per_row = rehearsal.tokens as f64 / rehearsal.rows as f64;
        let taught = per_row * plan.tasks[0].rows as f64;
        let of_teacher = OVERHEAD + taught / speed.evaluation;
        self.student.seconds(plan, measured) + self.teachers.len() as f64 * of_teacher
    }

    fn more_memory(&self, measured: &[Rehearsal]) -> f64 {
        // A teacher's parameters and activations are gone before the student's are there.
        self.student.more_memory(measured)
    }

    fn make(&self, making: Making<'_>, observer: &mut dyn Observer) -> Result<(), Error> {
        let task = &making.survey.all[self.student.tasks[0].task].task;
        let model = |id: &String| making.store.model(id, &task.name);
        let teachers = self.teachers.iter().map(model).collect::<Result<Vec<PathBuf>, Error>>()?;
        self.student.with_job(making, |job| {
            let taught = taught_by(&teachers, self.distillation, job, observer)?;
            let tasks = [JobTask { taught: Some(&taught), ..job.tasks[0] }];
            train(Job { tasks: &tasks, ..job }, observer)?;
            Ok(())
        })
    }
}
