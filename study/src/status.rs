//! How far a study has come, and the removal of what it does not need.

use mtlift_files::bytes_in;
use rayon::prelude::*;

use crate::analysis;
use crate::error::Error;
use crate::pace::{Work, seconds_left};
use crate::plan::{Plan, PlannedRun};
use crate::store::Orphan;
use crate::study::Study;

/// How far a study has come.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// For each run that is asked for: what it is, and how far.
    pub runs: Vec<(String, RunStatus)>,
    /// How far each target has come, in words, where there is a rule of when to stop.
    pub reached: Vec<String>,
    /// Runs that the study does not ask for.
    pub orphans: Vec<Orphan>,
    /// Minutes that one process at a time will need for what is left, as far as the finished runs tell.
    pub minutes_left: Option<f64>,
    /// Bytes of the study's directory.
    pub bytes: u64,
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
    /// It failed when it was made last, for this reason, and nobody is making it.
    Failed(String),
    /// Not begun.
    Waiting,
    /// It has a result that cannot be read, for this reason.
    Unreadable(String),
}

/// What a study does not need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unneeded {
    /// Runs that the study does not ask for.
    pub orphans: Vec<Orphan>,
    /// The ids of runs of the study whose models nothing starts from any more.
    pub models: Vec<String>,
    /// Bytes of all of it.
    pub bytes: u64,
}

impl Study {
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
            } else if let Some(why) = self.store.failure(id) {
                RunStatus::Failed(why)
            } else if self.store.run(id).exists() {
                RunStatus::Begun
            } else {
                RunStatus::Waiting
            }
        };
        let asked = self.asked()?;
        let runs = asked.now.runs().par_iter();
        let runs = runs.map(|run| (format!("{} ({})", run.label, run.id), status(&run.id))).collect();
        let (orphans, bytes) = (self.orphans()?, self.store.all_bytes());
        let reached = asked
            .courses
            .iter()
            .map(|(target, course)| analysis::reached_in_words(&self.spec, &self.survey, *target, course));
        let reached = reached.collect();
        Ok(Status { runs, reached, orphans, minutes_left: self.minutes_left(&asked.now)?, bytes })
    }

    fn minutes_left(&self, asked: &Plan) -> Result<Option<f64>, Error> {
        let ledger = self.known(asked, None).ledger;
        let (mut finished, mut left) = (Vec::new(), Vec::new());
        for run in asked.runs() {
            let steps = run.recipe.plan(&run.label, ledger.survey)?.steps;
            let work = Work { tasks: &run.tasks, steps };
            if !ledger.has(run) {
                left.push(work);
            } else if let Ok(there) = self.store.finished(&run.id) {
                finished.push((work, there.seconds));
            }
        }
        Ok(seconds_left(&finished, &left).map(|seconds| seconds / 60.0))
    }

    fn orphans(&self) -> Result<Vec<Orphan>, Error> {
        self.store.orphans(|id| self.plan.place(id).is_some())
    }

    /// What the study does not need: runs that it does not ask for and nobody makes, and models from which nothing starts,
    /// except those that it keeps.
    ///
    /// # Errors
    /// If the directory cannot be read.
    pub fn unneeded(&self) -> Result<Unneeded, Error> {
        let mut orphans = self.orphans()?;
        orphans.retain(|orphan| !self.store.is_claimed(&orphan.id));
        let mut bytes: u64 = orphans.iter().map(|orphan| self.store.bytes(&orphan.id)).sum();
        let mut models = Vec::new();
        let asked = self.asked()?;
        let ledger = self.known(&asked.most, None).ledger;
        let goes = |run: &&PlannedRun| !run.keeps_models(self.spec.keep_models);
        let done_with = |id: &str| self.store.is_finished(id) && !ledger.is_needed(id);
        for run in self.plan.runs().iter().filter(goes).filter(|run| done_with(&run.id)) {
            let there = self.store.models(&run.id)?;
            bytes += there.iter().map(|model| bytes_in(model)).sum::<u64>();
            models.extend((!there.is_empty()).then(|| run.id.clone()));
        }
        Ok(Unneeded { orphans, models, bytes })
    }

    /// Removes what the study does not need, and says what that was.
    ///
    /// # Errors
    /// If something cannot be removed.
    pub fn gc(&self) -> Result<Unneeded, Error> {
        let unneeded = self.unneeded()?;
        unneeded.orphans.iter().try_for_each(|orphan| self.store.remove(&orphan.id))?;
        unneeded.models.iter().try_for_each(|id| self.store.remove_models(id))?;
        Ok(unneeded)
    }
}
