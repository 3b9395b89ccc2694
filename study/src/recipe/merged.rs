//! Merging: the models of finished runs become one without training, which is scored as any other. It starts from the study's model as
//! well, because several rules look at how far each model has gone from there.

use mtlift_glue_data::Task;
use mtlift_schedule::{HeadStart, Merge};
use mtlift_train::{Identity, Job, MergedJob, Mixing, NUMERICS, Observer, Rehearsal, Settings, train_merged};
use serde_json::{Value, json};

use super::training::{OVERHEAD, Part};
use super::{Making, Recipe};
use crate::error::Error;
use crate::run_plan::RunPlan;
use crate::survey::Survey;

/// Seconds for each parameter of each model to be read, merged and written.
const PER_PARAMETER: f64 = 3e-8;

/// Models to be merged, and the task that the merged one is for.
#[derive(Clone, Debug)]
pub(crate) struct Merged {
    pub(crate) target: Part,
    /// The runs that left them; the first is on the target.
    pub(crate) models: Vec<String>,
    /// The task of each, by its place. Where all are the target's, heads are merged too.
    pub(crate) tasks: Vec<usize>,
    pub(crate) merge: Merge,
    /// Those of the target's run.
    pub(crate) settings: Settings,
}

impl Recipe for Merged {
    fn starts_from(&self) -> &[String] {
        &self.models
    }

    fn looks_at(&self) -> &[String] {
        &[]
    }

    fn describe(&self, survey: &Survey) -> Value {
        json!({
            "numerics": NUMERICS,
            "merge": self.merge,
            "of": self.models,
            "base": (!self.is_of_one_task()).then_some(&survey.model_hash),
            "tasks": [self.target.describe(survey)],
            "settings": self.settings.identity(),
        })
    }

    fn plan(&self, label: &str, _survey: &Survey) -> Result<RunPlan, Error> {
        let run = label.to_owned();
        Ok(RunPlan { run, steps: 0, may_stop_early: false, estimated: false, epochs: 0, tasks: Vec::new() })
    }

    fn seconds(&self, _plan: &RunPlan, measured: &[Rehearsal]) -> f64 {
        let Some(speed) = measured.first().and_then(|first| first.speed) else { return f64::NAN };
        let rehearsal = &measured[self.target.task];
        let tried = self.merge.choices().len();
        // What is chosen among is looked at once more when it is chosen.
        let looks = if tried == 1 { 1 } else { tried + 1 };
        let parameters = (rehearsal.parameters * (self.models.len() + 1) * tried) as f64;
        let tokens = (looks * rehearsal.watched_tokens + rehearsal.dev_tokens) as f64;
        OVERHEAD + PER_PARAMETER * parameters + tokens / speed.evaluation
    }

    fn more_memory(&self, measured: &[Rehearsal]) -> f64 {
        // The models, the base and the result, in place of the moments and gradients of a step.
        let parameters = measured.first().map_or(0, |first| first.parameters);
        ((self.models.len() + 2) * parameters * size_of::<f32>()) as f64
    }

    fn make(&self, making: Making<'_>, observer: &mut dyn Observer) -> Result<(), Error> {
        let Making { survey, store, out, cache } = making;
        let name = |task: usize| -> &Task { &survey.all[task].task };
        let models = self.models.iter().zip(&self.tasks);
        let models =
            models.map(|(id, &task)| store.model(id, &name(task).name)).collect::<Result<Vec<_>, _>>()?;
        // Classes are weighed in training alone.
        let settings = self.settings.among([name(self.target.task)].into_iter());
        let job = Job {
            model: &models[0],
            tasks: &[self.target.of_job(survey)],
            mixing: &Mixing::default(),
            start: HeadStart::Kept,
            settings: &settings,
            out,
            cache,
            resume: true,
            conflict_every: None,
            rebalanced: None,
        };
        let base = (!self.is_of_one_task()).then_some(&*survey.model);
        let merging = MergedJob { job, others: &models[1..], base, merge: self.merge };
        train_merged(merging, observer)?;
        Ok(())
    }
}

impl Merged {
    /// Whether all models are of the target.
    fn is_of_one_task(&self) -> bool {
        self.tasks.iter().all(|&task| task == self.target.task)
    }
}
