//! A study as its users have it: opened, estimated, run, looked at.

use std::path::{Path, PathBuf};
use std::time::Duration;

use mtlift_files::read_record;
use mtlift_glue_data::{Task, TokenCache};
use mtlift_report::{Findings, SeedScore, html, tables};
use mtlift_schedule::HeadStart;
use mtlift_train::{Job, JobTask, Mixing, Observer, Rehearsal, RunFiles, Settings, rehearse};
use rayon::prelude::*;

use crate::analysis;
use crate::calibration::{Calibration, Draws};
use crate::cost::{Estimate, Known};
use crate::execute::{Failure, Watch, Workers, execute};
use crate::grid;
use crate::label;
use crate::ledger::Ledger;
use crate::plan::{Entry, Plan};
use crate::run_plan::RunPlan;
use crate::store::{Orphan, Store};
use crate::survey::Survey;
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
    survey: Survey,
    plan: Plan,
    store: Store,
    /// Each task, and the machine's speed with the first; empty where no run is to be made.
    measured: Vec<Rehearsal>,
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
pub fn plan(spec: &Spec, sources: Sources<'_>) -> Result<Vec<RunPlan>, Error> {
    spec.check()?;
    let spec = Spec { seeds: spec.seeds[..1].to_vec(), ..spec.clone() };
    let survey = Survey::read(&spec, sources.model, sources.tasks)?;
    let plan = grid::plan(&spec, &survey)?;
    plan.runs().iter().map(|run| run.recipe.plan(&run.label, &survey)).collect()
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
        let files = RunFiles::at(&path.join("runs").join(&best.run));
        let places = [1, 2].map(|tasks| files.model(tasks, target));
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
        let survey = Survey::read(spec, sources.model, sources.tasks)?;
        let plan = grid::plan(spec, &survey)?;
        let store = Store::at(path);
        let ledger = Ledger { plan: &plan, survey: &survey, store: &store, other: None };
        let is_left = ledger.missing().next().is_some();
        let measured = if is_left { measure(spec, &survey, sources, observer)? } else { Vec::new() };
        Ok((Self { spec: spec.clone(), survey, plan, store, measured }, grown))
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
    pub fn existing(path: &Path, sources: Sources<'_>) -> Result<Self, Error> {
        let (store, spec) = Store::existing(path)?;
        let survey = Survey::read(&spec, sources.model, sources.tasks)?;
        let plan = grid::plan(&spec, &survey)?;
        Ok(Self { spec, survey, plan, store, measured: Vec::new() })
    }

    /// What the runs that are left will cost with `jobs` at a time, where those that the study in `reuse` has are taken over.
    ///
    /// # Errors
    /// If a mixture cannot be made.
    pub fn estimate(&self, jobs: usize, reuse: Option<&Path>) -> Result<Estimate, Error> {
        let reuse = reuse.map(Store::at);
        let name = |entry: &Entry| {
            let target = &self.survey.all[entry.target].task.name;
            format!("{target}: {}", label::arm(entry, &self.survey, &self.spec))
        };
        self.known(reuse.as_ref()).estimate(jobs, name)
    }

    fn known<'a>(&'a self, other: Option<&'a Store>) -> Known<'a> {
        let Self { spec, survey, plan, store, measured } = self;
        Known { spec, ledger: Ledger { plan, survey, store, other }, measured }
    }

    /// Makes the study's directory where there is none, and the runs that are left. Those that fail are given back; the
    /// rest goes on without them.
    ///
    /// # Errors
    /// If no run can be made at all.
    pub fn run(&self, workers: Workers<'_>, watch: &dyn Watch) -> Result<Vec<Failure>, Error> {
        self.store.begin(&self.spec)?;
        let reuse = workers.reuse.map(Store::at);
        let known = self.known(reuse.as_ref());
        execute(known.ledger, known.costs()?, self.spec.keep_models, workers, watch)
    }

    /// What the finished runs show; `command` is what makes the study.
    ///
    /// # Errors
    /// If the dev sets cannot be read. A run that cannot be read is a warning in the findings.
    pub fn findings(&self, command: &str) -> Result<Findings, Error> {
        analysis::findings(&self.spec, &self.survey, &self.plan, &self.store, command)
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
        analysis::calibration(&self.spec, &self.survey, &self.plan, &self.store, draws)
    }

    /// How far it has come.
    ///
    /// # Errors
    /// If the directory cannot be read.
    pub fn status(&self) -> Result<Status, Error> {
        let status = |id: &str| {
            if self.store.is_finished(id) {
                match self.store.finished(id) {
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
        let runs = self.plan.runs().par_iter();
        let runs = runs.map(|run| (format!("{} ({})", run.label, run.id), status(&run.id))).collect();
        Ok(Status { runs, orphans: self.orphans()? })
    }

    fn orphans(&self) -> Result<Vec<Orphan>, Error> {
        self.store.orphans(|id| self.plan.place(id).is_some())
    }

    /// Removes what the study does not need: runs that it does not ask for, and models from which nothing starts, except
    /// those that it keeps.
    ///
    /// # Errors
    /// If something cannot be removed.
    pub fn gc(&self) -> Result<Freed, Error> {
        let mut freed = Freed { orphans: self.orphans()?, ..Freed::default() };
        freed.orphans.retain(|orphan| !self.store.is_claimed(&orphan.id));
        for orphan in &freed.orphans {
            freed.bytes += self.store.bytes(&orphan.id);
            self.store.remove(&orphan.id)?;
        }
        let ledger = self.known(None).ledger;
        if self.spec.keep_models == crate::KeepModels::Needed {
            for run in self.plan.runs() {
                let before = self.store.bytes(&run.id);
                if self.store.is_finished(&run.id) && !ledger.is_needed(&run.id) {
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

/// Reads, tokenises and checks what the runs will, and trains on the first task for a while.
fn measure(
    spec: &Spec,
    survey: &Survey,
    sources: Sources<'_>,
    observer: &mut dyn Observer,
) -> Result<Vec<Rehearsal>, Error> {
    let settings = Settings { seed: spec.seeds[0], ..spec.settings.clone() };
    let mut measured = Vec::new();
    for (place, subject) in survey.all.iter().enumerate() {
        let job = Job {
            model: sources.model,
            tasks: &[JobTask { task: &subject.task, max_train: None }],
            mixing: &Mixing::default(),
            start: HeadStart::Fresh,
            settings: &settings,
            out: Path::new(""),
            cache: sources.cache,
            resume: false,
        };
        measured.push(rehearse(job, (place == 0).then_some(MEASURE), observer)?);
    }
    Ok(measured)
}
