//! A study on disk.
//!
//! ```text
//! study.json          what was asked
//! runs/ID.json        what a run is, written before it begins; ID is the hash of its description
//! runs/ID.lock        held by the process that is making it
//! runs/ID/            the run, as `train` leaves it; result.json is written last
//! findings.json, report.html, tables/   written anew whenever they are asked for
//! ```
//!
//! Nothing else is state. Several processes may work on a study, and any of them may be killed at any moment: what is
//! done is what has a result, and a lock is released by the system.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use mtlift_files::{
    Lock, UNFINISHED, bytes_in, copy_directory, make_directory, names_in, read_record, remove_if_there,
    rename_atomically, write_atomically, write_record,
};
use mtlift_train::{NUMERICS, model_directory};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::grid::{Grid, PlannedRun};
use crate::subjects::Subjects;
use crate::{Error, Spec};

const STUDY: &str = "study.json";
const RUNS: &str = "runs";
/// What may stand in a study's directory, besides temporary files.
const OURS: [&str; 5] = [STUDY, RUNS, "findings.json", "report.html", "tables"];

/// A study's directory.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    path: PathBuf,
}

/// What `result.json` and `timing.json` say, as far as a study reads them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Finished {
    pub(crate) steps: u64,
    pub(crate) tokens: u64,
    pub(crate) seconds: f64,
    pub(crate) tasks: Vec<TaskResult>,
}

/// A task's part of `result.json`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct TaskResult {
    pub(crate) task: String,
    pub(crate) metrics: Metrics,
    pub(crate) train_rows: usize,
    pub(crate) seen: u64,
    pub(crate) selected_score: Option<f64>,
    pub(crate) parameters: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct Metrics {
    pub(crate) headline: f64,
    pub(crate) degenerate: Option<String>,
}

/// A run that the study does not ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orphan {
    /// Its id.
    pub id: String,
    /// What it is, as far as it says so.
    pub label: String,
    /// Why it is not used.
    pub reason: String,
}

impl Store {
    /// The study that is, or is to be, in a directory.
    pub(crate) fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// Whether a directory can hold a study: it is empty or not there, or holds this very study, or a smaller one that
    /// `spec` grows. Says in which way it grows.
    pub(crate) fn check(path: &Path, spec: &Spec, resume: bool) -> Result<Vec<String>, Error> {
        let store = Self::at(path);
        let mut grown = Vec::new();
        if store.file().exists() {
            let there = store.spec()?;
            grown = there.grown_into(spec).map_err(|differences| Error::OtherStudy {
                directory: path.to_owned(),
                differences: differences.join(", "),
            })?;
            if !resume {
                return Err(Error::Exists { directory: path.to_owned() });
            }
        } else if path.exists() {
            let ours = |name: &str| name.starts_with(UNFINISHED) || OURS[1..].contains(&name);
            if let Some(entry) = names_in(path)?.into_iter().find(|name| !ours(name)) {
                return Err(Error::Occupied { directory: path.to_owned(), entry });
            }
        }
        Ok(grown)
    }

    /// Makes the study's directory, or lets the study that is there grow. Another process may have done so since
    /// [`Store::check`]: the two work together.
    pub(crate) fn begin(&self, spec: &Spec) -> Result<(), Error> {
        let grown = Self::check(&self.path, spec, true)?;
        make_directory(&self.path.join(RUNS))?;
        if !self.file().exists() || !grown.is_empty() {
            write_record(&self.file(), &json!(spec))?;
        }
        Ok(())
    }

    /// Takes over a finished run of another study, if it has it. What is made is complete or not there.
    pub(crate) fn adopt(&self, other: &Store, id: &str) -> Result<bool, Error> {
        if !other.is_finished(id) {
            return Ok(false);
        }
        let unfinished = self.path.join(RUNS).join(format!("{UNFINISHED}{id}"));
        remove_if_there(&unfinished)?;
        copy_directory(&other.run(id), &unfinished)?;
        remove_if_there(&self.run(id))?;
        rename_atomically(&unfinished, &self.run(id))?;
        Ok(true)
    }

    /// A study that is there.
    pub(crate) fn existing(path: &Path) -> Result<(Self, Spec), Error> {
        let store = Self::at(path);
        if !store.file().exists() {
            return Err(Error::NoStudy { directory: path.to_owned() });
        }
        let spec = store.spec()?;
        spec.check()?;
        Ok((store, spec))
    }

    fn spec(&self) -> Result<Spec, Error> {
        Ok(read_record(&self.file())?)
    }

    fn file(&self) -> PathBuf {
        self.path.join(STUDY)
    }

    /// Writes a text file of the study.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<(), Error> {
        let file = self.path.join(name);
        if let Some(parent) = file.parent() {
            make_directory(parent)?;
        }
        Ok(write_atomically(&file, |to| writeln!(to, "{}", text.trim_end_matches('\n')))?)
    }

    /// Writes a record of the study.
    pub(crate) fn write_record(&self, name: &str, record: &impl Serialize) -> Result<(), Error> {
        Ok(write_record(&self.path.join(name), record)?)
    }

    /// Removes a file of the study, if it is there.
    pub(crate) fn remove_file(&self, name: &str) -> Result<(), Error> {
        Ok(remove_if_there(&self.path.join(name))?)
    }

    /// A run's directory.
    pub(crate) fn run(&self, id: &str) -> PathBuf {
        self.path.join(RUNS).join(id)
    }

    fn beside(&self, id: &str, extension: &str) -> PathBuf {
        self.path.join(RUNS).join(format!("{id}.{extension}"))
    }

    /// Claims a run for this process; none if another has it. The claim ends with the value, or with the process.
    pub(crate) fn claim(&self, run: &PlannedRun) -> Result<Option<Lock>, Error> {
        let Some(lock) = Lock::take(&self.beside(&run.id, "lock"))? else { return Ok(None) };
        let what =
            json!({"label": run.label, "mtlift": env!("CARGO_PKG_VERSION"), "description": run.description});
        let description = self.beside(&run.id, "json");
        if !description.exists() {
            write_record(&description, &what)?;
        }
        Ok(Some(lock))
    }

    /// Whether another process is making a run.
    pub(crate) fn is_claimed(&self, id: &str) -> bool {
        Lock::is_held(&self.beside(id, "lock"))
    }

    /// Whether a run need not be made: it has a result, and its models where it is `needed` as a start.
    pub(crate) fn has(&self, run: &PlannedRun, subjects: &Subjects, needed: bool) -> bool {
        let mut tasks = run.tasks.iter().map(|part| &subjects.all[part.task].task.name);
        self.is_finished(&run.id) && (!needed || tasks.all(|task| self.model(run, task).exists()))
    }

    /// Whether a run has a result, readable or not.
    pub(crate) fn is_finished(&self, id: &str) -> bool {
        self.run(id).join("result.json").exists()
    }

    /// Why a run failed, if it did when it was made last.
    pub(crate) fn failure(&self, id: &str) -> Option<String> {
        #[derive(Deserialize)]
        struct Failure {
            step: u64,
            loss: String,
            grad_norm: String,
        }
        let file = self.run(id).join("failure.json");
        file.exists().then(|| match read_record(&file) {
            Ok(Failure { step, loss, grad_norm }) => {
                format!("at step {step} the loss was {loss}, the norm of the gradients {grad_norm}")
            }
            Err(error) => error.to_string(),
        })
    }

    /// The result of a run.
    pub(crate) fn result(&self, id: &str) -> Result<Finished, Error> {
        #[derive(Deserialize)]
        struct Result {
            steps: u64,
            tokens: u64,
            #[serde(flatten)]
            target: TaskResult,
            #[serde(default)]
            supports: Vec<TaskResult>,
        }
        #[derive(Deserialize)]
        struct Timing {
            seconds: f64,
        }
        let directory = self.run(id);
        let Result { steps, tokens, target, supports } = read_record(&directory.join("result.json"))?;
        let Timing { seconds } = read_record(&directory.join("timing.json"))?;
        let tasks = [target].into_iter().chain(supports).collect();
        Ok(Finished { steps, tokens, seconds, tasks })
    }

    /// Where a run left the model of a task.
    pub(crate) fn model(&self, run: &PlannedRun, task: &str) -> PathBuf {
        model_directory(&self.run(&run.id), run.tasks.len(), task)
    }

    /// Removes a run's models. The rest of it stays.
    pub(crate) fn remove_models(&self, id: &str) -> Result<(), Error> {
        let directory = self.run(id);
        let models = names_in(&directory).unwrap_or_default();
        let models = models.iter().filter(|name| *name == "model" || name.starts_with("model-"));
        models.into_iter().try_for_each(|name| Ok(remove_if_there(&directory.join(name))?))
    }

    /// Removes what killed processes left half written beside the runs. Only for when nobody is making a run.
    pub(crate) fn tidy(&self) -> Result<(), Error> {
        let runs = self.path.join(RUNS);
        let left = names_in(&runs)?.into_iter().filter(|name| name.starts_with(UNFINISHED));
        left.into_iter().try_for_each(|name| Ok(remove_if_there(&runs.join(name))?))
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

    /// Whether an unfinished run starts from this one.
    pub(crate) fn is_needed(&self, grid: &Grid, id: &str) -> bool {
        self.is_needed_beside(None, grid, id)
    }

    /// As [`Store::is_needed`], where runs that are finished in `other` need not be made.
    pub(crate) fn is_needed_beside(&self, other: Option<&Store>, grid: &Grid, id: &str) -> bool {
        let is_finished = |id: &str| self.is_finished(id) || other.is_some_and(|other| other.is_finished(id));
        let starts_from = |run: &&PlannedRun| run.parents().iter().any(|parent| parent == id);
        grid.runs.iter().filter(starts_from).any(|run| !is_finished(&run.id))
    }

    /// The runs that `grid` does not ask for, by id.
    pub(crate) fn orphans(&self, grid: &Grid) -> Result<Vec<Orphan>, Error> {
        #[derive(Deserialize)]
        struct Described {
            label: String,
            description: Value,
        }
        // A run may have lost its description, or its directory; what has no run's name is somebody's own.
        let is_run = |name: &str| name.len() == 16 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        let names = names_in(&self.path.join(RUNS))?;
        let ids: BTreeSet<&str> = names
            .iter()
            .map(|name| name.strip_suffix(".json").unwrap_or(name))
            .filter(|id| is_run(id))
            .collect();
        let mut orphans = Vec::new();
        for id in ids {
            if grid.runs.iter().any(|run| run.id == id) {
                continue;
            }
            let described = read_record::<Described>(&self.beside(id, "json"));
            let (label, reason) = match described {
                Err(error) => ("unknown".to_owned(), error.to_string()),
                Ok(Described { label, description }) => {
                    let numerics = description["numerics"].as_u64();
                    let reason = if numerics != Some(u64::from(NUMERICS)) {
                        "made by another version of mtlift, whose runs end with other bits".to_owned()
                    } else {
                        "made with data, a model or settings that this study does not have".to_owned()
                    };
                    (label, reason)
                }
            };
            orphans.push(Orphan { id: id.to_owned(), label, reason });
        }
        Ok(orphans)
    }

    /// Bytes of a run.
    pub(crate) fn bytes(&self, id: &str) -> u64 {
        bytes_in(&self.run(id))
    }
}
