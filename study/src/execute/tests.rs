//! Scheduling, with recipes that only pretend: what is made, in which order, and what a failure takes with it.

use std::collections::BTreeMap;
use std::sync::Mutex;

use mtlift_train::Observer;

use super::{Failure, Progress, Watch, Workers, execute};
use crate::error::Error;
use crate::ledger::Ledger;
use crate::made_up::{self, Pretence, Silent, add, survey};
use crate::plan::Plan;
use crate::spec::{KeepModels, Question, Spec};
use crate::store::Store;

/// Notes what is made.
#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

impl Notes {
    fn note(&self, line: String) {
        self.0.lock().expect("no panic").push(line);
    }
}

impl Watch for Notes {
    fn begin(&self, progress: Progress) {
        self.note(format!("{} of {}", progress.done, progress.total));
    }

    fn run(&self, _: usize, _: &str) -> Box<dyn Observer + '_> {
        Box::new(Silent)
    }

    fn finished(&self, label: &str, scores: &[(String, f64)], _: f64, progress: Progress) {
        assert_eq!(scores, [("target".to_owned(), 0.5)]);
        self.note(format!("{label}: {} done, {:.2} left", progress.done, progress.left));
    }

    fn failed(&self, label: &str, _: &Error) {
        self.note(format!("failed: {}", label.split(' ').next().unwrap_or_default()));
    }

    fn looked(&self, line: &str) {
        self.note(line.to_owned());
    }
}

struct Study {
    directory: tempfile::TempDir,
    store: Store,
    plan: Plan,
}

impl Study {
    /// `first` and `alone` start from the model, `second` from `first`, `third` from `second`.
    fn new(fails: &'static str) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let store = Store::at(&directory.path().join("study"));
        store.begin(&crate::made_up::spec(Question::Compare, &["target"], &["other"])).expect("a study");
        let mut plan = Plan::default();
        let run = |plan: &mut Plan, name, starts_from: &[&String]| {
            let starts_from = starts_from.iter().map(|&id| id.clone()).collect();
            add(plan, Pretence { name, starts_from, fails: name == fails })
        };
        let first = run(&mut plan, "first", &[]);
        let second = run(&mut plan, "second", &[&first]);
        run(&mut plan, "third", &[&second]);
        run(&mut plan, "alone", &[]);
        Self { directory, store, plan }
    }

    fn make(&self, keep: KeepModels, jobs: usize) -> (Vec<Failure>, Vec<String>) {
        let notes = Notes::default();
        let workers = Workers { jobs, threads: 1, cache: None, reuse: None, budget: None };
        let survey = survey(&[("target", 10)]);
        let left = self.plan.runs().iter().filter(|run| !self.store.is_finished(&run.id));
        let costs: BTreeMap<String, f64> = left.map(|run| (run.id.clone(), 1.0)).collect();
        let ledger = Ledger { plan: &self.plan, survey: &survey, store: &self.store, other: None };
        let spec = Spec { keep_models: keep, ..made_up::spec(Question::Compare, &["target"], &["other"]) };
        let made = execute(&spec, ledger, costs, workers, &notes).expect("an execution");
        (made.failures, notes.0.into_inner().expect("no panic"))
    }

    fn made(&self) -> Vec<&str> {
        let runs = self.plan.runs().iter().filter(|run| self.store.is_finished(&run.id));
        runs.map(|run| run.label.as_str()).collect()
    }

    fn with_models(&self) -> Vec<&str> {
        let model = |id: &str| self.store.files(id).model(1, "target");
        let runs = self.plan.runs().iter().filter(|run| model(&run.id).is_dir());
        runs.map(|run| run.label.as_str()).collect()
    }
}

#[test]
fn one_worker_makes_all_in_order() {
    let study = Study::new("");
    let (failures, notes) = study.make(KeepModels::All, 1);
    assert!(failures.is_empty());
    assert_eq!(
        notes,
        [
            "0 of 4",
            "first: 1 done, 0.75 left",
            "second: 2 done, 0.50 left",
            "third: 3 done, 0.25 left",
            "alone: 4 done, 0.00 left"
        ]
    );
    assert_eq!(study.with_models(), ["first", "second", "third", "alone"]);
    assert_eq!(study.make(KeepModels::All, 1).1, ["4 of 4"], "nothing is made twice");
}

#[test]
fn three_workers_make_each_run_once() {
    let study = Study::new("");
    let (failures, mut notes) = study.make(KeepModels::All, 3);
    assert!(failures.is_empty());
    notes.retain(|note| note.contains("done"));
    let mut labels: Vec<&str> = notes.iter().filter_map(|note| note.split(':').next()).collect();
    labels.sort_unstable();
    assert_eq!(labels, ["alone", "first", "second", "third"]);
}

#[test]
fn a_failure_takes_with_it_what_starts_from_it_and_nothing_else() {
    let study = Study::new("second");
    let (failures, notes) = study.make(KeepModels::All, 1);
    let labels: Vec<&str> = failures.iter().map(|failure| failure.label.as_str()).collect();
    assert_eq!(labels, ["second"]);
    assert_eq!(study.made(), ["first", "alone"]);
    assert!(notes.contains(&"failed: second".to_owned()), "{notes:?}");
    assert_eq!(
        notes.last().map(String::as_str),
        Some("alone: 2 done, 0.00 left"),
        "what is lost is not left"
    );
}

#[test]
fn models_stay_as_long_as_something_starts_from_them() {
    let study = Study::new("");
    assert!(study.make(KeepModels::Needed, 1).0.is_empty());
    assert_eq!(study.made(), ["first", "second", "third", "alone"]);
    assert!(study.with_models().is_empty(), "{:?}", study.with_models());
}

/// A model that was removed, and is needed after all: the run is made again, and so is what starts from it.
#[test]
fn a_run_whose_model_is_gone_is_made_again_for_what_starts_from_it() {
    let study = Study::new("");
    study.make(KeepModels::Needed, 1);
    let third = &study.plan.runs()[2];
    study.store.remove(&third.id).expect("a run that nobody has");
    let (failures, notes) = study.make(KeepModels::Needed, 1);
    assert!(failures.is_empty(), "{failures:?}");
    assert_eq!(
        notes[0], "1 of 4",
        "`second` has no model, and `first`, from which it starts, has none either"
    );
    assert_eq!(study.made().len(), 4);
}

#[test]
fn a_run_that_somebody_else_makes_is_waited_for() {
    let study = Study::new("");
    let first = &study.plan.runs()[0];
    let claim = study.store.claim(&first.id, "first", &first.description).expect("a lock").expect("free");
    assert!(study.store.is_claimed(&first.id));
    let done = std::thread::scope(|scope| {
        let made = scope.spawn(|| study.make(KeepModels::All, 1));
        while !study.made().contains(&"alone") {
            std::thread::yield_now();
        }
        assert_eq!(study.made(), ["alone"], "what needs nothing goes on");
        drop(claim);
        made.join().expect("no panic")
    });
    assert!(done.0.is_empty());
    assert_eq!(study.made().len(), 4);
    assert!(study.directory.path().is_dir());
}
