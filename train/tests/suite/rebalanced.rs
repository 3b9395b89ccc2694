//! Runs whose rows count otherwise than as they come: which rows those are, that weights of 1 change no bit, and that a run which is resumed ends with
//! the bits of one that was not.

use std::fs;
use std::path::PathBuf;

use mtlift_glue_data::Task;
use mtlift_schedule::HeadStart;
use mtlift_train::{
    EvaluationRecord, Job, JobTask, Mixing, Observer, Outcome, Predictions, Rebalanced, RunFiles, StepReport,
    TrainedModel, TrainingSplit, train,
};
use serde_json::Value;

use crate::folder::{Folder, Run, Silent, assert_same, files};

/// A folder whose task has groups by words, which about half of its rows have.
fn folder() -> Folder {
    let folder = Folder::with_tasks();
    let toml = fs::read_to_string(folder.path("pairs.toml")).unwrap();
    let words: Vec<String> = (0..6).map(|word| format!("w{word}")).collect();
    fs::write(folder.path("pairs.toml"), format!("{toml}[groups]\nwords = {words:?}\n")).unwrap();
    folder
}

fn make(
    folder: &Folder,
    rebalanced: Option<Rebalanced<'_>>,
    out: &str,
    resume: bool,
    observer: &mut dyn Observer,
) -> Result<Outcome, mtlift_train::Error> {
    let task = folder.task("pairs");
    let settings = Run::new(Mixing::default()).settings;
    let job = Job {
        model: &folder.path("model"),
        tasks: &[JobTask { task: &task, max_train: None, score_rows: None, taught: None }],
        mixing: &Mixing::default(),
        start: HeadStart::Fresh,
        settings: &settings,
        out: &folder.path(out),
        cache: None,
        resume,
        conflict_every: None,
        rebalanced,
    };
    train(job, observer)
}

fn first(folder: &Folder) -> PathBuf {
    make(folder, None, "first", false, &mut Silent).unwrap();
    RunFiles::at(&folder.path("first")).model(1, "pairs")
}

/// Copies the run's directory after a step that is no evaluation's, when the checkpoint before it is there.
struct Copy<'a> {
    folder: &'a Folder,
    out: &'static str,
    evaluations: usize,
    done: bool,
}

impl Observer for Copy<'_> {
    fn warn(&mut self, _: &str) {}
    fn note(&mut self, _: &str) {}
    fn begin(&mut self, _: u64, _: u64) {}
    fn step(&mut self, _: u64, _: f64, _: &StepReport) {
        if self.evaluations == 2 && !std::mem::replace(&mut self.done, true) {
            let to = self.folder.path(&format!("{}-killed", self.out));
            for (name, bytes) in files(&self.folder.path(self.out)) {
                fs::create_dir_all(to.join(&name).parent().unwrap()).unwrap();
                fs::write(to.join(name), bytes).unwrap();
            }
        }
    }
    fn evaluation(&mut self, _: &EvaluationRecord) {
        self.evaluations += 1;
    }
}

#[test]
fn a_resumed_run_ends_with_the_same_bits() {
    let folder = folder();
    let first = first(&folder);
    let twice = Rebalanced::Twice { first: &first, upweight: 5.0 };
    for (rebalanced, out) in [(Rebalanced::GroupBalanced, "balanced"), (twice, "twice")] {
        let mut copy = Copy { folder: &folder, out, evaluations: 0, done: false };
        let whole = make(&folder, Some(rebalanced), out, false, &mut copy).unwrap();
        let killed = format!("{out}-killed");
        assert!(copy.done && !folder.path(&killed).join("result.json").exists());
        let resumed = make(&folder, Some(rebalanced), &killed, true, &mut Silent).unwrap();
        assert_eq!(resumed.result, whole.result);
        assert_same(&folder.path(&killed), &folder.path(out), out);
        let plain = RunFiles::at(&folder.path("first")).result().unwrap();
        assert_ne!(whole.result.target.parameters, plain.target.parameters);
        assert_eq!(whole.result.steps, plain.steps, "as many steps as a plain run");
        // The description says so: the plain run is not gone on with.
        let refused = make(&folder, Some(rebalanced), "first", true, &mut Silent).unwrap_err().to_string();
        assert!(refused.contains("rebalanced"), "{refused}");
    }
}

/// Rows that a model gets wrong are those whose label is not what it predicts.
#[test]
fn rows_that_the_first_run_gets_wrong_are_counted() {
    let folder = folder();
    let first = first(&folder);
    let task: Task = folder.task("pairs");
    let model = TrainedModel::open(&first, &task, None, None).unwrap();
    let rows = model.read(&task, "train", None, &mut |_| {}).unwrap();
    let predictions = model.predictions(&model.logits(&rows).unwrap(), None).unwrap();
    let Predictions::Classes(predicted) = predictions else { unreachable!() };
    let targets = rows.targets.unwrap();
    let wrong = |row: usize| targets[row].class() != Some(predicted[row]);
    let split = TrainingSplit::draw(&targets, None, Some(0.1));
    let expected = split.train.iter().filter(|&&row| wrong(row)).count();
    let twice = Rebalanced::Twice { first: &first, upweight: 5.0 };
    let result = make(&folder, Some(twice), "twice", false, &mut Silent).unwrap().result;
    assert_eq!(result.target.upweighted, Some(expected));
    assert!(expected > 0 && expected < split.train.len(), "{expected}: the test can fail");
}

#[test]
fn weights_of_1_change_no_bit() {
    let folder = folder();
    let first = first(&folder);
    let plain = RunFiles::at(&folder.path("first")).result().unwrap();
    let twice = Rebalanced::Twice { first: &first, upweight: 1.0 };
    let same = make(&folder, Some(twice), "same", false, &mut Silent).unwrap().result;
    assert_eq!(same.target.parameters, plain.target.parameters);
    let steps = |out: &str| fs::read(folder.path(out).join("steps.jsonl")).unwrap();
    assert_eq!(steps("same"), steps("first"));
    let description: Value =
        serde_json::from_str(&fs::read_to_string(folder.path("first/run.json")).unwrap()).unwrap();
    assert_eq!(description.get("rebalanced"), None, "a plain run is what it was");
    assert_eq!(plain.target.upweighted, None);
}

#[test]
fn groups_are_drawn_equally_often() {
    let folder = folder();
    let result =
        make(&folder, Some(Rebalanced::GroupBalanced), "balanced", false, &mut Silent).unwrap().result;
    let plain = make(&folder, None, "plain", false, &mut Silent).unwrap().result;
    assert_eq!((result.target.seen, result.steps), (plain.target.seen, plain.steps));
    // Of a task without groups there is nothing to balance.
    let toml = fs::read_to_string(folder.path("pairs.toml")).unwrap();
    fs::write(folder.path("pairs.toml"), toml.split("[groups]").next().unwrap()).unwrap();
    let refused = make(&folder, Some(Rebalanced::GroupBalanced), "out", false, &mut Silent).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "task of group-balanced sampling is pairs, expected a task with groups: give `group` or [groups] in its task file \
         (docs/task-files.md)"
    );
}
