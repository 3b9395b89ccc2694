//! Which runs of a plan are there, and which are still to be made. A run is there if it has a result, and its models where
//! one that is to be made starts from them.

use crate::plan::{Plan, PlannedRun};
use crate::store::Store;
use crate::survey::Survey;

/// A plan beside what is on the disk.
#[derive(Clone, Copy)]
pub(crate) struct Ledger<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) survey: &'a Survey,
    pub(crate) store: &'a Store,
    /// A study whose finished runs are taken over.
    pub(crate) other: Option<&'a Store>,
}

impl<'a> Ledger<'a> {
    /// Whether the study has a run.
    pub(crate) fn has(&self, run: &PlannedRun) -> bool {
        self.is_in(self.store, run, self.is_needed(&run.id))
    }

    /// The runs that the study itself does not have.
    pub(crate) fn missing(self) -> impl Iterator<Item = &'a PlannedRun> {
        self.plan.runs().iter().filter(move |run| !self.has(run))
    }

    /// Whether a run is to be made: neither the study has it nor the other.
    pub(crate) fn is_left(&self, run: &PlannedRun) -> bool {
        let needed = self.is_needed(&run.id);
        let mut places = [Some(self.store), self.other].into_iter().flatten();
        !places.any(|store| self.is_in(store, run, needed))
    }

    /// Whether a run that is to be made starts from this one.
    pub(crate) fn is_needed(&self, id: &str) -> bool {
        self.plan.starting_from(id).any(|run| self.is_left(run))
    }

    fn is_in(&self, store: &Store, run: &PlannedRun, with_models: bool) -> bool {
        let files = store.files(&run.id);
        let model = |task: &usize| files.model(run.tasks.len(), &self.survey.all[*task].task.name);
        files.is_finished() && (!with_models || run.tasks.iter().all(|task| model(task).exists()))
    }
}
