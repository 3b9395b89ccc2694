//! A run's directory as its readers know it: which file is where. Nobody else spells a name of these.

use std::path::{Path, PathBuf};

use mtlift_files::{UNFINISHED, names_in, read_log, read_record, remove_if_there};

use super::{EvaluationRecord, Failure, RunResult, StepRecord, Timing};
use crate::Error;

/// What stands for a split's name where predictions are of unused training rows that are scored beside dev.
pub const SCORE_ROWS: &str = "score-rows";
/// The name of the lock.
pub(crate) const LOCK: &str = "lock";
/// The run that a model was adapted to texts by, in the directory of the one that trained it further.
pub(crate) const ADAPTED: &str = "adapted";
/// How the names of checkpoints begin; their step follows.
pub(crate) const CHECKPOINT: &str = "checkpoint-";
/// How the names of the parameters of best evaluations begin.
pub(crate) const BEST: &str = "best-";

/// The files of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFiles {
    directory: PathBuf,
}

impl RunFiles {
    /// Those of the run in a directory, whether it is there or not.
    pub fn at(directory: &Path) -> Self {
        Self { directory: directory.to_owned() }
    }

    /// Whether the run is finished: its result is written last.
    pub fn is_finished(&self) -> bool {
        self.result_file().exists()
    }

    /// Whether the run is there: its description is written first.
    pub fn is_begun(&self) -> bool {
        self.description_file().exists()
    }

    /// The directory of the run by which its model was adapted to texts, if it was.
    pub fn adapted(&self) -> PathBuf {
        self.directory.join(ADAPTED)
    }

    /// What the run came to.
    ///
    /// # Errors
    /// If it is not finished, or its result is damaged.
    pub fn result(&self) -> Result<RunResult, Error> {
        Ok(read_record(&self.result_file())?)
    }

    /// What the run took.
    ///
    /// # Errors
    /// If it is not finished, or the file is damaged.
    pub fn timing(&self) -> Result<Timing, Error> {
        Ok(read_record(&self.timing_file())?)
    }

    /// All looks at the watched rows, in order; none of a run that did not train.
    ///
    /// # Errors
    /// If a line of the log is damaged.
    pub fn evaluations(&self) -> Result<Vec<EvaluationRecord>, Error> {
        let file = self.evaluations_file();
        Ok(if file.exists() { read_log(&file)? } else { Vec::new() })
    }

    /// All steps, in order.
    ///
    /// # Errors
    /// If there is no log, or a line of it is damaged.
    pub fn steps(&self) -> Result<Vec<StepRecord>, Error> {
        Ok(read_log(&self.steps_file())?)
    }

    /// Why the run failed, if it did when it was made last.
    ///
    /// # Errors
    /// If the file is damaged.
    pub fn failure(&self) -> Result<Option<Failure>, Error> {
        let file = self.failure_file();
        Ok(if file.exists() { Some(read_record(&file)?) } else { None })
    }

    /// Where the model of a task is, one of `tasks`.
    pub fn model(&self, tasks: usize, task: &str) -> PathBuf {
        self.directory.join(if tasks == 1 { "model".to_owned() } else { format!("model-{task}") })
    }

    /// Where a finished run with this result has its model for a task: the task's own, or the target's where it did not train
    /// on the task.
    pub fn model_for(&self, result: &RunResult, task: &str) -> PathBuf {
        let of = result.task(task).unwrap_or(&result.target);
        self.model(result.tasks().count(), &of.task)
    }

    /// The directories of the models that are there.
    ///
    /// # Errors
    /// If the directory cannot be read.
    pub fn models(&self) -> Result<Vec<PathBuf>, Error> {
        let names = names_in(&self.directory)?.into_iter();
        let models = names.filter(|name| name == "model" || name.starts_with("model-"));
        Ok(models.map(|name| self.directory.join(name)).collect())
    }

    /// Removes the models of all tasks. The rest of the run stays.
    ///
    /// # Errors
    /// If the directory cannot be read, or a model cannot be removed.
    pub fn remove_models(&self) -> Result<(), Error> {
        self.models()?.iter().try_for_each(|model| Ok(remove_if_there(model)?))
    }

    /// Where the predictions on a split of a task, or on its [`SCORE_ROWS`], are, one of `tasks`.
    pub fn predictions(&self, tasks: usize, task: &str, split: &str) -> PathBuf {
        self.directory.join(if tasks == 1 {
            format!("predictions-{split}.tsv")
        } else {
            format!("predictions-{task}-{split}.tsv")
        })
    }

    /// Where the first of the rows are that a model wrote for the run, of one that trains on such.
    pub fn written(&self) -> PathBuf {
        self.directory.join("written.tsv")
    }

    /// Where the first of the rows are that the run compares with their twins, of one that does so.
    pub fn twins(&self) -> PathBuf {
        self.directory.join("twins.tsv")
    }

    /// Removes from a finished run what only one that goes on would need: a process that was killed right after the result
    /// was written left it.
    ///
    /// # Errors
    /// If the directory cannot be read, or something in it cannot be removed.
    pub fn tidy(&self) -> Result<(), Error> {
        let is_left =
            |name: &String| [CHECKPOINT, BEST, UNFINISHED].iter().any(|prefix| name.starts_with(prefix));
        let left = names_in(&self.directory)?.into_iter().filter(is_left);
        left.into_iter().try_for_each(|name| Ok(remove_if_there(&self.directory.join(name))?))
    }

    pub(crate) fn description_file(&self) -> PathBuf {
        self.directory.join("run.json")
    }

    pub(crate) fn result_file(&self) -> PathBuf {
        self.directory.join("result.json")
    }

    pub(crate) fn timing_file(&self) -> PathBuf {
        self.directory.join("timing.json")
    }

    pub(crate) fn steps_file(&self) -> PathBuf {
        self.directory.join("steps.jsonl")
    }

    pub(crate) fn evaluations_file(&self) -> PathBuf {
        self.directory.join("evals.jsonl")
    }

    pub(crate) fn failure_file(&self) -> PathBuf {
        self.directory.join("failure.json")
    }

    pub(crate) fn lock_file(&self) -> PathBuf {
        self.directory.join(LOCK)
    }

    /// The directory itself.
    pub fn directory(&self) -> &Path {
        &self.directory
    }
}
