//! A run that is killed at any moment and goes on ends with the same files, bit by bit, as one that never was: result,
//! predictions, logs, model, and nothing besides.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use mtlift_nn::random::Stream;

use crate::folder::{Folder, PATIENCE, Snapshot, TRAIN, below};

const STEPS: u64 = 72;

/// A folder with a finished run in `whole`, and the run's files.
fn reference(arguments: &str) -> (Folder, Snapshot) {
    let folder = Folder::new();
    folder.run(&format!("{arguments} --out whole")).success();
    let whole = folder.snapshot("whole");
    (folder, whole)
}

/// Steps that the run's log holds, a line begun included.
pub(crate) fn steps(out: &Path) -> u64 {
    fs::read(out.join("steps.jsonl"))
        .map_or(0, |log| log.iter().filter(|byte| **byte == b'\n').count() as u64)
}

/// Waits until `ready`, or the process has ended; then kills it with SIGKILL. Whether it was killed.
pub(crate) fn kill_when(mut process: Child, mut ready: impl FnMut() -> bool) -> bool {
    let started = Instant::now();
    while !ready() && process.try_wait().unwrap().is_none() {
        assert!(started.elapsed() < PATIENCE, "the moment to kill never comes");
        std::thread::sleep(Duration::from_micros(100));
    }
    process.kill().unwrap();
    process.wait().unwrap().code().is_none()
}

/// Leaves in `out` a run that was killed when it had two checkpoints; their directories, oldest first.
pub(crate) fn killed_run(folder: &Folder) -> [PathBuf; 2] {
    let out = folder.path("out");
    let checkpoints = || {
        let entries = fs::read_dir(&out).into_iter().flatten();
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.file_name().unwrap().to_str().unwrap().starts_with("checkpoint-"));
        paths.sort();
        paths
    };
    for _ in 0..20 {
        kill_when(folder.start(&format!("{TRAIN} --out out")), || checkpoints().len() == 2);
        // On a busy machine the run may be further than that: with a third checkpoint, or at its end.
        if let Ok(two) = checkpoints().try_into() {
            return two;
        }
        fs::remove_dir_all(&out).unwrap();
    }
    panic!("of 20 runs none was killed in time");
}

#[test]
fn killed_at_twenty_random_moments() {
    let (folder, whole) = reference(TRAIN);
    let mut rng = Stream::new(1, "moments").at(0);
    let mut killed = 0;
    for moment in 0..20 {
        // Of a run's time, steps are the measure that does not depend on how busy the machine is; step 0 is its
        // beginning and the last one its end.
        let step = below(&mut rng, STEPS + 1);
        let delay = Duration::from_micros(below(&mut rng, 10_000));
        let out = format!("killed-{moment}");
        let process = folder.start(&format!("{TRAIN} --out {out}"));
        let mut reached = None;
        killed += u64::from(kill_when(process, || {
            if reached.is_none() && steps(&folder.path(&out)) >= step {
                reached = Some(Instant::now());
            }
            reached.is_some_and(|since: Instant| since.elapsed() >= delay)
        }));
        folder.run(&format!("{TRAIN} --out {out} --resume")).success();
        folder.snapshot(&out).assert_same(&whole, &format!("killed {delay:?} after step {step}"));
        fs::remove_dir_all(folder.path(&out)).unwrap();
    }
    assert!(killed >= 15, "only {killed} of 20 were killed before they had ended");
}

#[test]
fn killed_again_and_again() {
    let (folder, whole) = reference(TRAIN);
    let out = folder.path("killed");
    let mut rng = Stream::new(2, "moments").at(0);
    let mut kills = 0;
    loop {
        let before = steps(&out);
        let until = before + 5 + below(&mut rng, 10);
        let process = folder.start(&format!("{TRAIN} --out killed --resume"));
        if !kill_when(process, || steps(&out) >= until) {
            break;
        }
        kills += 1;
    }
    assert!(kills >= 4, "killed only {kills} times");
    folder.snapshot("killed").assert_same(&whole, "killed again and again");
}

/// An evaluation, and so a checkpoint, after each step.
const CHECKPOINTS: &str =
    "train --model model --task task.toml --epochs 1 --batch 8 --lr 3e-3 --evaluate-every 0.01";

#[test]
fn killed_while_a_checkpoint_is_written() {
    let (folder, whole) = reference(CHECKPOINTS);
    let mut in_the_act = 0;
    for attempt in 0..60 {
        let out = format!("killed-{attempt}");
        let unfinished = folder.path(&out).join(".unfinished-checkpoint");
        let process = folder.start(&format!("{CHECKPOINTS} --out {out}"));
        let step = attempt % 12;
        kill_when(process, || steps(&folder.path(&out)) > step && unfinished.exists());
        if unfinished.exists() {
            in_the_act += 1;
            folder.run(&format!("{CHECKPOINTS} --out {out} --resume")).success();
            folder.snapshot(&out).assert_same(&whole, &format!("attempt {attempt}"));
        }
        if in_the_act == 5 {
            return;
        }
    }
    panic!("of 60 runs only {in_the_act} were killed in the act");
}

#[test]
fn killed_before_its_leavings_are_removed() {
    let (folder, whole) = reference(CHECKPOINTS);
    // The result is written before checkpoints and best models are removed: this is a run killed in between.
    folder.write("whole/checkpoint-0000000018/state.json", "{}");
    folder.write("whole/best-0000000003.safetensors", "");
    folder.write("whole/.unfinished-Ab12Cd", "");
    folder.run(&format!("{CHECKPOINTS} --out whole --resume")).success();
    folder.snapshot("whole").assert_same(&whole, "after resuming");
}

#[test]
fn stopped_after_its_last_step() {
    let folder = Folder::new();
    for (name, patience) in [("all", ""), ("patient", "--patience 3")] {
        let train = format!("{TRAIN} {patience}");
        folder.run(&format!("{train} --out {name}")).success();
        let out = format!("{name}-stopped");
        // A directory where the predictions go stops the run when training is over.
        let obstacle = folder.path(&format!("{out}/predictions-dev.tsv"));
        fs::create_dir_all(&obstacle).unwrap();
        folder.write(&format!("{out}/run.json"), folder.read(&format!("{name}/run.json")));
        folder.fails_at_last(
            &format!("{train} --out {out} --resume"),
            &format!("cannot write {out}/predictions-dev.tsv: Is a directory (os error 21)"),
        );
        fs::remove_dir(&obstacle).unwrap();
        folder.run(&format!("{train} --out {out} --resume")).success();
        folder.snapshot(&out).assert_same(&folder.snapshot(name), &train);
    }
    let steps = |name: &str| folder.json(&format!("{name}/result.json"))["steps"].as_u64().unwrap();
    assert_eq!(steps("all"), STEPS);
    assert!(steps("patient") < STEPS, "patience ends after {}", steps("patient"));
}
