//! A run whose rows count otherwise than as they come: groups are drawn equally often, or rows weigh more that an earlier run gets wrong.
//! Both are of a run on one task.

use std::path::Path;

use mtlift_glue_data::Target;
use mtlift_schedule::BalancedRows;
use serde_json::{Value, json};

use super::description::hash_model;
use super::job::{Job, Rebalanced};
use super::part::Part;
use crate::{Error, Predictions, TrainedModel};

impl Rebalanced<'_> {
    /// What the outcome depends on beside the job.
    pub(super) fn describe(self) -> Result<Value, Error> {
        Ok(match self {
            Rebalanced::GroupBalanced => json!("group-balanced"),
            Rebalanced::Twice { first, upweight } => {
                json!({"wrong_of": hash_model(first)?, "upweight": upweight})
            }
        })
    }
}

impl Part<'_> {
    /// Its rows to train on by their groups.
    pub(super) fn balanced_rows(&self) -> Result<BalancedRows, Error> {
        let expected = "a task with groups: give `group` or [groups] in its task file (docs/task-files.md)";
        let value = self.task.name.clone();
        let no_groups = Error::Setting { name: "task of group-balanced sampling", value, expected };
        let groups = self.train.groups.as_ref().ok_or(no_groups)?;
        Ok(BalancedRows::of(groups.of_rows()))
    }

    /// Gives more weight to those of its rows to train on that a model gets wrong.
    pub(super) fn weigh_wrong(&mut self, job: Job<'_>, first: &Path, upweight: f64) -> Result<(), Error> {
        let wrong = self.wrong_of(job, first)?;
        self.upweighted = Some(wrong.iter().filter(|wrong| **wrong).count());
        self.row_weights = Some(wrong.into_iter().map(|wrong| if wrong { upweight } else { 1.0 }).collect());
        Ok(())
    }

    /// Which of its rows to train on a model gets wrong. Labels are matched by name.
    fn wrong_of(&self, job: Job<'_>, first: &Path) -> Result<Vec<bool>, Error> {
        let settings = job.settings;
        let model = TrainedModel::open_in(first, self.task, None, settings.max_tokens, settings.precision)?;
        let (theirs, ours) = (&model.head().labels.names, &self.head.labels.names);
        let expected = "a classification: of a regression no row is right or wrong";
        let value = self.task.name.clone();
        let Predictions::Classes(predicted) = model.predictions(&model.logits(&self.train)?, None)? else {
            return Err(Error::Setting { name: "task of jtt", value, expected });
        };
        let targets = self.train.targets.as_deref().unwrap_or_default();
        let is_wrong = |(&predicted, target): (&usize, &Target)| {
            target.class().is_none_or(|class| theirs[predicted] != ours[class])
        };
        Ok(predicted.iter().zip(targets).map(is_wrong).collect())
    }
}
