//! What a run writes down as it goes: a JSON object a line, with nothing in it that depends on the machine's speed.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use mtlift_eval::Scores;
use serde::Serialize;

use crate::{Error, StepReport};

/// A line of `steps.jsonl`.
#[derive(Clone, Debug, Serialize)]
pub(super) struct StepRecord {
    /// Steps made.
    step: u64,
    /// Epochs made.
    epoch: f64,
    /// The rate of this step.
    learning_rate: f64,
    /// Its loss: for one task the mean over its examples.
    loss: f64,
    /// The gradients' norm before clipping.
    grad_norm: f64,
    /// Real tokens.
    tokens: usize,
}

impl StepRecord {
    pub(super) fn new(step: u64, epoch: f64, learning_rate: f64, report: &StepReport) -> Self {
        let StepReport { loss, grad_norm, tokens } = *report;
        Self { step, epoch, learning_rate, loss, grad_norm, tokens }
    }
}

/// A line of `evals.jsonl`.
#[derive(Clone, Debug, Serialize)]
pub struct EvaluationRecord {
    /// Steps made.
    pub step: u64,
    /// Epochs made.
    pub epoch: f64,
    /// The task.
    pub task: String,
    /// The rows looked at.
    pub rows: String,
    /// What they scored.
    pub scores: Scores,
    /// Whether this is the best model so far.
    pub selected: bool,
}

/// A file of lines that can be cut back to where a checkpoint was.
#[derive(Debug)]
pub(super) struct Log {
    file: File,
    path: PathBuf,
    length: u64,
}

impl Log {
    /// Opens the file, to be cut before the first line is added.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let file = OpenOptions::new().create(true).append(true).open(path);
        let file = file.map_err(|source| Error::Unwritable { file: path.to_owned(), source })?;
        Ok(Self { file, path: path.to_owned(), length: 0 })
    }

    /// Forgets what is past `length`.
    pub(super) fn cut(&mut self, length: u64) -> Result<(), Error> {
        self.length = length;
        self.file.set_len(length).map_err(|source| Error::Unwritable { file: self.path.clone(), source })
    }

    /// Adds a line.
    pub(super) fn append(&mut self, record: &impl Serialize) -> Result<(), Error> {
        let unwritable = |source| Error::Unwritable { file: self.path.clone(), source };
        let mut line = serde_json::to_vec(record).map_err(|source| unwritable(source.into()))?;
        line.push(b'\n');
        self.file.write_all(&line).map_err(unwritable)?;
        self.length += line.len() as u64;
        Ok(())
    }

    /// Flushes to the disk and says how long the file is.
    pub(super) fn sync(&mut self) -> Result<u64, Error> {
        self.file.sync_data().map_err(|source| Error::Unwritable { file: self.path.clone(), source })?;
        Ok(self.length)
    }
}
