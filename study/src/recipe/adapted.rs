//! Adapting: a model goes on with masked-language modelling on a task's texts, without a look at a label, for a run of fine-tuning to
//! start from.
//!
//! The one decision: it is described as the training of the same rows under the same settings is, with what it learns in place of what
//! only labels need. So arms that adapt alike share the run, whatever they do afterwards.

use mtlift_schedule::HeadStart;
use mtlift_train::{Mixing, Observer, Rehearsal, Settings, adapt};
use serde_json::{Value, json};

use super::training::{OVERHEAD, Part, Start, Training, tokens_at_once};
use super::{Making, Recipe};
use crate::error::Error;
use crate::run_plan::RunPlan;
use crate::survey::Survey;

/// A task to whose texts the study's model is to be adapted.
#[derive(Clone, Debug)]
pub(crate) struct Adapted {
    /// Training on the same rows, which has as many steps.
    alike: Training,
}

impl Adapted {
    /// On a task under a phase's settings, of which those that need labels are left out.
    pub(crate) fn new(part: Part, settings: &Settings) -> Self {
        Self {
            alike: Training {
                tasks: vec![Part { score_rows: None, ..part }],
                start: Start::Model,
                baselines: Vec::new(),
                heads: HeadStart::Fresh,
                mixing: Mixing::default(),
                settings: settings.without_labels(),
                conflict_every: None,
            },
        }
    }
}

impl Recipe for Adapted {
    fn starts_from(&self) -> &[String] {
        self.alike.starts_from()
    }

    fn looks_at(&self) -> &[String] {
        self.alike.looks_at()
    }

    fn describe(&self, survey: &Survey) -> Value {
        let mut description = self.alike.describe(survey);
        description["objective"] = json!("masked-tokens");
        description
    }

    fn plan(&self, label: &str, survey: &Survey) -> Result<RunPlan, Error> {
        self.alike.plan(label, survey)
    }

    fn seconds(&self, plan: &RunPlan, measured: &[Rehearsal]) -> f64 {
        let Some(speed) = measured.first().and_then(|first| first.speed) else { return f64::NAN };
        let rehearsal = &measured[self.alike.tasks[0].task];
        let rows = rehearsal.rows as f64;
        let trained = plan.rows_seen() / rows * rehearsal.tokens as f64;
        let share = plan.tasks.iter().map(|task| task.rows as f64 / rows).sum::<f64>().min(1.0);
        // The last step's model is looked at once more.
        let looks = 1.0 + self.alike.evaluations(plan.steps, plan.epochs);
        let watched = looks * rehearsal.watched_tokens as f64 * share;
        OVERHEAD + rehearsal.masked.passes * (trained / speed.training + watched / speed.evaluation)
    }

    fn more_memory(&self, measured: &[Rehearsal]) -> f64 {
        // The logits of a micro-batch's masked tokens over the vocabulary.
        let Some(rehearsal) = measured.get(self.alike.tasks[0].task) else { return 0.0 };
        tokens_at_once(&self.alike.settings, rehearsal) * rehearsal.masked.logits * size_of::<f32>() as f64
    }

    fn make(&self, making: Making<'_>, observer: &mut dyn Observer) -> Result<(), Error> {
        self.alike.with_job(making, |job| {
            adapt(job, observer)?;
            Ok(())
        })
    }
}
