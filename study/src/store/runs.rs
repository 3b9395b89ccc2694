//! The runs of a study, by id: where they are, who makes them, what they came to.

use std::path::PathBuf;

use mtlift_files::{Lock, bytes_in, remove_if_there, write_record};
use mtlift_train::{RunFiles, RunResult};
use serde_json::{Value, json};

use super::Store;
use crate::error::Error;

/// A finished run, as far as a study looks at it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Finished {
    pub(crate) result: RunResult,
    /// What it took, evaluations and all.
    pub(crate) seconds: f64,
}

impl Store {
    /// A run's directory.
    pub(crate) fn run(&self, id: &str) -> PathBuf {
        self.runs().join(id)
    }

    /// A run's files.
    pub(crate) fn files(&self, id: &str) -> RunFiles {
        RunFiles::at(&self.run(id))
    }

    pub(super) fn beside(&self, id: &str, extension: &str) -> PathBuf {
        self.runs().join(format!("{id}.{extension}"))
    }

    /// Claims a run for this process; none if another has it. The claim ends with the value, or with the process. What the
    /// run is, for people and in full, is written beside it.
    pub(crate) fn claim(&self, id: &str, label: &str, description: &Value) -> Result<Option<Lock>, Error> {
        let Some(lock) = Lock::take(&self.beside(id, "lock"))? else { return Ok(None) };
        let file = self.beside(id, "json");
        if !file.exists() {
            let version = env!("CARGO_PKG_VERSION");
            write_record(&file, &json!({"label": label, "mtlift": version, "description": description}))?;
        }
        Ok(Some(lock))
    }

    /// Whether another process is making a run.
    pub(crate) fn is_claimed(&self, id: &str) -> bool {
        Lock::is_held(&self.beside(id, "lock"))
    }

    /// Whether a run has a result, readable or not.
    pub(crate) fn is_finished(&self, id: &str) -> bool {
        self.files(id).is_finished()
    }

    /// What a run came to.
    pub(crate) fn result(&self, id: &str) -> Result<RunResult, Error> {
        Ok(self.files(id).result()?)
    }

    /// What a run came to, and what it took.
    pub(crate) fn finished(&self, id: &str) -> Result<Finished, Error> {
        let files = self.files(id);
        Ok(Finished { result: files.result()?, seconds: files.timing()?.seconds })
    }

    /// Why a run failed, if it did when it was made last.
    pub(crate) fn failure(&self, id: &str) -> Option<String> {
        match self.files(id).failure() {
            Ok(failure) => failure.map(|failure| {
                let (step, loss, norm) = (failure.step, failure.loss, failure.grad_norm);
                format!("at step {step} the loss was {loss} and the gradient norm {norm}")
            }),
            Err(error) => Some(error.to_string()),
        }
    }

    /// Where a finished run left the model of a task.
    pub(crate) fn model(&self, id: &str, task: &str) -> Result<PathBuf, Error> {
        Ok(self.files(id).model(self.result(id)?.tasks().count(), task))
    }

    /// The models that a run has.
    pub(crate) fn models(&self, id: &str) -> Result<Vec<PathBuf>, Error> {
        Ok(self.files(id).models()?)
    }

    /// Removes a run's models. The rest of it stays.
    pub(crate) fn remove_models(&self, id: &str) -> Result<(), Error> {
        Ok(self.files(id).remove_models()?)
    }

    /// Removes what a run left, for it to be made again by whoever has claimed it.
    pub(crate) fn clear(&self, id: &str) -> Result<(), Error> {
        Ok(remove_if_there(&self.run(id))?)
    }

    /// Removes a run that nobody has claimed.
    pub(crate) fn remove(&self, id: &str) -> Result<(), Error> {
        self.clear(id)?;
        remove_if_there(&self.beside(id, "json"))?;
        Ok(remove_if_there(&self.beside(id, "lock"))?)
    }

    /// Bytes of a run.
    pub(crate) fn bytes(&self, id: &str) -> u64 {
        bytes_in(&self.run(id))
    }
}
