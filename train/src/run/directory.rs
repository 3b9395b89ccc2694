//! A run's directory: who may write in it, what is in it, and whether it is the run that was asked for.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use mtlift_files::{
    Lock, Log, TensorFile, UNFINISHED, make_directory, names_in, read_record, remove_if_there, save_tensors,
    write_atomically, write_record,
};
use mtlift_glue_data::TextEncoder;
use mtlift_schedule::Selection;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::checkpoint::{self, Progress};
use super::prepare::Part;
use super::result::{Outcome, RunResult, Timing};
use super::{Job, StepReport, model_directory};
use crate::differences::differences;
use crate::{Error, Rows, Trainer};

/// Part of every description: to be raised whenever a change makes the same run end with other bits.
pub const NUMERICS: u32 = 1;

const DESCRIPTION: &str = "run.json";
const RESULT: &str = "result.json";
const TIMING: &str = "timing.json";
const LOCK: &str = "lock";
const LOGS: [&str; 2] = ["steps.jsonl", "evals.jsonl"];

/// Everything that a run's outcome depends on: `run.json`.
#[derive(Clone, Debug)]
pub(super) struct Description {
    pub(super) protocol: &'static str,
    pub(super) seed: u64,
    pub(super) json: Value,
}

impl Description {
    pub(super) fn new(
        job: Job<'_>,
        parts: &[Part<'_>],
        encoder: &TextEncoder,
        total_steps: u64,
    ) -> Result<Self, Error> {
        let settings = job.settings;
        let rows = |rows: &Rows| json!({"split": rows.split, "rows": rows.encoded.rows(), "file": rows.hash});
        let task = |part: &Part<'_>| {
            let splits: Vec<Value> =
                [&part.train, &part.watched].into_iter().chain(&part.dev).map(rows).collect();
            json!({
                "task": part.task.name,
                "labels": part.head.labels.names,
                "head": part.head.origin,
                "metrics": part.task.metrics,
                "positive": part.task.labels.get(part.task.positive),
                "rows": splits,
            })
        };
        let mut json = json!({
            "mtlift": env!("CARGO_PKG_VERSION"),
            "numerics": NUMERICS,
            "model": hash_model(job.model)?,
            "tokenizer": encoder.fingerprint(),
            "max_tokens": encoder.max_tokens(),
            "tasks": parts.iter().map(task).collect::<Vec<_>>(),
            "steps": total_steps,
            "settings": settings,
        });
        if parts.len() > 1 {
            json["mixing"] = json!(job.mixing);
        }
        Ok(Self { protocol: settings.protocol.name(), seed: settings.seed, json })
    }
}

/// blake3 of the files that make the model: configuration and weights.
///
/// # Errors
/// If a file cannot be read.
pub fn hash_model(directory: &Path) -> Result<String, Error> {
    let unreadable = |file: &Path| {
        let file = file.to_owned();
        move |source| mtlift_files::Error::Unreadable { file, source }
    };
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(directory).map_err(unreadable(directory))? {
        let path = entry.map_err(unreadable(directory))?.path();
        let is_weights = path.extension().is_some_and(|extension| extension == "safetensors");
        if is_weights || path.file_name().is_some_and(|name| name == "config.json") {
            files.push(path);
        }
    }
    files.sort();
    let mut hasher = blake3::Hasher::new();
    for file in files {
        hasher.update_reader(File::open(&file).map_err(unreadable(&file))?).map_err(unreadable(&file))?;
    }
    Ok(hasher.finalize().to_hex().to_string())
}

/// A run's directory, claimed: no other process writes there while this value lives.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    /// Released by the system when the process ends, however it ends.
    _lock: Lock,
    pub(super) steps: Log,
    pub(super) evaluations: Log,
}

impl Directory {
    /// Makes the directory, or finds that it holds this very run and may go on with it.
    pub(super) fn claim(path: &Path, description: &Description, resume: bool) -> Result<Self, Error> {
        make_directory(path)?;
        let file = path.join(DESCRIPTION);
        // A run removes what it no longer needs by name, so nothing of others may be there.
        let ours = |name: &String| name == LOCK || name.starts_with(UNFINISHED);
        let other = names_in(path)?.into_iter().find(|name| !ours(name));
        if let Some(entry) = other.filter(|_| !file.exists()) {
            return Err(Error::Occupied { directory: path.to_owned(), entry });
        }
        let lock =
            Lock::take(&path.join(LOCK))?.ok_or_else(|| Error::InUse { directory: path.to_owned() })?;
        for left in checkpoint::list(path, UNFINISHED)? {
            remove_if_there(&left)?;
        }
        if file.exists() {
            let there: Value = read_record(&file)?;
            let differences = differences(&there, &description.json);
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
            write_atomically(&file, |file| Ok(serde_json::to_writer_pretty(file, &description.json)?))?;
        }
        let [steps, evaluations] = LOGS.map(|name| Log::open(&path.join(name)));
        Ok(Self { path: path.to_owned(), _lock: lock, steps: steps?, evaluations: evaluations? })
    }

    /// The outcome, if the run is finished; what only a resumed run would need is then removed.
    pub(super) fn finished(&self) -> Result<Option<Outcome>, Error> {
        if !self.path.join(RESULT).exists() {
            return Ok(None);
        }
        checkpoint::remove_all(&self.path)?;
        self.remove_best_except(None)?;
        let read = |name: &str| read_record::<Map<String, Value>>(&self.path.join(name));
        Ok(Some(Outcome { result: read(RESULT)?, timing: read(TIMING)? }))
    }

    /// Brings the trainer, the logs and the progress to the last checkpoint, or to the start.
    pub(super) fn restore(
        &mut self,
        trainer: &mut Trainer,
        start: impl FnOnce() -> Progress,
    ) -> Result<Progress, Error> {
        let progress = checkpoint::restore(&self.path, trainer)?.unwrap_or_else(start);
        self.steps.cut(progress.logs[0])?;
        self.evaluations.cut(progress.logs[1])?;
        self.remove_best_except(Some(&progress))?;
        Ok(progress)
    }

    /// Saves a checkpoint; what it replaces is removed after it is on the disk.
    pub(super) fn save(&mut self, trainer: &Trainer, progress: &mut Progress) -> Result<(), Error> {
        progress.logs = [self.steps.sync()?, self.evaluations.sync()?];
        checkpoint::save(&self.path, trainer, progress)?;
        self.remove_best_except(Some(progress))
    }

    /// Saves the parameters as those of the best evaluation.
    pub(super) fn save_best(&self, trainer: &Trainer, step: u64) -> Result<(), Error> {
        let values = trainer.params.values();
        Ok(save_tensors(&self.best(step), &[("params", &[values.len()], values)])?)
    }

    /// Puts the parameters of the best evaluation back.
    pub(super) fn load_best(&self, trainer: &mut Trainer, step: u64) -> Result<(), Error> {
        let file = TensorFile::open(&self.best(step))?;
        Ok(file.read_into("params", trainer.params.values_mut())?)
    }

    fn best(&self, step: u64) -> PathBuf {
        self.path.join(format!("best-{step:010}.safetensors"))
    }

    /// An older checkpoint may name an older best: a run that goes on from there meets the newer one again.
    fn remove_best_except(&self, progress: Option<&Progress>) -> Result<(), Error> {
        let selections = progress.map_or(&[][..], |progress| &progress.selections);
        let kept: Vec<PathBuf> =
            selections.iter().filter_map(Selection::best).map(|best| self.best(best.step)).collect();
        let all = checkpoint::list(&self.path, "best-")?;
        all.iter().filter(|&path| !kept.contains(path)).try_for_each(|path| Ok(remove_if_there(path)?))
    }

    /// Writes `failure.json` and gives the error. `rows` are those of the step by task, for all tasks of the run.
    pub(super) fn fail(
        &self,
        step: u64,
        report: &StepReport,
        learning_rate: f64,
        rows: &[(&str, Vec<u32>)],
    ) -> Result<Error, Error> {
        let file = self.path.join("failure.json");
        let (in_words, rows) = match rows {
            [(_, rows)] => (format!("{rows:?}"), json!(rows)),
            several => {
                let there = || several.iter().filter(|(_, rows)| !rows.is_empty());
                let in_words: Vec<String> =
                    there().map(|(task, rows)| format!("{rows:?} of {task}")).collect();
                let by_task: Map<String, Value> =
                    there().map(|(task, rows)| ((*task).to_owned(), json!(rows))).collect();
                (in_words.join(", "), by_task.into())
            }
        };
        // JSON has no NaN: numbers that may not be finite are written as text.
        let record = json!({
            "step": step,
            "loss": report.loss.to_string(),
            "grad_norm": report.grad_norm.to_string(),
            "learning_rate": learning_rate,
            "rows": rows,
        });
        write_atomically(&file, |to| writeln!(to, "{record:#}"))?;
        let StepReport { loss, grad_norm, .. } = *report;
        Ok(Error::NotFinite { step, loss, grad_norm, learning_rate, rows: in_words })
    }

    /// Where the model goes; what a process that was killed left there is removed.
    pub(super) fn model(&self, tasks: usize, task: &str) -> Result<PathBuf, Error> {
        let model = model_directory(&self.path, tasks, task);
        remove_if_there(&model)?;
        Ok(model)
    }

    /// Writes timing and result, the result last.
    pub(super) fn close(mut self, result: &RunResult, timing: &Timing) -> Result<Outcome, Error> {
        self.steps.sync()?;
        self.evaluations.sync()?;
        self.write(TIMING, timing)?;
        self.write(RESULT, result)?;
        let outcome = self.finished()?;
        Ok(outcome.expect("the result was just written"))
    }

    fn write(&self, name: &str, value: &impl Serialize) -> Result<(), Error> {
        Ok(write_record(&self.path.join(name), value)?)
    }
}
