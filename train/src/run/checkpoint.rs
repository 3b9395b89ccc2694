//! The state between two steps, on disk.
//!
//! A checkpoint is a directory that gets its name when all of it is on the disk. Two are kept: a full disk or a kill
//! while one is written leaves the one before. Randomness needs no state: its streams are functions of step and row.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mtlift_files::{
    TensorFile, UNFINISHED, make_directory, names_in, read_record, remove_if_there, rename_atomically,
    save_tensors, write_atomically,
};
use mtlift_nn::{AdamW, Store};

use super::progress::Progress;
use crate::Error;
use crate::record::CHECKPOINT;

/// Whoever trains, as far as a checkpoint keeps it.
pub(crate) trait Resumable {
    /// Parameters and optimiser.
    fn state(&self) -> (&Store<f32>, &AdamW<f32>);
    /// The same, to go on from a checkpoint.
    fn state_mut(&mut self) -> (&mut Store<f32>, &mut AdamW<f32>);
    /// The mean of the parameters, where one is kept.
    fn mean(&self) -> Option<&Store<f32>> {
        None
    }
    /// The same, to go on from a checkpoint.
    fn mean_mut(&mut self) -> Option<&mut Store<f32>> {
        None
    }
    /// What else is carried from step to step: by the rule for several tasks' gradients.
    fn carried(&self) -> &[f64] {
        &[]
    }
    /// Goes on with what `carried` gave.
    fn restore_carried(&mut self, _carried: &[f64]) {}
}

/// After this much time a checkpoint is due anywhere. It decides nothing but how much work a killed process loses.
const LONGEST: Duration = Duration::from_secs(120);
/// At an evaluation one is due after this much time for each MiB of it: on a disk that takes half a GiB a second, runs spend at most a
/// twentieth of their time on them.
const FOR_A_MIB: Duration = Duration::from_millis(40);

/// Whether to save a checkpoint, `since` after the last one or the run's beginning.
pub(crate) fn is_due(evaluated: bool, since: Duration, trainer: &impl Resumable) -> bool {
    // Parameters and both of Adam's moments.
    let mib = (3 * size_of_val(trainer.state().0.values())) >> 20;
    since > LONGEST || evaluated && since >= FOR_A_MIB * mib as u32
}

const STATE: &str = "state.json";
const TENSORS: &str = "state.safetensors";
/// The mean of the parameters; `mean` is Adam's, of the gradients.
const AVERAGE: &str = "average";

/// Saves a checkpoint in `directory` and removes all but the newest two.
pub(crate) fn save(directory: &Path, trainer: &impl Resumable, progress: &Progress) -> Result<(), Error> {
    let unfinished = directory.join(format!("{UNFINISHED}checkpoint"));
    let written = write(&unfinished, trainer, progress).and_then(|()| {
        let path = directory.join(format!("{CHECKPOINT}{:010}", progress.step));
        remove_if_there(&path)?;
        Ok(rename_atomically(&unfinished, &path)?)
    });
    if written.is_err() {
        // Room for whoever comes next; the error that matters is the first.
        let _ = fs::remove_dir_all(&unfinished);
        return written;
    }
    let all = list(directory, CHECKPOINT)?;
    all[..all.len().saturating_sub(2)].iter().try_for_each(|old| Ok(remove_if_there(old)?))
}

fn write(to: &Path, trainer: &impl Resumable, progress: &Progress) -> Result<(), Error> {
    remove_if_there(to)?;
    make_directory(to)?;
    let (params, optimizer) = trainer.state();
    let (_, mean, square) = optimizer.state();
    let length = [mean.values().len()];
    let tensors = [("params", params), ("mean", mean), ("square", square)].into_iter();
    let tensors = tensors.chain(trainer.mean().map(|mean| (AVERAGE, mean)));
    let tensors: Vec<_> = tensors.map(|(name, store)| (name, &length[..], store.values())).collect();
    save_tensors(&to.join(TENSORS), &tensors)?;
    Ok(write_atomically(&to.join(STATE), |file| Ok(serde_json::to_writer(file, progress)?))?)
}

/// Restores the newest checkpoint that can be read and is of this run, which `check` says, if there are any.
pub(crate) fn restore(
    directory: &Path,
    trainer: &mut impl Resumable,
    check: impl Fn(&Path, &Progress) -> Result<(), Error>,
    warn: &mut dyn FnMut(&str),
) -> Result<Option<Progress>, Error> {
    let mut reason = None;
    for path in list(directory, CHECKPOINT)?.iter().rev() {
        match read(path, trainer, &check) {
            Ok(progress) => {
                if let Some(reason) = reason {
                    warn(&format!("{reason}; the run continues from the checkpoint before it"));
                }
                return Ok(Some(progress));
            }
            Err(error) => reason = reason.or(Some(error.to_string())),
        }
    }
    match reason {
        None => Ok(None),
        Some(reason) => Err(Error::NoCheckpoint { directory: directory.to_owned(), reason }),
    }
}

fn read(
    path: &Path,
    trainer: &mut impl Resumable,
    check: impl Fn(&Path, &Progress) -> Result<(), Error>,
) -> Result<Progress, Error> {
    let state = path.join(STATE);
    let progress: Progress = read_record(&state)?;
    check(&state, &progress)?;
    let (there, expected) = (progress.combination.len(), trainer.carried().len());
    if there != expected {
        let what = format!("`combination` has {there} numbers, expected {expected}");
        return Err(mtlift_files::Error::Record { file: state, what }.into());
    }
    trainer.restore_carried(&progress.combination);
    let file = TensorFile::open(&path.join(TENSORS))?;
    let (params, optimizer) = trainer.state_mut();
    file.read_into("params", params.values_mut())?;
    optimizer.restore(progress.step, |mean, square| {
        file.read_into("mean", mean.values_mut())?;
        file.read_into("square", square.values_mut())
    })?;
    if let Some(mean) = trainer.mean_mut() {
        file.read_into(AVERAGE, mean.values_mut())?;
    }
    Ok(progress)
}

/// What has a name that begins with `prefix`, sorted: for names with a step, oldest first.
pub(crate) fn list(directory: &Path, prefix: &str) -> Result<Vec<PathBuf>, Error> {
    let names = names_in(directory)?.into_iter().filter(|name| name.starts_with(prefix));
    Ok(names.map(|name| directory.join(name)).collect())
}
