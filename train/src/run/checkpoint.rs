//! The state between two steps, on disk.
//!
//! A checkpoint is a directory that gets its name when all of it is on the disk. Two are kept: a full disk or a kill
//! while one is written leaves the one before. Randomness needs no state: its streams are functions of step and row.

use std::fs;
use std::path::{Path, PathBuf};

use mtlift_files::{
    TensorFile, UNFINISHED, make_directory, names_in, read_record, remove_if_there, rename_atomically,
    save_tensors, write_atomically,
};
use mtlift_nn::{AdamW, Store};
use mtlift_schedule::Selection;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::record::CHECKPOINT;

/// Whoever trains, as far as a checkpoint keeps it.
pub(crate) trait Resumable {
    /// Parameters and optimiser.
    fn state(&self) -> (&Store<f32>, &AdamW<f32>);
    /// The same, to go on from a checkpoint.
    fn state_mut(&mut self) -> (&mut Store<f32>, &mut AdamW<f32>);
    /// What else is carried from step to step: by the rule for several tasks' gradients.
    fn carried(&self) -> &[f64] {
        &[]
    }
    /// Goes on with what `carried` gave.
    fn restore_carried(&mut self, _carried: &[f64]) {}
}

/// How far a run has come.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Progress {
    /// Steps made.
    pub(crate) step: u64,
    /// Epochs finished.
    pub(crate) epoch: u64,
    /// Steps made of the epoch at hand.
    pub(crate) within: u64,
    /// Rows of each task drawn in finished epochs.
    pub(crate) consumed: Vec<u64>,
    /// Rows of each task trained on.
    pub(crate) seen: Vec<u64>,
    /// What each task scored in the last evaluation.
    pub(crate) now: Vec<f64>,
    /// How far each task was from its single-task score when the epoch began, where the sampler asks.
    pub(crate) gaps: Option<Vec<f64>>,
    /// Real tokens trained on.
    pub(crate) tokens: u64,
    /// Seconds that the steps took.
    pub(crate) seconds: f64,
    /// Seconds since the run began, without those in which no process made it.
    #[serde(default)]
    pub(crate) elapsed: f64,
    /// Each task's best evaluation so far.
    pub(crate) selections: Vec<Selection>,
    /// Whether patience has ended training.
    pub(crate) stopped: bool,
    /// What the rule for several tasks' gradients carries from step to step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) combination: Vec<f64>,
    /// Lengths of the two logs.
    pub(crate) logs: [u64; 2],
}

impl Progress {
    pub(crate) fn new(selection: &Selection, tasks: usize) -> Self {
        Self {
            step: 0,
            epoch: 0,
            within: 0,
            consumed: vec![0; tasks],
            seen: vec![0; tasks],
            now: Vec::new(),
            gaps: None,
            tokens: 0,
            seconds: 0.0,
            elapsed: 0.0,
            selections: vec![selection.clone(); tasks],
            stopped: false,
            combination: Vec::new(),
            logs: [0; 2],
        }
    }
}

const STATE: &str = "state.json";
const TENSORS: &str = "state.safetensors";

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
    let tensors = [("params", params), ("mean", mean), ("square", square)];
    save_tensors(&to.join(TENSORS), &tensors.map(|(name, store)| (name, &length[..], store.values())))?;
    Ok(write_atomically(&to.join(STATE), |file| Ok(serde_json::to_writer(file, progress)?))?)
}

/// Restores the newest checkpoint that can be read, if there are any.
pub(crate) fn restore(
    directory: &Path,
    trainer: &mut impl Resumable,
    warn: &mut dyn FnMut(&str),
) -> Result<Option<Progress>, Error> {
    let mut reason = None;
    for path in list(directory, CHECKPOINT)?.iter().rev() {
        match read(path, trainer) {
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

fn read(path: &Path, trainer: &mut impl Resumable) -> Result<Progress, Error> {
    let state = path.join(STATE);
    let progress: Progress = read_record(&state)?;
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
    Ok(progress)
}

/// What has a name that begins with `prefix`, sorted: for names with a step, oldest first.
pub(crate) fn list(directory: &Path, prefix: &str) -> Result<Vec<PathBuf>, Error> {
    let names = names_in(directory)?.into_iter().filter(|name| name.starts_with(prefix));
    Ok(names.map(|name| directory.join(name)).collect())
}
