//! A study as its users have it: opened, estimated, run, looked at.

use std::path::{Path, PathBuf};
use std::time::Duration;

use mtlift_files::read_record;
use mtlift_glue_data::{Task, TokenCache};
use mtlift_report::{Findings, SeedScore, html, tables};
use mtlift_train::{Observer, model_directory};

use crate::analysis;
use crate::calibration::{Calibration, Draws};
use crate::cost::{self, Estimate, RunPlan};
use crate::execute::{Failure, Watch, Workers, execute};
use crate::grid::{Entry, Grid};
use crate::store::{Orphan, Store};
use crate::subjects::Subjects;
use crate::{Error, Spec};

/// How long the machine's speed is measured.
const MEASURE: Duration = Duration::from_secs(3);

/// Where a study's model and tasks are, resolved from their names.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// The directory of [`Spec::model`].
    pub model: &'a Path,
    /// One for each of [`Spec::tasks`], in that order.
    pub tasks: &'a [Task],
    /// Where token ids are kept between runs, if anywhere.
    pub cache: Option<&'a TokenCache>,
}

/// A study with all its data read and checked.
#[derive(Clone, Debug)]
pub struct Study {
    spec: Spec,
    subjects: Subjects,
    grid: Grid,
    store: Store,
}

/// How far a study has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// For each run: what it is, and how far.
    pub runs: Vec<(String, RunStatus)>,
    /// Runs that the study does not ask for.
    pub orphans: Vec<Orphan>,
}

/// How far a run has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunStatus {
    /// Its result can be read.
    Finished,
    /// A process is making it.
    Running,
    /// It was begun, and nobody is making it.
    Begun,
    /// Not begun.
    Waiting,
    /// It has a result that cannot be read, for this reason.
    Unreadable(String),
}

/// What `gc` removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Freed {
    /// Runs that the study does not ask for.
    pub orphans: Vec<Orphan>,
    /// Runs of the study whose models nothing starts from any more.
    pub models: usize,
    /// Bytes that were freed.
    pub bytes: u64,
}

/// The steps and exposures of every run that a question takes, under its first seed.
///
/// # Errors
/// As [`Study::open`].
pub fn plan(spec: &Spec, sources: Sources<'_>, observer: &mut dyn Observer) -> Result<Vec<RunPlan>, Error> {
    spec.check()?;
    let spec = Spec { seeds: spec.seeds[..1].to_vec(), ..spec.clone() };
    let subjects = Subjects::read(&spec, sources, observer)?;
    let grid = Grid::new(&spec, &subjects)?;
    grid.runs.iter().map(|run| RunPlan::new(run, &subjects)).collect()
}

/// For each target of a study the model of the arm with the best mean, of the seed that scored best on the selecting
/// rows: task and directory, as far as the last report and the models on the disk go.
///
/// # Errors
/// If the study or its findings cannot be read, or a model is not there any more.
pub fn best_models(path: &Path) -> Result<Vec<(String, PathBuf)>, Error> {
    let read: Findings = read_record(&path.join("findings.json"))?;
    let mut models = Vec::new();
    for verdict in read.verdicts.iter().filter(|verdict| !verdict.best.is_empty()) {
        let target = &verdict.target;
        let arm = read.arms.iter().find(|arm| arm.target == *target && arm.label == verdict.best);
        // On a tie the first seed.
        let best = arm.and_then(|arm| {
            let order = |score: &&SeedScore| score.selected.unwrap_or(f64::NEG_INFINITY);
            arm.scores.iter().rev().max_by(|a, b| order(a).total_cmp(&order(b)))
        });
        let Some(best) = best else { continue };
        let run = path.join("runs").join(&best.run);
        let places = [model_directory(&run, 1, target), model_directory(&run, 2, target)];
        let model = places
            .iter()
            .find(|place| place.is_dir())
            .ok_or_else(|| Error::NoModel { run: best.run.clone(), target: target.clone() })?;
        models.push((target.clone(), model.clone()));
    }
    Ok(models)
}

impl Study {
    /// Reads and checks all that the study needs, and, if runs are left, measures the machine's speed with the threads of
    /// the caller. Also gives the ways in which a study that is there grows. Nothing is written before [`Study::run`].
    ///
    /// # Errors
    /// If anything is wrong with the question, model, data or directory.
    pub fn open(
        spec: &Spec,
        sources: Sources<'_>,
        path: &Path,
        resume: bool,
        observer: &mut dyn Observer,
    ) -> Result<(Self, Vec<String>), Error> {
        spec.check()?;
        let grown = Store::check(path, spec, resume)?;
        let mut subjects = Subjects::read(spec, sources, observer)?;
        let grid = Grid::new(spec, &subjects)?;
        let store = Store::at(path);
        if grid.runs.iter().any(|run| !store.has(run, &subjects, store.is_needed(&grid, &run.id))) {
            subjects.measure(spec, sources, MEASURE, observer)?;
        }
        Ok((Self { spec: spec.clone(), subjects, grid, store }, grown))
    }

    /// The question of the study in a directory.
    ///
    /// # Errors
    /// If there is none, or it cannot be read.
    pub fn spec_of(path: &Path) -> Result<Spec, Error> {
        Ok(Store::existing(path)?.1)
    }

    /// A study that is there, to be looked at.
    ///
    /// # Errors
    /// If it cannot be read, or its model or data have gone.
    pub fn existing(path: &Path, sources: Sources<'_>, observer: &mut dyn Observer) -> Result<Self, Error> {
        let (store, spec) = Store::existing(path)?;
        let subjects = Subjects::read(&spec, sources, observer)?;
        let grid = Grid::new(&spec, &subjects)?;
        Ok(Self { spec, subjects, grid, store })
    }

    /// What the runs that are left will cost with `jobs` at a time, where those that the study in `reuse` has are taken over.
    ///
    /// # Errors
    /// If a mixture cannot be made.
    pub fn estimate(&self, jobs: usize, reuse: Option<&Path>) -> Result<Estimate, Error> {
        let reuse = reuse.map(Store::at);
        let name = |entry: &Entry| {
            format!(
                "{}: {}",
                self.subjects.all[entry.target].task.name,
                analysis::arm_label(entry, &self.subjects, &self.spec)
            )
        };
        cost::estimate(&self.spec, &self.grid, &self.subjects, &self.store, reuse.as_ref(), jobs, name)
    }

    /// Makes the study's directory where there is none, and the runs that are left. Those that fail are given back; the
    /// rest goes on without them.
    ///
    /// # Errors
    /// If no run can be made at all.
    pub fn run(&self, workers: Workers<'_>, watch: &dyn Watch) -> Result<Vec<Failure>, Error> {
        self.store.begin(&self.spec)?;
        execute(&self.store, &self.grid, &self.subjects, self.spec.keep_models, workers, watch)
    }

    /// What the finished runs show; `command` is what makes the study.
    ///
    /// # Errors
    /// If the dev sets cannot be read. A run that cannot be read is a warning in the findings.
    pub fn findings(&self, command: &str) -> Result<Findings, Error> {
        analysis::findings(&self.spec, &self.subjects, &self.grid, &self.store, command)
    }

    /// Writes `findings.json`, `report.html` and `tables/`.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn write_report(&self, findings: &Findings) -> Result<(), Error> {
        self.store.write_record("findings.json", findings)?;
        self.store.write("report.html", &html(findings)?)?;
        for (name, text) in tables(findings) {
            let name = format!("tables/{name}");
            match text {
                Some(text) => self.store.write(&name, &text)?,
                // One of an earlier report would contradict this one.
                None => self.store.remove_file(&name)?,
            }
        }
        Ok(())
    }

    /// How often this study's test is wrong on small studies drawn from its own runs; nothing for arms with too few seeds
    /// or rows.
    ///
    /// # Errors
    /// If the dev sets cannot be read.
    pub fn calibrate(&self, draws: Draws) -> Result<Vec<Calibration>, Error> {
        analysis::calibration(&self.spec, &self.subjects, &self.grid, &self.store, draws)
    }

    /// How far it has come.
    ///
    /// # Errors
    /// If the directory cannot be read.
    pub fn status(&self) -> Result<Status, Error> {
        let status = |id: &str| {
            if self.store.is_finished(id) {
                match self.store.result(id) {
                    Ok(_) => RunStatus::Finished,
                    Err(error) => RunStatus::Unreadable(error.to_string()),
                }
            } else if self.store.is_claimed(id) {
                RunStatus::Running
            } else if self.store.run(id).exists() {
                RunStatus::Begun
            } else {
                RunStatus::Waiting
            }
        };
        let runs = self.grid.runs.iter().map(|run| (format!("{} ({})", run.label, run.id), status(&run.id)));
        Ok(Status { runs: runs.collect(), orphans: self.store.orphans(&self.grid)? })
    }

    /// Removes what the study does not need: runs that it does not ask for, and models from which nothing starts, except
    /// those that it keeps.
    ///
    /// # Errors
    /// If something cannot be removed.
    pub fn gc(&self) -> Result<Freed, Error> {
        let mut freed = Freed { orphans: self.store.orphans(&self.grid)?, ..Freed::default() };
        freed.orphans.retain(|orphan| !self.store.is_claimed(&orphan.id));
        for orphan in &freed.orphans {
            freed.bytes += self.store.bytes(&orphan.id);
            self.store.remove(&orphan.id)?;
        }
        if self.spec.keep_models == crate::KeepModels::Needed {
            for run in &self.grid.runs {
                let before = self.store.bytes(&run.id);
                if self.store.is_finished(&run.id) && !self.store.is_needed(&self.grid, &run.id) {
                    self.store.remove_models(&run.id)?;
                    let after = self.store.bytes(&run.id);
                    freed.models += usize::from(after < before);
                    freed.bytes += before - after;
                }
            }
        }
        Ok(freed)
    }
}
