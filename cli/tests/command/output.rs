//! `--out` of `predict` and `submit`: nothing is destroyed unasked, and standard output has one kind of content.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, symlink};
use std::process::Stdio;

use crate::folder::Folder;

const PREDICT: &str = "predict --model out/model --task task.toml --split dev";
const SUMMARY: &str = "toy: 40 predictions in";

/// A folder with a trained model in `out/model`, and its predictions for dev.
fn trained() -> (Folder, String) {
    let folder = Folder::new();
    folder.run("train --model model --task task.toml --max-steps 5 --out out").success();
    let predictions = folder.read("out/predictions-dev.tsv");
    (folder, predictions)
}

#[test]
fn predict_replaces_a_file_only_with_force() {
    let (folder, predictions) = trained();
    folder.write("there.tsv", "of yesterday");
    // Before the model is loaded: there is none of this name.
    for model in ["out/model", "nowhere"] {
        let predict = PREDICT.replace("out/model", model);
        folder
            .run(&format!("{predict} --out there.tsv"))
            .code(2)
            .stdout("")
            .stderr("error: there.tsv exists: give --force to overwrite it, or another file\n");
    }
    assert_eq!(folder.read("there.tsv"), "of yesterday");
    folder
        .run(&format!("{PREDICT} --out there.tsv --force"))
        .success()
        .stdout(format!("{SUMMARY} there.tsv\n"));
    assert_eq!(folder.read("there.tsv"), predictions);
}

#[test]
fn standard_output_has_the_predictions_and_nothing_else() {
    let (folder, predictions) = trained();
    for out in ["-", "/dev/stdout"] {
        folder
            .run(&format!("{PREDICT} --out {out}"))
            .success()
            .stdout(predictions.clone())
            .stderr(format!("{SUMMARY} {out}\n"));
        folder.run(&format!("{PREDICT} --out {out} --json")).code(2).stdout("").stderr(format!(
            "error: --json and --out {out} both write to standard output: give --out a file\n"
        ));
        assert!(fs::symlink_metadata("/dev/stdout").unwrap().is_symlink());
        // What is in a file already stays before what is added to it.
        folder.write("log", "before\n");
        let log = File::options().append(true).open(folder.path("log")).unwrap();
        let mut predict = folder.command(&format!("{PREDICT} --out {out}"));
        assert!(predict.stdout(log).stderr(Stdio::null()).status().unwrap().success());
        assert_eq!(folder.read("log"), format!("before\n{predictions}"));
    }
    assert!(!folder.path("-").exists());
}

#[test]
fn a_device_and_a_pipe_are_written_to_and_stay() {
    let (folder, predictions) = trained();
    symlink("/dev/null", folder.path("device")).unwrap();
    folder.run(&format!("{PREDICT} --out device")).success().stdout(format!("{SUMMARY} device\n"));
    assert_eq!(fs::read_link(folder.path("device")).unwrap().to_str(), Some("/dev/null"));

    let pipe = folder.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let predict = folder.start(&format!("{PREDICT} --out pipe"));
    let mut read = String::new();
    File::open(&pipe).unwrap().read_to_string(&mut read).unwrap();
    assert!(predict.wait_with_output().unwrap().status.success());
    assert_eq!(read, predictions);
    assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
}

#[test]
fn submit_refuses_a_file_that_is_there() {
    let folder = Folder::new();
    folder.write("out.zip", "of yesterday");
    // Before anything is read: there is no such run.
    folder
        .run("submit nowhere --out out.zip")
        .code(2)
        .stdout("")
        .stderr("error: out.zip exists: give --force to overwrite it, or another file\n");
    assert_eq!(folder.read("out.zip"), "of yesterday");
    folder
        .run("submit nowhere --out - --json")
        .code(2)
        .stdout("")
        .stderr("error: --json and --out - both write to standard output: give --out a file\n");
}
