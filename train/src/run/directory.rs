//! A run's directory: who may write in it, what is in it, and whether it is the run that was asked for.

use std::path::{Path, PathBuf};

use mtlift_files::{
    Lock, Log, TensorFile, UNFINISHED, check_own_directory, make_directory, names_in, read_record,
    remove_if_there, save_tensors, write_record,
};
use mtlift_schedule::Selection;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::checkpoint::{self, Resumable};
use super::course::Course;
use super::description::Description;
use super::progress::Progress;
use crate::record::{ADAPTED, BEST, FailedRows, Failure, LOCK, RunFiles, Timing};
use crate::{Error, StepReport, Trainer};

/// That nothing of others is in a directory without a run, if it is there: a run removes what it no longer needs by name.
pub(crate) fn check_vacant(path: &Path) -> Result<(), Error> {
    if !path.exists() || RunFiles::at(path).is_begun() {
        return Ok(());
    }
    let ours = |name: &String| [LOCK, ADAPTED].contains(&name.as_str()) || name.starts_with(UNFINISHED);
    match names_in(path)?.into_iter().find(|name| !ours(name)) {
        None => Ok(()),
        Some(entry) => Err(Error::Occupied { directory: path.to_owned(), entry }),
    }
}

/// A run's directory, claimed: no other process writes there while this value lives.
#[derive(Debug)]
pub(crate) struct Directory {
    path: PathBuf,
    pub(crate) files: RunFiles,
    /// Released by the system when the process ends, however it ends.
    _lock: Lock,
    pub(crate) steps: Log,
    pub(crate) evaluations: Log,
    /// The best models of the last checkpoint, without which nothing could go on from it.
    saved_bests: Vec<PathBuf>,
}

impl Directory {
    /// Makes the directory, or finds that it holds this very run and may go on with it.
    pub(crate) fn claim(path: &Path, description: &Description, resume: bool) -> Result<Self, Error> {
        make_directory(path)?;
        check_own_directory(path)?;
        let files = RunFiles::at(path);
        let file = files.description_file();
        check_vacant(path)?;
        let lock =
            Lock::take(&files.lock_file())?.ok_or_else(|| Error::InUse { directory: path.to_owned() })?;
        for left in checkpoint::list(path, UNFINISHED)? {
            remove_if_there(&left)?;
        }
        if file.exists() {
            let differences = description.differs_from(&file)?;
            if !differences.is_empty() {
                return Err(Error::OtherRun {
                    directory: path.to_owned(),
                    differences: differences.join(", "),
                });
            }
            if !resume {
                return Err(Error::Exists { directory: path.to_owned() });
            }
        } else {
            description.write(&file)?;
        }
        let (steps, evaluations) = (Log::open(&files.steps_file())?, Log::open(&files.evaluations_file())?);
        Ok(Self { path: path.to_owned(), files, _lock: lock, steps, evaluations, saved_bests: Vec::new() })
    }

    /// What the run came to and took, if it is finished; what only a resumed run would need is then removed.
    pub(crate) fn finished<R: DeserializeOwned>(&self) -> Result<Option<(R, Timing)>, Error> {
        if !self.files.is_finished() {
            return Ok(None);
        }
        self.files.tidy()?;
        Ok(Some((read_record(&self.files.result_file())?, self.files.timing()?)))
    }

    /// Brings the trainer, the logs and the progress to the last checkpoint that is one of this course, or to the start.
    pub(crate) fn restore(
        &mut self,
        trainer: &mut impl Resumable,
        course: &Course,
        start: Progress,
        warn: &mut dyn FnMut(&str),
    ) -> Result<Progress, Error> {
        let check = |file: &Path, progress: &Progress| {
            let record = |what| mtlift_files::Error::Record { file: file.to_owned(), what };
            course.check_progress(progress, &start).map_err(record)?;
            self.steps.check_cut(progress.logs[0])?;
            self.evaluations.check_cut(progress.logs[1])?;
            match self.bests(progress).into_iter().find(|best| !best.is_file()) {
                Some(best) => Err(record(format!("its best model is missing: {}", best.display())).into()),
                None => Ok(()),
            }
        };
        let progress =
            checkpoint::restore(&self.path, trainer, check, warn)?.unwrap_or_else(|| start.clone());
        self.steps.cut(progress.logs[0])?;
        self.evaluations.cut(progress.logs[1])?;
        self.saved_bests = self.bests(&progress);
        self.remove_best_except(&progress)?;
        Ok(progress)
    }

    /// Saves a checkpoint; what it replaces is removed after it is on the disk.
    pub(crate) fn save(&mut self, trainer: &impl Resumable, progress: &mut Progress) -> Result<(), Error> {
        progress.combination = trainer.carried().to_vec();
        progress.logs = [self.steps.sync()?, self.evaluations.sync()?];
        checkpoint::save(&self.path, trainer, progress)?;
        self.saved_bests = self.bests(progress);
        self.remove_best_except(progress)
    }

    /// Saves the parameters as those of the best evaluation, which is that of the last step.
    pub(crate) fn save_best(&self, trainer: &Trainer, progress: &Progress) -> Result<(), Error> {
        let values = trainer.counting().values();
        save_tensors(&self.best(progress.step), &[("params", &[values.len()], values)])?;
        self.remove_best_except(progress)
    }

    /// Puts the parameters of the best evaluation back.
    pub(crate) fn load_best(&self, trainer: &mut Trainer, step: u64) -> Result<(), Error> {
        let file = TensorFile::open(&self.best(step))?;
        Ok(file.read_into("params", trainer.params.values_mut())?)
    }

    fn best(&self, step: u64) -> PathBuf {
        self.path.join(format!("{BEST}{step:010}.safetensors"))
    }

    /// The parameters of each task's best evaluation.
    fn bests(&self, progress: &Progress) -> Vec<PathBuf> {
        progress.selections.iter().filter_map(Selection::best).map(|best| self.best(best.step)).collect()
    }

    /// An older checkpoint may name an older best: a run that goes on from there meets the newer one again.
    fn remove_best_except(&self, progress: &Progress) -> Result<(), Error> {
        let kept = [self.bests(progress), self.saved_bests.clone()].concat();
        let all = checkpoint::list(&self.path, BEST)?;
        all.iter().filter(|&path| !kept.contains(path)).try_for_each(|path| Ok(remove_if_there(path)?))
    }

    /// Writes `failure.json` and gives the error. `rows` are those of the step by task, for all tasks of the run.
    pub(crate) fn fail(
        &self,
        step: u64,
        report: &StepReport,
        learning_rate: f64,
        rows: &[(&str, Vec<u32>)],
    ) -> Result<Error, Error> {
        let StepReport { loss, grad_norm, .. } = *report;
        let failure = Failure {
            step,
            loss: loss.to_string(),
            grad_norm: grad_norm.to_string(),
            learning_rate,
            rows: FailedRows::of(rows),
        };
        write_record(&self.files.failure_file(), &failure)?;
        let in_words = match &failure.rows {
            FailedRows::Rows(rows) => format!("{rows:?}"),
            FailedRows::ByTask(_) => {
                let there = rows.iter().filter(|(_, rows)| !rows.is_empty());
                there.map(|(task, rows)| format!("{rows:?} of {task}")).collect::<Vec<_>>().join(", ")
            }
        };
        Ok(Error::NotFinite { step, loss, grad_norm, learning_rate, rows: in_words })
    }

    /// Where the model goes; what a process that was killed left there is removed.
    pub(crate) fn model(&self, tasks: usize, task: &str) -> Result<PathBuf, Error> {
        let model = self.files.model(tasks, task);
        remove_if_there(&model)?;
        Ok(model)
    }

    /// Writes timing and result, the result last.
    pub(crate) fn close<R: Serialize>(mut self, result: &R, timing: &Timing) -> Result<(), Error> {
        self.steps.sync()?;
        self.evaluations.sync()?;
        write_record(&self.files.timing_file(), timing)?;
        write_record(&self.files.result_file(), result)?;
        self.files.tidy()
    }
}
