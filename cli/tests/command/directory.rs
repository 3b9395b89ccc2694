//! Whose a run's directory is: one process at a time, one run, and checkpoints that can be damaged.

use std::fs;
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use crate::folder::{Folder, PATIENCE, TRAIN};
use crate::killed::killed_run;

fn truncate(checkpoint: &Path) {
    let file = checkpoint.join("state.safetensors");
    let length = fs::metadata(&file).unwrap().len();
    fs::File::options().write(true).open(file).unwrap().set_len(length - 100).unwrap();
}

/// A process that does not outlive the test, however the test ends.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        self.0.kill().and_then(|()| self.0.wait()).expect("a child of this process can be killed");
    }
}

#[test]
fn second_process_is_turned_away() {
    let folder = Folder::new();
    let endless = "train --model model --task task.toml --epochs 100000 --batch 8 --lr 1e-4 --out out";
    let first = Killed(folder.start(endless));
    let started = Instant::now();
    while !folder.path("out/steps.jsonl").exists() {
        assert!(started.elapsed() < PATIENCE, "the first process does not begin");
        std::thread::sleep(Duration::from_millis(5));
    }
    folder.fails_at_last(
        &format!("{endless} --resume"),
        "out is in use by another process: wait until it ends, or give another --out",
    );
    drop(first);
    // A dead process holds nothing: what is wrong now is another thing.
    folder
        .fails_at_last(endless, "out holds a run already: give --resume to go on with it, or another --out");
}

#[test]
fn other_settings_are_named() {
    let folder = Folder::new();
    folder.run(&format!("{TRAIN} --out out --max-steps 3")).success();
    let other = |arguments: &str, differences: &str| {
        folder.fails_at_last(
            &format!("{arguments} --out out --resume"),
            &format!("out holds another run, which differs in {differences}: give another --out"),
        );
    };
    other(
        &format!("{TRAIN} --max-steps 4"),
        "settings.max_steps (3 there, 4 asked), steps (3 there, 4 asked)",
    );
    other(&format!("{TRAIN} --max-steps 3 --seed 7"), "settings.seed (42 there, 7 asked)");
    other(&format!("{TRAIN} --max-steps 3 --dropout 0.2"), "settings.dropout (null there, 0.2 asked)");
    other(
        &format!("{TRAIN} --max-steps 3 --protocol fixed").replace(" --evaluate-every 0.25", ""),
        "settings.evaluate_every (0.25 there, 0.5 asked), settings.protocol (\"held-out\" there, \"fixed\" asked), tasks.rows",
    );
}

#[test]
fn other_data_are_named() {
    let folder = Folder::new();
    let train = format!("{TRAIN} --max-steps 3 --out out");
    folder.run(&train).success();
    folder.write("train.tsv", folder.read("train.tsv").replacen("w1", "w2", 1));
    folder.fails_at_last(
        &format!("{train} --resume"),
        "out holds another run, which differs in tasks.rows: give another --out",
    );
}

#[test]
fn a_directory_with_files_of_others_is_not_taken() {
    let folder = Folder::new();
    // What a run might take for a checkpoint of its own, and remove.
    folder.write("others/checkpoint-500/weights", "precious");
    let before = folder.snapshot("others");
    let message = "others holds `checkpoint-500` but no run: give an --out that is empty or does not exist";
    folder.fails_at_last(&format!("{TRAIN} --out others"), message);
    folder.snapshot("others").assert_same(&before, "what was there");
}

#[test]
fn finished_run_is_not_trained_again() {
    let folder = Folder::new();
    let train = format!("{TRAIN} --out out");
    let first = folder.run_json(&train);
    let files = folder.snapshot("out");
    let timing = folder.read("out/timing.json");
    let run = folder.run(&format!("{train} --resume")).success();
    let again: serde_json::Value = serde_json::from_slice(&run.get_output().stdout).unwrap();
    assert_eq!(again, first, "with the timing of the process that trained");
    let stderr = String::from_utf8_lossy(&run.get_output().stderr);
    assert_eq!(stderr.lines().last(), Some("the run was finished before; nothing was trained"));
    folder.snapshot("out").assert_same(&files, "after resuming");
    assert_eq!(folder.read("out/timing.json"), timing);
    folder.fails_at_last(&train, "out holds a run already: give --resume to go on with it, or another --out");
}

#[test]
fn resume_begins_a_run_that_is_not_there() {
    let folder = Folder::new();
    folder.run(&format!("{TRAIN} --out whole")).success();
    folder.run(&format!("{TRAIN} --out out --resume")).success();
    folder.snapshot("out").assert_same(&folder.snapshot("whole"), "with and without --resume");
}

#[test]
fn damaged_checkpoint_is_passed_over() {
    let folder = Folder::new();
    folder.run(&format!("{TRAIN} --out whole")).success();
    let checkpoints = killed_run(&folder);
    truncate(&checkpoints[1]);
    let before = checkpoints[0].file_name().unwrap().to_str().unwrap().trim_start_matches("checkpoint-");
    let run = folder.run(&format!("{TRAIN} --out out --resume")).success();
    let stderr = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    let going_on = format!("resuming after step {} of 72", before.parse::<u64>().unwrap());
    assert!(stderr.contains(&going_on), "{going_on:?} in {stderr}");
    folder.snapshot("out").assert_same(&folder.snapshot("whole"), "resumed from the one before");
}

#[test]
fn damaged_checkpoints_are_named() {
    let folder = Folder::new();
    let checkpoints = killed_run(&folder);
    checkpoints.iter().for_each(|checkpoint| truncate(checkpoint));
    let newest = checkpoints[1].strip_prefix(folder.path("")).unwrap().display();
    let size = fs::metadata(checkpoints[1].join("state.safetensors")).unwrap().len();
    let header = header_length(&checkpoints[1]);
    folder.fails_at_last(
        &format!("{TRAIN} --out out --resume"),
        &format!(
            "none of the checkpoints in out can be read: {newest}/state.safetensors: not a valid safetensors file: the file is \
             cut short: its tensors take {} bytes, but {} follow the header; remove the directory to make the run anew, or \
             give another --out",
            size + 100 - header,
            size - header,
        ),
    );
}

/// Bytes before the data of a checkpoint's tensors.
fn header_length(checkpoint: &Path) -> u64 {
    let bytes = fs::read(checkpoint.join("state.safetensors")).unwrap();
    8 + u64::from_le_bytes(bytes[..8].try_into().unwrap())
}
