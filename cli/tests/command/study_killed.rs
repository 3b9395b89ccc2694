//! Two processes on one study, killed at any moment: nothing is lost, no run is made twice, and it ends with the bits of
//! a study that was never killed.

use std::collections::BTreeMap;
use std::fs;
use std::process::Child;
use std::time::{Duration, Instant};

use mtlift_nn::random::Stream;

use crate::folder::{Folder, PATIENCE, Snapshot, below};
use crate::study::{COMPARE, folder};

/// What a study's runs leave, but for what differs from process to process.
pub(crate) fn outcome(folder: &Folder, study: &str) -> Snapshot {
    let Snapshot(mut files) = folder.snapshot(study);
    files.retain(|name, _| {
        name.starts_with("runs/") && !name.ends_with("timing.json") && !name.ends_with("lock")
    });
    Snapshot(files)
}

/// When each result was written: a run that is made twice would have a younger one.
pub(crate) fn results(folder: &Folder, study: &str) -> BTreeMap<String, std::time::SystemTime> {
    let runs = fs::read_dir(folder.path(&format!("{study}/runs"))).into_iter().flatten();
    let result = |entry: fs::DirEntry| {
        let written = fs::metadata(entry.path().join("result.json")).ok()?.modified().unwrap();
        Some((entry.file_name().into_string().unwrap(), written))
    };
    runs.filter_map(|entry| result(entry.unwrap())).collect()
}

pub(crate) fn wait(mut process: Child) -> bool {
    let started = Instant::now();
    loop {
        if let Some(status) = process.try_wait().unwrap() {
            return status.success();
        }
        assert!(started.elapsed() < PATIENCE, "a process does not end");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn two_processes_killed_at_fifty_random_moments() {
    let folder = folder();
    let started = Instant::now();
    folder.run(&format!("{COMPARE} --out whole")).success();
    let (whole, once) = (outcome(&folder, "whole"), started.elapsed());

    let mut rng = Stream::new(3, "moments").at(0);
    let (mut kills, mut studies) = (0, 0);
    while kills < 50 {
        studies += 1;
        let study = format!("killed-{studies}");
        let start = || folder.start(&format!("{COMPARE} --out {study} --resume"));
        let mut before: BTreeMap<String, std::time::SystemTime> = BTreeMap::new();
        let mut processes = [start(), start()];
        loop {
            // A few moments in each study's life.
            let pause = once.mul_f64(rng.uniform() / 3.0);
            std::thread::sleep(pause);
            let victim = below(&mut rng, 2) as usize;
            let alive = processes[victim].try_wait().unwrap().is_none();
            let now = results(&folder, &study);
            for (run, written) in &before {
                assert_eq!(now.get(run), Some(written), "run {run} was made twice");
            }
            before = now;
            if !alive {
                break;
            }
            processes[victim].kill().unwrap();
            processes[victim].wait().unwrap();
            kills += 1;
            processes[victim] = start();
        }
        for process in processes {
            wait(process);
        }
        folder.run(&format!("{COMPARE} --out {study} --resume")).success();
        let now = results(&folder, &study);
        assert!(before.iter().all(|(run, written)| now.get(run) == Some(written)), "a run was made twice");
        outcome(&folder, &study).assert_same(&whole, &format!("study {studies} after {kills} kills"));
        fs::remove_dir_all(folder.path(&study)).unwrap();
    }
}
