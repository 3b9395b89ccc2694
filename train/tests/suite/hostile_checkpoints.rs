//! A checkpoint of any bytes either is one of the run that goes on, or an error that names it.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;

use mtlift_schedule::{Exposure, Mix, Sampler};
use mtlift_train::{EvaluationRecord, Mixing, Observer, StepReport};
use serde_json::{Value, json};

use crate::folder::{Folder, Run, Silent};

/// Ends the process's work, as a kill would, when a step was made.
pub(crate) struct StopsAfter(pub(crate) u64);

impl Observer for StopsAfter {
    fn warn(&mut self, _: &str) {}
    fn note(&mut self, _: &str) {}
    fn begin(&mut self, _: u64, _: u64) {}
    fn step(&mut self, step: u64, _: f64, _: &StepReport) {
        if step == self.0 {
            resume_unwind(Box::new("stopped"));
        }
    }
    fn evaluation(&mut self, _: &EvaluationRecord) {}
}

/// A run that stopped and has one checkpoint, within an epoch that is not its first.
struct Stopped {
    folder: Folder,
    run: Run,
    checkpoint: PathBuf,
}

impl Stopped {
    fn new(sampler: Sampler, after: u64) -> Self {
        let mix = Mix { sampler, exposure: Exposure::TargetFull, ..Mix::default() };
        let mut run = Run::new(Mixing { mix, single_scores: vec![0.5, 0.5], ..Mixing::default() });
        run.settings.epochs = 3;
        run.settings.evaluate_every = 0.75;
        let folder = Folder::with_tasks();
        let stopped = catch_unwind(AssertUnwindSafe(|| {
            folder.train(&run, &folder.tasks(), "out", &mut StopsAfter(after)).map(drop)
        }));
        assert!(stopped.is_err(), "the run ended before it was stopped");
        let mut checkpoints: Vec<PathBuf> =
            fs::read_dir(folder.path("out")).unwrap().map(|entry| entry.unwrap().path()).collect();
        checkpoints.retain(|path| path.to_string_lossy().contains("checkpoint-"));
        checkpoints.sort();
        let checkpoint = checkpoints.pop().unwrap();
        checkpoints.iter().for_each(|old| fs::remove_dir_all(old).unwrap());
        run.resume = true;
        let stopped = Self { folder, run, checkpoint };
        let state = stopped.state();
        assert!(state["epoch"].as_u64() > Some(0) && state["within"].as_u64() > Some(0), "{state}");
        stopped
    }

    fn state(&self) -> Value {
        serde_json::from_slice(&fs::read(self.checkpoint.join("state.json")).unwrap()).unwrap()
    }

    /// What a resumed run says of this state; it leaves nothing changed.
    fn resume(&self, state: &[u8]) -> Result<(), String> {
        fs::write(self.checkpoint.join("state.json"), state).unwrap();
        let resumed = self.folder.train(&self.run, &self.folder.tasks(), "out", &mut Silent);
        resumed.map(drop).map_err(|error| error.to_string())
    }
}

fn with(state: &Value, field: &str, value: Value) -> Vec<u8> {
    let mut state = state.clone();
    *state.pointer_mut(field).unwrap() = value;
    state.to_string().into_bytes()
}

const HUGE: u64 = u64::MAX;

#[test]
fn that_no_run_of_these_settings_can_have_come_to() {
    let stopped = Stopped::new(Sampler::Size, 35);
    let state = stopped.state();
    for (field, value, why) in [
        ("/consumed", json!([0]), "`consumed` has 1 values, expected one for each of 2 tasks"),
        ("/consumed", json!([0, HUGE]), "18446744073709551615 is more than a run counts to"),
        ("/consumed", json!([48, 80]), "rows of the tasks"),
        ("/seen", json!([]), "`seen` has 0 values, expected one for each of 2 tasks"),
        ("/seen", json!([HUGE, 0]), "more than a run counts to"),
        ("/tokens", json!(HUGE), "more than a run counts to"),
        ("/now", json!([0.5]), "`now` has 1 values"),
        ("/gaps", json!([]), "`gaps` has 0 values"),
        ("/selections", json!([state["selections"][0]]), "`selections` has 1 values"),
        ("/selections/0/patience", json!(1), "`selections` have another patience than the run"),
        ("/selections/0/best/step", json!(HUGE), "`selections` have another patience than the run"),
        ("/selections/0/best/step", json!(1), "its best model is missing: "),
        ("/step", json!(35), "is none of this run's"),
        ("/step", json!(HUGE), "more than a run counts to"),
        ("/within", json!(HUGE), "is none of this run's"),
        ("/within", json!(0), "is none of this run's"),
        ("/epoch", json!(HUGE), "is none of this run's"),
        ("/epoch", json!(3), "is none of this run's"),
        ("/seconds", json!(-1.0), "`seconds` is -1, expected 0 to 1000000000"),
        ("/seconds", json!(1e300), "`seconds` is "),
        ("/elapsed", json!(HUGE), "`elapsed` is 18446744073709552000, expected 0 to 1000000000"),
        (
            "/logs/0",
            json!(HUGE),
            "steps.jsonl: not what mtlift wrote there: expected 18446744073709551615 bytes or more",
        ),
        (
            "/logs/1",
            json!(5),
            "evals.jsonl: not what mtlift wrote there: expected the end of a line at byte 5",
        ),
    ] {
        let error = stopped.resume(&with(&state, field, value.clone())).unwrap_err();
        let named =
            format!("none of the checkpoints in {} can be read: ", stopped.folder.path("out").display());
        assert!(error.starts_with(&named) && error.contains(why), "{field} = {value}: {error}");
    }
    stopped.resume(state.to_string().as_bytes()).unwrap();
}

#[test]
fn whose_scores_the_sampler_cannot_use() {
    let stopped = Stopped::new(Sampler::Dynamic, 27);
    let state = stopped.state();
    for (field, value) in [
        ("/now", json!([])),
        ("/now", json!([0.5, -3])),
        ("/gaps", json!(null)),
        ("/gaps", json!([0.1, 2.5])),
    ] {
        let error = stopped.resume(&with(&state, field, value)).unwrap_err();
        assert!(error.contains("`now` and `gaps` are not the scores that the sampler looks at"), "{error}");
    }
    let error = stopped.resume(&with(&state, "/consumed", json!([HUGE, 0]))).unwrap_err();
    assert!(error.contains("more than a run counts to"), "{error}");
    stopped.resume(state.to_string().as_bytes()).unwrap();
}

/// States that once made the run panic: at a step past the epoch's end, at rows without a count, at more rows than can be
/// counted, at an age that no clock can be set back by.
#[test]
fn found_by_mutation() {
    let stopped = Stopped::new(Sampler::Size, 35);
    let twice = r#"{"best":{"step":2,"value":0.5},"patience":null,"since_best":0}"#;
    for [consumed, seen, elapsed, within, selections] in [
        ["[0,0]", "[]", "5", "5", &format!("{twice},{twice}")],
        ["[0,0]", "[]", "5", "2", &format!("{twice},{twice}")],
        ["[0,0]", "[1,1]", "5", "2", twice],
        ["[0,18446744073709551615]", "[]", "0", "2", &format!("{twice},{twice}")],
        ["[]", "[]", "18446744073709551615", "2", &format!("{twice},{twice}")],
    ] {
        let state = format!(
            r#"{{"consumed":{consumed},"elapsed":{elapsed},"epoch":0,"gaps":null,"logs":[2,1],"now":[],"seconds":0.8,"seen":{seen},"selections":[{selections}],"step":2,"stopped":false,"tokens":4,"within":{within}}}"#
        );
        assert!(stopped.resume(state.as_bytes()).is_err());
    }
}
