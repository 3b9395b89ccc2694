//! How far a study has come, and the removal of what it does not need.

use rayon::prelude::*;

use crate::error::Error;
use crate::spec::KeepModels;
use crate::store::Orphan;
use crate::study::Study;

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
        if self.spec.keep_models == KeepModels::Needed {
            for run in self.plan.runs() {
                let before = self.store.bytes(&run.id);
                if self.store.is_finished(&run.id) && !ledger.is_needed(&run.id) {
                    self.store.remove_models(&run.id)?;
                    let after = self.store.bytes(&run.id);
                    freed.models += usize::from(after < before);
                    freed.bytes += before.saturating_sub(after);
                }
            }
        }
        Ok(freed)
    }
}
