//! Merging: the models of finished runs become one without training, which is scored as any other. It starts from the study's model as
//! well, because several rules look at how far each model has gone from there.

use mtlift_glue_data::Task;
use mtlift_schedule::{HeadStart, Look, LooksAt, Merge};
use mtlift_train::{
    GramCost, Identity, Job, MergedJob, Mixing, NUMERICS, Observer, Rehearsal, Settings, Speed, TrainedOn,
    train_merged,
};
use serde_json::{Value, json};

use super::training::{OVERHEAD, Part};
use super::{Making, Recipe};
use crate::error::Error;
use crate::run_plan::RunPlan;
use crate::survey::Survey;

/// Seconds for each parameter of each model to be read, merged and written.
const PER_PARAMETER: f64 = 3e-8;
/// Multiplications a second on one worker that a regression of layers is taken to make: not measured on other processors.
const MULTIPLICATIONS: f64 = 2e9;
/// How much longer a row takes alone than in a batch.
const ROW_BY_ROW: f64 = 1.5;

/// Models to be merged, and the task that the merged one is for.
#[derive(Clone, Debug)]
pub(crate) struct Merged {
    /// The runs that left them; the first is on the target.
    pub(crate) models: Vec<String>,
    /// What each was trained on. Where all are the target, heads are merged too.
    pub(crate) parts: Vec<Part>,
    /// How many labels the task of each has; 1 of a regression.
    pub(crate) labels: Vec<usize>,
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
            "tasks": [self.target().describe(survey)],
            "settings": self.settings.identity(),
        })
    }

    fn plan(&self, label: &str, _survey: &Survey) -> Result<RunPlan, Error> {
        let run = label.to_owned();
        Ok(RunPlan { run, steps: 0, may_stop_early: false, estimated: false, epochs: 0, tasks: Vec::new() })
    }

    fn seconds(&self, _plan: &RunPlan, measured: &[Rehearsal]) -> f64 {
        let Some(speed) = measured.first().and_then(|first| first.speed) else { return f64::NAN };
        let rehearsal = &measured[self.target().task];
        let tried = self.merge.choices().len();
        // What is chosen among is looked at once more when it is chosen.
        let looks = if tried == 1 { 1 } else { tried + 1 };
        let parameters = (rehearsal.parameters * (self.models.len() + 1) * tried) as f64;
        let tokens = (looks * rehearsal.watched_tokens + rehearsal.dev_tokens) as f64;
        OVERHEAD + PER_PARAMETER * parameters + tokens / speed.evaluation + self.looking(measured, speed)
    }

    fn more_memory(&self, measured: &[Rehearsal]) -> f64 {
        // The models, the base and the result, in place of the moments and gradients of a step.
        let parameters = measured.first().map_or(0, |first| first.parameters);
        let parameters = parameters as f64;
        let statistics = match self.merge.looks_at().map(|look| look.at) {
            None => 0.0,
            Some(LooksAt::Fisher) => parameters,
            Some(LooksAt::Grams) => measured.first().map_or(0.0, |first| first.grams.values),
        };
        let models = self.models.len() as f64;
        (models * (parameters + statistics) + 2.0 * parameters) * size_of::<f32>() as f64
    }

    fn make(&self, making: Making<'_>, observer: &mut dyn Observer) -> Result<(), Error> {
        let Making { survey, store, out, cache } = making;
        let task = |part: &Part| -> &Task { &survey.all[part.task].task };
        let models = self.models.iter().zip(&self.parts);
        let models =
            models.map(|(id, part)| store.model(id, &task(part).name)).collect::<Result<Vec<_>, _>>()?;
        // Classes are weighed in training alone.
        let settings = self.settings.among([task(&self.target())].into_iter());
        let job = Job {
            model: &models[0],
            tasks: &[self.target().of_job(survey)],
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
        let others = models.iter().zip(&self.parts).skip(1);
        let others: Vec<TrainedOn<'_>> =
            others.map(|(model, part)| TrainedOn { model, part: part.of_job(survey) }).collect();
        let merging = MergedJob { job, others: &others, base, merge: self.merge };
        train_merged(merging, observer)?;
        Ok(())
    }
}

impl Merged {
    /// What the merged model is for.
    fn target(&self) -> Part {
        self.parts[0]
    }

    /// Whether all models are of the target.
    fn is_of_one_task(&self) -> bool {
        self.parts.iter().all(|part| part.task == self.target().task)
    }

    /// Seconds that a rule takes to look at rows and to solve by them.
    fn looking(&self, measured: &[Rehearsal], speed: Speed) -> f64 {
        let Some(Look { at, rows }) = self.merge.looks_at() else { return 0.0 };
        let of_model = |(part, &labels): (&Part, &usize)| {
            let task = &measured[part.task];
            let share = rows.min(task.rows) as f64 / task.rows.max(1) as f64;
            let tokens = share * task.tokens as f64;
            match at {
                // A row at a time, and once more to see what the model predicts.
                LooksAt::Fisher => {
                    ROW_BY_ROW * tokens * (labels as f64 / speed.training + 1.0 / speed.evaluation)
                }
                LooksAt::Grams => (1.0 + task.grams.passes) * tokens / speed.evaluation,
            }
        };
        let passes: f64 = self.parts.iter().zip(&self.labels).map(of_model).sum();
        let GramCost { products, solving, .. } = measured[self.target().task].grams;
        let solved = match at {
            LooksAt::Fisher => 0.0,
            LooksAt::Grams => {
                self.merge.choices().len() as f64 * (solving + self.models.len() as f64 * products)
            }
        };
        passes + solved / MULTIPLICATIONS
    }
}
