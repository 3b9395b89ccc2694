//! What a run is asked to do, who hears of it, and what it comes to.

use std::num::NonZeroU32;
use std::path::Path;

use mtlift_glue_data::{Task, TokenCache};
use mtlift_schedule::HeadStart;

use crate::record::{EvaluationRecord, RunResult, Timing};
use crate::{Mixing, Settings, StepReport, TaughtRows};

/// What to run, and where.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// The checkpoint to start from.
    pub model: &'a Path,
    /// The tasks to train on, at least one. The first is the target: its exposure makes an epoch, its score decides when
    /// patience ends.
    pub tasks: &'a [JobTask<'a>],
    /// How several tasks are mixed.
    pub mixing: &'a Mixing,
    /// What becomes of the checkpoint's head.
    pub start: HeadStart,
    /// How.
    pub settings: &'a Settings,
    /// The run's directory, made if need be.
    pub out: &'a Path,
    /// Where token ids are kept between runs, if anywhere.
    pub cache: Option<&'a TokenCache>,
    /// Whether to go on with a run that is there already.
    pub resume: bool,
    /// Every how many steps `steps.jsonl` says how the gradients of several tasks agree; none for never. The run is the same run
    /// either way.
    pub conflict_every: Option<NonZeroU32>,
    /// Which rows count more, of a run on one task; none where all count as they come.
    pub rebalanced: Option<Rebalanced<'a>>,
}

/// A task of a run.
#[derive(Clone, Copy, Debug)]
pub struct JobTask<'a> {
    /// The task.
    pub task: &'a Task,
    /// Uses this many of its training rows, in place of the settings' `max_train`.
    pub max_train: Option<usize>,
    /// Scores this many of its unused rows, in place of the settings' `score_rows`.
    pub score_rows: Option<usize>,
    /// Trains on these rows in place of its own.
    pub taught: Option<&'a TaughtRows>,
}

impl JobTask<'_> {
    /// A run's settings as they are for this task.
    pub(crate) fn settings(&self, of_run: &Settings) -> Settings {
        Settings {
            max_train: self.max_train.or(of_run.max_train),
            score_rows: self.score_rows.or(of_run.score_rows),
            ..of_run.clone()
        }
    }
}

/// A model, and what it was trained on.
#[derive(Clone, Copy, Debug)]
pub struct TrainedOn<'a> {
    /// Its directory.
    pub model: &'a Path,
    /// Its task and rows, under the settings of the job; read for a rule that looks at rows.
    pub part: JobTask<'a>,
}

/// Which rows count more.
#[derive(Clone, Copy, Debug)]
pub enum Rebalanced<'a> {
    /// Those of small groups: every group is drawn equally often.
    GroupBalanced,
    /// Those that the model in a directory, of the same task, gets wrong: they weigh so much, where others weigh 1.
    Twice {
        /// The model of the first run.
        first: &'a Path,
        /// At least 1.
        upweight: f64,
    },
}

/// What a run came to, and what it took.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Scores and counts: the same bits however often the run was interrupted.
    pub result: RunResult,
    /// Seconds, speed and memory of the process that finished it.
    pub timing: Timing,
}

/// Hears of a run's progress.
pub trait Observer {
    /// Something the user should know before believing the result.
    fn warn(&mut self, message: &str);
    /// What stands out in a task's data: a warning, which whoever makes many runs on the data says once itself.
    fn warn_of_data(&mut self, message: &str) {
        self.warn(message);
    }
    /// Something worth a line.
    fn note(&mut self, message: &str);
    /// Training begins after `done` of `total` steps; a sampler that looks at scores may make it some more or fewer.
    fn begin(&mut self, done: u64, total: u64);
    /// A step was made.
    fn step(&mut self, step: u64, learning_rate: f64, report: &StepReport);
    /// An evaluation was made.
    fn evaluation(&mut self, evaluation: &EvaluationRecord);
}
