//! Making the runs: each worker takes the first run of the agenda that can be made and that nobody else is making.
//!
//! Workers of this process and of others need no word with each other but the locks and the results on the disk. A run
//! that fails is reported, what starts from it is left, and the rest goes on.

mod agenda;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mtlift_files::Lock;
use mtlift_glue_data::TokenCache;
use mtlift_train::{Observer, TaskResult};

use crate::error::Error;
use crate::ledger::Ledger;
use crate::plan::{Plan, PlannedRun};
use crate::recipe::Making;
use crate::spec::Spec;
use crate::store::Finished;
use agenda::Agenda;

/// How often a worker without work looks at what other processes have done.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// How many runs at a time, and how.
#[derive(Clone, Copy, Debug)]
pub struct Workers<'a> {
    /// Runs at a time.
    pub jobs: usize,
    /// Threads of each.
    pub threads: usize,
    /// Where token ids are kept between runs, if anywhere.
    pub cache: Option<&'a TokenCache>,
    /// A study whose finished runs are taken over where they are the same.
    pub reuse: Option<&'a Path>,
    /// After so long no further run begins, if it is given.
    pub budget: Option<Duration>,
}

/// What came of making runs.
#[derive(Debug)]
pub struct Made {
    /// Those that failed.
    pub failures: Vec<Failure>,
    /// Whether the budget was spent before all that was asked for was made.
    pub out_of_budget: bool,
}

/// A run that failed in this process.
#[derive(Debug)]
pub struct Failure {
    /// Its id.
    pub id: String,
    /// What it is.
    pub label: String,
    /// Why.
    pub error: Error,
}

/// How far a study has come, by whichever process.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Runs that are done.
    pub done: usize,
    /// Runs in all; where there is a rule of when to stop, at most.
    pub total: usize,
    /// The share of the cost of what was left at the beginning that is left now, from 1 to 0. What failed, and what would have
    /// started from it, is not left.
    pub left: f64,
}

/// Hears of a study's progress, from several threads.
pub trait Watch: Sync {
    /// The work begins.
    fn begin(&self, progress: Progress);
    /// A worker begins a run; the observer hears the rest of it.
    fn run(&self, worker: usize, label: &str) -> Box<dyn Observer + '_>;
    /// A run is finished, or taken over, with the headline of each task: on dev, or of a task without a dev split on its held-out rows,
    /// which the name then says.
    fn finished(&self, label: &str, scores: &[(String, f64)], seconds: f64, progress: Progress);
    /// A run failed.
    fn failed(&self, label: &str, error: &Error);
    /// A look was taken, and this came of it: an arm is dropped, a target has enough.
    fn looked(&self, line: &str);
}

/// Makes all runs that are left, or as many as the rule of when to stop asks for, and says which failed.
///
/// `costs` are the seconds of each run that may be made, by id.
pub(crate) fn execute(
    spec: &Spec,
    ledger: Ledger<'_>,
    costs: BTreeMap<String, f64>,
    workers: Workers<'_>,
    watch: &dyn Watch,
) -> Result<Made, Error> {
    let board = Board { state: Mutex::new(State::default()), changed: Condvar::new() };
    let deadline = workers.budget.map(|budget| Instant::now() + budget);
    let execution = Execution { spec, ledger, cache: workers.cache, deadline, costs, watch, board };
    execution.begin()?;
    std::thread::scope(|scope| {
        let execution = &execution;
        let started: Vec<_> = (0..workers.jobs)
            .map(|worker| scope.spawn(move || execution.work(worker, workers.threads)))
            .collect();
        started
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect::<Result<Vec<()>, Error>>()
    })?;
    let late = execution.is_late();
    let state = execution.board.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    let ids = &state.agenda.ids;
    if ids.iter().all(|id| ledger.store.is_finished(id)) {
        ledger.store.tidy(ids.iter().map(String::as_str))?;
    }
    let is_left = |id: &String| !state.done.contains(id) && !state.lost.contains(id);
    Ok(Made { out_of_budget: late && ids.iter().any(is_left), failures: state.failures })
}

struct Execution<'a> {
    spec: &'a Spec,
    ledger: Ledger<'a>,
    cache: Option<&'a TokenCache>,
    /// After it no run begins.
    deadline: Option<Instant>,
    /// Seconds of each run that was left at the beginning, by id.
    costs: BTreeMap<String, f64>,
    watch: &'a dyn Watch,
    board: Board,
}

/// What the workers of this process know of each other.
struct Board {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    agenda: Agenda,
    ours: BTreeSet<String>,
    done: BTreeSet<String>,
    /// Failed, or to be started from what failed.
    lost: BTreeSet<String>,
    failures: Vec<Failure>,
}

impl State {
    /// Whether the runs of a chain are finished, or will not be.
    fn is_over(&self, chain: &[String]) -> bool {
        chain.iter().all(|id| self.done.contains(id)) || chain.iter().any(|id| self.lost.contains(id))
    }
}

/// What a worker finds to do.
enum Next<'a> {
    Run(&'a PlannedRun, Lock),
    /// Somebody is making what the rest needs.
    Wait,
    /// Something is left, and the budget is spent.
    Late,
    Nothing,
}

impl Execution<'_> {
    fn begin(&self) -> Result<(), Error> {
        let is_finished = |chain: &[String]| chain.iter().all(|id| self.ledger.store.is_finished(id));
        let (agenda, lines) = Agenda::of(self.spec, self.ledger, &is_finished)?;
        let mut state = self.lock();
        let most = agenda.most();
        let ledger = self.as_asked(most.as_deref());
        let done = self.ledger.plan.runs().iter().filter(|run| ledger.has(run));
        state.done = done.map(|run| run.id.clone()).collect();
        state.agenda = agenda;
        self.remove_models(&state)?;
        self.watch.begin(self.progress(&state));
        lines.iter().for_each(|line| self.watch.looked(line));
        Ok(())
    }

    fn work(&self, worker: usize, threads: usize) -> Result<(), Error> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.map_err(|error| Error::Threads(error.to_string()))?;
        loop {
            match self.next()? {
                Next::Run(run, claim) => {
                    let outcome = pool.install(|| self.make(worker, run));
                    drop(claim);
                    let outcome = outcome.and_then(|()| self.ledger.store.finished(&run.id));
                    let mut state = self.lock();
                    state.ours.remove(&run.id);
                    match outcome {
                        Err(error) => self.fail(&mut state, run, error),
                        Ok(finished) => {
                            state.done.insert(run.id.clone());
                            let progress = self.progress(&state);
                            drop(state);
                            self.report(run, finished, progress);
                        }
                    }
                    self.board.changed.notify_all();
                }
                Next::Wait => {
                    let state = self.lock();
                    drop(self.board.changed.wait_timeout(state, LOOK_AGAIN));
                }
                Next::Late | Next::Nothing => return Ok(()),
            }
        }
    }

    /// The first run that can be made and that nobody is making, on to the next look where there is none left.
    fn next(&self) -> Result<Next<'_>, Error> {
        let mut state = self.lock();
        loop {
            let next = self.next_at_this_look(&mut state)?;
            if matches!(next, Next::Run(..) | Next::Late) {
                return Ok(next);
            }
            let mut agenda = std::mem::take(&mut state.agenda);
            let lines = agenda.advance(self.spec, self.ledger, &|chain| state.is_over(chain));
            state.agenda = agenda;
            let Some(lines) = lines? else { return Ok(next) };
            self.remove_models(&state)?;
            lines.iter().for_each(|line| self.watch.looked(line));
        }
    }

    fn next_at_this_look(&self, state: &mut State) -> Result<Next<'_>, Error> {
        let mut waits = false;
        let most = state.agenda.most();
        let ledger = self.as_asked(most.as_deref());
        let ids = state.agenda.ids.clone();
        for run in ids.iter().filter_map(|id| self.run(id)) {
            if state.done.contains(&run.id) || state.lost.contains(&run.id) {
                continue;
            }
            if ledger.has(run) {
                state.done.insert(run.id.clone());
                continue;
            }
            if run.needs().any(|id| state.lost.contains(id)) {
                state.lost.insert(run.id.clone());
                continue;
            }
            if self.is_late() {
                return Ok(Next::Late);
            }
            if state.ours.contains(&run.id) || run.needs().any(|id| !state.done.contains(id)) {
                waits = true;
                continue;
            }
            match self.ledger.store.claim(&run.id, &run.label, &run.description) {
                // Another process may have finished it since we looked.
                Ok(Some(_)) if ledger.has(run) => {
                    state.done.insert(run.id.clone());
                }
                Ok(Some(claim)) => {
                    state.ours.insert(run.id.clone());
                    return Ok(Next::Run(run, claim));
                }
                Ok(None) => waits = true,
                Err(error) => self.fail(state, run, error),
            }
        }
        Ok(if waits { Next::Wait } else { Next::Nothing })
    }

    fn is_late(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    fn make(&self, worker: usize, run: &PlannedRun) -> Result<(), Error> {
        let most = self.lock().agenda.most();
        let ledger = self.as_asked(most.as_deref());
        let Ledger { store, survey, .. } = ledger;
        if !take_over(ledger, run)? {
            let out = store.run(&run.id);
            let making = Making { survey, store, out: &out, cache: self.cache };
            let mut observer = self.watch.run(worker, &run.label);
            run.recipe.make(making, &mut *observer)?;
        }
        let ids = run.recipe.starts_from().iter().chain([&run.id]);
        ids.filter_map(|id| self.run(id)).try_for_each(|run| self.remove_models_of(run, ledger))
    }

    /// The plan's run of this id.
    fn run(&self, id: &str) -> Option<&PlannedRun> {
        let plan = self.ledger.plan;
        Some(&plan.runs()[plan.place(id)?])
    }

    /// The ledger of the runs that may be asked for: what starts from a model and will not be made does not need it.
    fn as_asked<'b>(&'b self, most: Option<&'b Plan>) -> Ledger<'b> {
        Ledger { plan: most.unwrap_or(self.ledger.plan), ..self.ledger }
    }

    /// Removes the models that were kept for runs which are not asked for any more.
    fn remove_models(&self, state: &State) -> Result<(), Error> {
        let most = state.agenda.most();
        let Some(asked) = most.as_deref() else { return Ok(()) };
        let done = state.done.iter().filter_map(|id| self.run(id));
        done.into_iter().try_for_each(|run| self.remove_models_of(run, self.as_asked(Some(asked))))
    }

    fn remove_models_of(&self, run: &PlannedRun, asked: Ledger<'_>) -> Result<(), Error> {
        let stay = run.keeps_models(self.spec.keep_models) || asked.is_needed(&run.id);
        if stay { Ok(()) } else { asked.store.remove_models(&run.id) }
    }

    fn report(&self, run: &PlannedRun, finished: Finished, progress: Progress) {
        let score = |task: &TaskResult| match &task.metrics {
            Some(metrics) => Some((task.task.clone(), metrics.headline())),
            None => Some((format!("{} held out", task.task), task.selected_score?)),
        };
        let scores: Vec<(String, f64)> = finished.result.tasks().filter_map(score).collect();
        self.watch.finished(&run.label, &scores, finished.seconds, progress);
    }

    fn progress(&self, state: &State) -> Progress {
        let most = state.agenda.most();
        let may_come = most.as_deref().unwrap_or(self.ledger.plan);
        let is_gone = |id: &String| state.done.contains(id) || state.lost.contains(id);
        // A sum of nothing would be −0.
        let cost = |of: &dyn Fn(&String) -> bool| {
            self.costs.iter().filter(|(id, _)| of(id)).fold(0.0, |sum, (_, seconds)| sum + seconds)
        };
        let left = cost(&|id| may_come.place(id).is_some() && !is_gone(id));
        let all = left + cost(&is_gone);
        let left = if all > 0.0 { left / all } else { 0.0 };
        let done = may_come.runs().iter().filter(|run| state.done.contains(&run.id)).count();
        Progress { done, total: may_come.runs().len(), left }
    }

    fn fail(&self, state: &mut State, run: &PlannedRun, error: Error) {
        self.watch.failed(&format!("{} ({})", run.label, run.id), &error);
        state.lost.insert(run.id.clone());
        state.failures.push(Failure { id: run.id.clone(), label: run.label.clone(), error });
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.board.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a run over from the other study, if it has all that is needed of it; else clears the place for it.
fn take_over(ledger: Ledger<'_>, run: &PlannedRun) -> Result<bool, Error> {
    let Ledger { store, other, .. } = ledger;
    if store.is_finished(&run.id) {
        // Its models were removed, and are needed after all: the same run gives the same bits.
        store.clear(&run.id)?;
    }
    let Some(other) = other else { return Ok(false) };
    if !store.adopt(other, &run.id)? {
        return Ok(false);
    }
    if ledger.has(run) {
        return Ok(true);
    }
    store.clear(&run.id)?;
    Ok(false)
}

#[cfg(test)]
mod tests;
