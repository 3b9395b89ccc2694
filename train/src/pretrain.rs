//! Pretraining: masked-language modelling (Devlin et al. 2019) on text without labels, from nothing or on from a model.
//!
//! It is a run like any other, with the same directory, optimiser, rates and checkpoints; its rows are sequences of packed
//! text, and which of their tokens are masked is a function of seed, epoch and row. The model of the last step is kept.

mod adapt;
mod adapted;
mod cost;
mod finish;
mod job;
mod masking;
mod network;
mod passes;
mod prepare;
mod shape;
mod trainer;
mod training;

use std::time::Instant;

pub use adapt::{adapt, check_texts};
pub use adapted::train_adapted;
pub use cost::MaskedCost;
pub use job::{PretrainingJob, PretrainingOutcome, PretrainingStart};
pub use masking::Masking;
pub use network::{MaskedBatch, MaskedNetwork, MaskedWorkspace};
pub(crate) use passes::{MaskedPasses, Purpose};
pub use shape::ModelShape;

use crate::run::Directory;
use crate::{Error, Observer};
use prepare::Prepared;

/// Pretrains, evaluates on held-out documents, and exports a directory that transformers' `AutoModelForMaskedLM` loads.
///
/// # Errors
/// If anything is wrong with text, model, settings or directory, or the loss stops being finite. What was saved stays.
pub fn pretrain(job: PretrainingJob<'_>, observer: &mut dyn Observer) -> Result<PretrainingOutcome, Error> {
    let mut started = Instant::now();
    let (prepared, mut trainer) = Prepared::read(job, observer)?;
    let mut directory = Directory::claim(job.out, &prepared.description, job.resume)?;
    if let Some((result, timing)) = directory.finished()? {
        observer.note("the run was finished before; nothing was trained");
        return Ok(PretrainingOutcome { result, timing });
    }
    let progress = prepared.train(&mut trainer, &mut directory, &mut started, observer)?;
    prepared.finish(job, directory, trainer, progress, started)
}
