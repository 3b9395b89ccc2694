//! A study as its users have it: opened, estimated, run, looked at.

use std::path::Path;

use mtlift_report::{Findings, html, tables};
use mtlift_train::{Observer, Rehearsal};

use crate::analysis::{self, Invocation};
use crate::asked::Asked;
use crate::calibration::{Calibration, Draws};
use crate::cost::{Estimate, Known};
use crate::error::Error;
use crate::execute::{Made, Watch, Workers, execute};
use crate::grid;
use crate::label;
use crate::ledger::Ledger;
use crate::measure::measure;
use crate::plan::{Entry, Plan};
use crate::run_plan::RunPlan;
use crate::spec::Spec;
use crate::store::Store;
use crate::survey::{Sources, Survey};

/// A study with all its data read and checked.
#[derive(Clone, Debug)]
pub struct Study {
    pub(crate) spec: Spec,
    pub(crate) survey: Survey,
    pub(crate) plan: Plan,
    pub(crate) store: Store,
    /// Each task, and the machine's speed with the first; empty where no run is to be made.
    measured: Vec<Rehearsal>,
}

/// The steps and exposures of every run that a question takes, under its first seed.
///
/// # Errors
/// As [`Study::open`].
pub fn plan(spec: &Spec, sources: Sources<'_>) -> Result<Vec<RunPlan>, Error> {
    spec.check()?;
    let spec = Spec { seeds: spec.seeds[..1].to_vec(), ..spec.clone() };
    let survey = Survey::read(&spec, sources)?;
    let plan = grid::plan(&spec, &survey)?;
    plan.runs().iter().map(|run| run.recipe.plan(&run.label, &survey)).collect()
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
        let survey = Survey::read(spec, sources)?;
        let plan = grid::plan(spec, &survey)?;
        let store = Store::at(path);
        let most = asked(spec, &survey, &plan, &store)?.most;
        let ledger = Ledger { plan: &most, survey: &survey, store: &store, other: None };
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
        let survey = Survey::read(&spec, sources)?;
        let plan = grid::plan(&spec, &survey)?;
        Ok(Self { spec, survey, plan, store, measured: Vec::new() })
    }

    /// What the user should know of the tasks before the first run, a line each: imbalance, and supports without a dev score.
    pub fn notes(&self) -> Vec<String> {
        self.survey.notes(&self.spec)
    }

    /// What the runs that are left will cost with `jobs` at a time, where those that the study in `reuse` has are taken over. With a
    /// rule of when to stop it is the most that they may cost.
    ///
    /// # Errors
    /// If a mixture cannot be made.
    pub fn estimate(&self, jobs: usize, reuse: Option<&Path>) -> Result<Estimate, Error> {
        let reuse = reuse.map(Store::at);
        let name = |entry: &Entry| label::entry(entry, &self.survey, &self.spec);
        self.known(&self.asked()?.most, reuse.as_ref()).estimate(jobs, name)
    }

    /// What the study asks for by the runs that it has.
    pub(crate) fn asked(&self) -> Result<Asked<'_>, Error> {
        asked(&self.spec, &self.survey, &self.plan, &self.store)
    }

    /// What is known of the study's plan, or a part of it.
    pub(crate) fn known<'a>(&'a self, plan: &'a Plan, other: Option<&'a Store>) -> Known<'a> {
        let Self { spec, survey, store, measured, .. } = self;
        Known { spec, ledger: Ledger { plan, survey, store, other }, measured }
    }

    /// Makes the study's directory where there is none, and the runs that are left, or as many as the rule of when to stop asks for.
    /// Those that fail are given back; the rest goes on without them.
    ///
    /// # Errors
    /// If no run can be made at all.
    pub fn run(&self, workers: Workers<'_>, watch: &dyn Watch) -> Result<Made, Error> {
        self.store.begin(&self.spec)?;
        let reuse = workers.reuse.map(Store::at);
        let costs = self.known(&self.asked()?.most, reuse.as_ref()).costs()?;
        execute(&self.spec, self.known(&self.plan, reuse.as_ref()).ledger, costs, workers, watch)
    }

    /// What the finished runs show.
    ///
    /// # Errors
    /// If the dev sets cannot be read. A run that cannot be read is a warning in the findings.
    pub fn findings(&self, invocation: Invocation<'_>) -> Result<Findings, Error> {
        analysis::findings(&self.spec, &self.survey, &self.plan, &self.asked()?, &self.store, invocation)
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
    /// or rows. Also a line on each run that could not be read and is left out.
    ///
    /// # Errors
    /// If a small study cannot be compared.
    pub fn calibrate(&self, draws: Draws) -> Result<(Vec<Calibration>, Vec<String>), Error> {
        analysis::calibration(&self.spec, &self.survey, &self.plan, &self.store, draws)
    }
}

/// What a study asks for, by the runs that it has. A run that failed, and what needs it, is not waited for.
fn asked<'a>(spec: &Spec, survey: &Survey, plan: &'a Plan, store: &Store) -> Result<Asked<'a>, Error> {
    let failed = |id: &str| !store.is_finished(id) && store.failure(id).is_some();
    let is_over = |chain: &[String]| {
        chain.iter().all(|id| store.is_finished(id))
            || chain.iter().any(|id| plan.with_needs(id).into_iter().any(failed))
    };
    let follow = |target| Ok((target, analysis::course(spec, survey, plan, store, target, &is_over)?));
    let courses = match spec.until {
        Some(_) => survey.places(&spec.targets).map(follow).collect::<Result<_, Error>>()?,
        None => Vec::new(),
    };
    Ok(Asked::along(plan, courses, spec.seeds.len()))
}
