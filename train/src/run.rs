//! A run: one model trained on a task, or on several at once, under one protocol, in a directory of its own.
//!
//! Everything is read and checked before the first step. What a run does is a function of its description in
//! `run.json`; a run that was killed goes on from its last checkpoint and ends with the same bits.

mod checkpoint;
mod course;
mod description;
mod directory;
mod finish;
mod job;
mod labels;
mod merged;
mod part;
mod prepare;
mod progress;
mod rebalanced;
mod rehearse;
mod scoring;
mod self_trained;
mod text_sets;
mod training;
mod twins;
mod unlabelled;
mod written;

use std::time::Instant;

pub(crate) use checkpoint::{Resumable, is_due as checkpoint_is_due};
pub(crate) use course::Course;
pub(crate) use description::Description;
pub use description::{NUMERICS, OF_WEIGHED_LOSSES, hash_model, numerics};
pub(crate) use directory::{Directory, check_vacant};
pub(crate) use finish::{hash_parameters, timing};
pub use job::{Job, JobTask, Observer, Outcome, Rebalanced, TrainedOn};
pub use merged::{MergedJob, train_merged};
pub(crate) use part::Part;
pub(crate) use prepare::open_tokenizer;
pub use prepare::tokenizer_alone;
pub(crate) use progress::Progress;
pub use rehearse::{Rehearsal, Speed, rehearse};
pub use self_trained::{SelfTrainedJob, train_self};
pub(crate) use text_sets::TextSets;

use crate::record::{write_twins, write_written};
use crate::{Error, Trainer};
use prepare::Prepared;

/// Trains, evaluates and exports.
///
/// # Errors
/// If anything is wrong with model, data, settings or directory, or the loss stops being finite. What was saved stays.
///
/// # Panics
/// If the job has no task.
pub fn train(job: Job<'_>, observer: &mut dyn Observer) -> Result<Outcome, Error> {
    train_as(job, |_| {}, observer)
}

/// As [`train`], of a run that `describe` says more of.
pub(crate) fn train_as(
    job: Job<'_>,
    describe: impl FnOnce(&mut Description),
    observer: &mut dyn Observer,
) -> Result<Outcome, Error> {
    let started = Instant::now();
    let (mut prepared, trainer) = Prepared::read(job, observer)?;
    describe(&mut prepared.description);
    carry_out(&prepared, trainer, job, started, observer)
}

/// Trains, evaluates and exports what was prepared since `started`.
fn carry_out(
    prepared: &Prepared<'_>,
    mut trainer: Trainer,
    job: Job<'_>,
    mut started: Instant,
    observer: &mut dyn Observer,
) -> Result<Outcome, Error> {
    prepared.introduce(observer);
    let mut directory = Directory::claim(job.out, &prepared.description, job.resume)?;
    if let Some((result, timing)) = directory.finished()? {
        observer.note("the run was finished before; nothing was trained");
        return Ok(Outcome { result, timing });
    }
    if !prepared.written.is_empty() {
        write_written(&directory.files.written(), &prepared.written)?;
    }
    if !prepared.twins.is_empty() {
        write_twins(&directory.files.twins(), &prepared.twins)?;
    }
    let progress = prepared.train(job, &mut trainer, &mut directory, &mut started, observer)?;
    prepared.finish(job, directory, trainer, progress, started, observer)
}
