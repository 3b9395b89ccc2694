//! A trained model, and the task to use it on.

use anyhow::Result;
use clap::Args;
use mtlift_glue_data::Task;
use mtlift_train::TrainedModel;

use super::{Home, Untouched};

/// A trained model and the task to use it on.
#[derive(Args, Clone)]
pub(crate) struct Trained {
    /// A trained model: OUT/model of `mtlift train`, or any directory with a model that has a head
    #[arg(long)]
    model: String,
    /// A GLUE task, or a TOML file that describes a task of your own
    #[arg(long)]
    task: String,
    /// The labels of the model's outputs, in order, if its configuration does not name them
    #[arg(long, value_delimiter = ',', value_name = "NAME,NAME,...")]
    labels: Option<Vec<String>>,
    /// The most tokens of a row; give the same as in training [default: 128]
    #[arg(long, value_name = "N")]
    max_tokens: Option<usize>,
}

impl Trained {
    pub(crate) fn task(&self, home: &Home) -> Result<Task> {
        home.task(&self.task)
    }

    /// What is read of the model and the task.
    pub(crate) fn untouched(&self, home: &Home, task: &Task) -> Result<Untouched> {
        Ok(Untouched::home(home).model(&home.model(&self.model)?).task(&self.task, task))
    }

    pub(crate) fn open(&self, home: &Home, task: &Task) -> Result<TrainedModel> {
        let directory = home.model(&self.model)?;
        Ok(TrainedModel::open(&directory, task, self.labels.as_deref(), self.max_tokens)?)
    }
}
