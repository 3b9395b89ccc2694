//! A run: one model trained on a task, or on several at once, under one protocol, in a directory of its own.
//!
//! Everything is read and checked before the first step. What a run does is a function of its description in
//! `run.json`; a run that was killed goes on from its last checkpoint and ends with the same bits.

mod checkpoint;
mod course;
mod description;
mod directory;
mod finish;
mod part;
mod prepare;
mod rehearse;
mod training;

use std::path::Path;
use std::time::Instant;

use mtlift_glue_data::{Task, TokenCache};
use mtlift_schedule::HeadStart;

pub use description::{NUMERICS, hash_model};
pub(crate) use prepare::open_tokenizer;
pub use rehearse::{Rehearsal, Speed, rehearse};

use crate::record::{EvaluationRecord, RunResult, Timing};
use crate::{Error, Mixing, Settings, StepReport};
use directory::Directory;
use prepare::Prepared;

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
}

/// A task of a run.
#[derive(Clone, Copy, Debug)]
pub struct JobTask<'a> {
    /// The task.
    pub task: &'a Task,
    /// Uses this many of its training rows, in place of the settings' `max_train`.
    pub max_train: Option<usize>,
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
    /// Something worth a line.
    fn note(&mut self, message: &str);
    /// Training begins after `done` of `total` steps; a sampler that looks at scores may make it some more or fewer.
    fn begin(&mut self, done: u64, total: u64);
    /// A step was made.
    fn step(&mut self, step: u64, learning_rate: f64, report: &StepReport);
    /// An evaluation was made.
    fn evaluation(&mut self, evaluation: &EvaluationRecord);
}

/// Trains, evaluates and exports.
///
/// # Errors
/// If anything is wrong with model, data, settings or directory, or the loss stops being finite. What was saved stays.
///
/// # Panics
/// If the job has no task.
pub fn train(job: Job<'_>, observer: &mut dyn Observer) -> Result<Outcome, Error> {
    let mut started = Instant::now();
    let (prepared, mut trainer) = Prepared::read(job, observer)?;
    let mut directory = Directory::claim(job.out, &prepared.description, job.resume)?;
    if let Some(outcome) = directory.finished()? {
        observer.note("the run was finished before; nothing was trained");
        return Ok(outcome);
    }
    let progress = prepared.train(job, &mut trainer, &mut directory, &mut started, observer)?;
    prepared.finish(job, directory, trainer, progress, started, observer)
}
