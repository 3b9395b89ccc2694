//! How a run is made. A recipe says what it needs, what its outcome depends on, what it costs, and makes it; whoever
//! schedules runs knows no more of it. A recipe is a file below; `grid` says which arms are made by it.

pub(crate) mod adapted;
pub(crate) mod distilled;
pub(crate) mod matched;
pub(crate) mod merged;
pub(crate) mod rebalanced;
pub(crate) mod self_trained;
pub(crate) mod training;
pub(crate) mod tuned;
mod writing;

use std::fmt::Debug;
use std::path::Path;

use mtlift_glue_data::TokenCache;
use mtlift_train::{Observer, Rehearsal};
use serde_json::Value;

use crate::error::Error;
use crate::run_plan::RunPlan;
use crate::store::Store;
use crate::survey::Survey;

/// A way to make a run.
pub(crate) trait Recipe: Debug + Send + Sync {
    /// The runs from whose models it starts.
    fn starts_from(&self) -> &[String];

    /// The runs whose results it looks at.
    fn looks_at(&self) -> &[String];

    /// The runs that tried the settings among which it chooses, a list for each; none where there is nothing to choose.
    fn trials(&self) -> Vec<&[String]> {
        Vec::new()
    }

    /// Everything that the outcome depends on. The run is named by its hash.
    fn describe(&self, survey: &Survey) -> Value;

    /// The steps that it takes, and how often it sees each task's rows; `label` is what a person calls the run.
    fn plan(&self, label: &str, survey: &Survey) -> Result<RunPlan, Error>;

    /// Seconds on one worker. `measured` has each task of the survey, and this machine's speed with the first.
    fn seconds(&self, plan: &RunPlan, measured: &[Rehearsal]) -> f64;

    /// Bytes of memory that it takes beside those of a run of one task.
    fn more_memory(&self, measured: &[Rehearsal]) -> f64 {
        let _ = measured;
        0.0
    }

    /// Makes the run, or goes on with it.
    fn make(&self, making: Making<'_>, observer: &mut dyn Observer) -> Result<(), Error>;
}

/// With what a run is made, and where.
#[derive(Clone, Copy)]
pub(crate) struct Making<'a> {
    /// The model and the tasks.
    pub(crate) survey: &'a Survey,
    /// The runs that are finished.
    pub(crate) store: &'a Store,
    /// The run's directory.
    pub(crate) out: &'a Path,
    /// Where token ids are kept between runs, if anywhere.
    pub(crate) cache: Option<&'a TokenCache>,
}
