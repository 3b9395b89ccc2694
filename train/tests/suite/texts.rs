//! What is learnt of texts beside labels: what it adds to a step's loss, that it adds nothing where it counts nothing, and that runs with it
//! are runs like others.

use std::fs;

use mtlift_files::TensorFile;
use mtlift_train::{Mixing, RunFiles, Settings};

use crate::folder::{Folder, Run, Silent, assert_same};
use crate::pretraining::StopsAt;

fn settings(auxiliary: &str) -> Settings {
    let auxiliary = Some(auxiliary).filter(|text| !text.is_empty()).map(|text| text.parse().unwrap());
    Settings { auxiliary, ..Run::new(Mixing::default()).settings }
}

fn run(settings: Settings) -> Run {
    Run { settings, resume: true, ..Run::new(Mixing::default()) }
}

/// The loss of the first step, whose parameters, masks and dropout are the same in all runs.
fn first_loss(folder: &Folder, auxiliary: &str) -> f64 {
    let settings = Settings { max_steps: Some(1), ..settings(auxiliary) };
    let out = format!("first {auxiliary}");
    folder.train(&run(settings), &[folder.task("pairs")], &out, &mut Silent).unwrap();
    folder.lines(&format!("{out}/steps.jsonl"))[0]["loss"].as_f64().unwrap()
}

#[test]
fn a_steps_loss_has_three_parts() {
    let folder = Folder::with_tasks();
    let loss = |auxiliary: &str| first_loss(&folder, auxiliary);
    let plain = loss("");
    let tokens = (loss("mlm(weight=0.2)") - plain) / 0.2;
    // A fresh head knows nothing of 60 tokens: ln 60 is 4.1.
    assert!((3.0..8.0).contains(&tokens), "{tokens}");
    assert!((loss("mlm(weight=0.4)") - plain - 0.4 * tokens).abs() < 1e-4);
    // After a LayerNorm that scales by 1, a value's square is 1 on average, and its absolute value somewhat less.
    let small = loss("mlm(weight=0,l1=0.5)") - plain;
    assert!((0.3..0.5).contains(&small), "{small}");
    let of_both_passes = loss("mlm(weight=0.2,l1=0.5)") - plain - 0.2 * tokens;
    assert!((of_both_passes - 2.0 * small).abs() < 0.1, "{of_both_passes} and {small}");
    assert!((of_both_passes - small).abs() > 0.2, "the masked rows' hidden states are others");
}

/// To the bit, in every file but the one that says what was asked for.
#[test]
fn what_counts_nothing_changes_nothing() {
    let folder = Folder::with_tasks();
    let tasks = [folder.task("pairs")];
    for (out, auxiliary) in [("plain", ""), ("nothing", "mlm(weight=0,l1=0)")] {
        folder.train(&run(settings(auxiliary)), &tasks, out, &mut Silent).unwrap();
        fs::remove_file(folder.path(out).join("run.json")).unwrap();
    }
    assert_same(&folder.path("nothing"), &folder.path("plain"), "with weights of 0");
}

#[test]
fn masked_tokens_change_the_model_and_leave_no_head() {
    let folder = Folder::with_tasks();
    let task = folder.task("pairs");
    let parameters = |out: &str, auxiliary: &str| {
        let run = run(Settings { micro_batch: Some(3), ..settings(auxiliary) });
        folder.train(&run, std::slice::from_ref(&task), out, &mut Silent).unwrap().result.target.parameters
    };
    assert_ne!(parameters("plain", ""), parameters("mlm", "mlm"));
    let names = |out: &str| -> Vec<String> {
        let file = TensorFile::open(&folder.path(out).join("model/model.safetensors")).unwrap();
        file.names().map(str::to_owned).collect()
    };
    assert_eq!(names("mlm"), names("plain"));
    folder.assert_predicts(&RunFiles::at(&folder.path("mlm")), 1, &task);
}

#[test]
fn a_run_that_was_stopped_ends_with_the_same_bits() {
    let folder = Folder::with_tasks();
    let tasks = [folder.task("pairs")];
    for auxiliary in ["mlm(weight=0.3,l1=0.1)", "mlm(weight=0,l1=0.1)", "mlm"] {
        let mut run = run(settings(auxiliary));
        // Both passes of a step that climbs mask the same.
        run.settings.flat_minima = (auxiliary == "mlm").then(|| "sam".parse().unwrap());
        let (whole, out) = (format!("whole {auxiliary}"), format!("stopped {auxiliary}"));
        folder.train(&run, &tasks, &whole, &mut Silent).unwrap();
        for step in [2, 7, 8] {
            let stopped =
                std::panic::catch_unwind(|| folder.train(&run, &tasks, &out, &mut StopsAt(step)).map(drop));
            assert!(stopped.is_err(), "it was to stop at step {step}");
        }
        folder.train(&run, &tasks, &out, &mut Silent).unwrap();
        assert_same(&folder.path(&out), &folder.path(&whole), auxiliary);
    }
}

#[test]
fn several_tasks_have_no_such_objective() {
    let folder = Folder::with_tasks();
    let error = folder.train(&run(settings("mlm")), &folder.tasks(), "out", &mut Silent).unwrap_err();
    assert!(error.to_string().contains("it is for runs on one task"), "{error}");
}
