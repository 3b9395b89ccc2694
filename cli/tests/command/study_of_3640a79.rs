//! A study that the program of commit 3640a79 began and that was killed: it is read, gone on with and grown, to the bits that
//! that program gave. `fixture/study-3640a79/make.sh` made it.
//!
//! Who breaks this breaks the studies on users' disks. The names of the runs are part of it: under other names all that is
//! finished would be made again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::folder::Folder;
use crate::study::{label, runs, stderr};
use crate::study_killed::results;

/// How the study was asked.
const COMPARE: &str = "compare --model model --target target.toml --support support.toml \
     --arms single,stilts,mtl,mtl-then-target --seeds 2 --epochs 2 --batch 8 --lr 1e-3 --jobs 1 --keep-models needed \
     --out study --resume";

/// Its runs in the order in which they are made. The one that was begun has a checkpoint; the finished ones have no models,
/// because nothing starts from them any more.
const RUNS: [(&str, &str, &str); 10] = [
    ("finished", "meals: single, seed 1", "4c70e8e663370739"),
    ("finished", "alike: single, seed 1", "ec0518d0c3fa435e"),
    ("finished", "meals: stilts from alike, seed 1", "0ad882bdb1dbd721"),
    ("finished", "meals: mtl with alike, seed 1", "e715c2aa060db9a7"),
    ("finished", "meals: mtl-then-target with alike, seed 1", "87880c632f9e1f5d"),
    ("finished", "meals: single, seed 2", "3cd4a1e849a751f1"),
    ("finished", "alike: single, seed 2", "40ec5da37f2e20b4"),
    ("finished", "meals: stilts from alike, seed 2", "0f8f3a1a0556ca3b"),
    ("begun", "meals: mtl with alike, seed 2", "d18f0c72b0d75fe8"),
    ("waiting", "meals: mtl-then-target with alike, seed 2", "9d3cb35c674d862f"),
];
/// Those that a third seed adds.
const THIRD_SEED: [(&str, &str); 5] = [
    ("meals: single, seed 3", "0bf298adb77b3e18"),
    ("alike: single, seed 3", "93211feba9c647d7"),
    ("meals: stilts from alike, seed 3", "b387969691cb7dc7"),
    ("meals: mtl with alike, seed 3", "7c42a988c35f7245"),
    ("meals: mtl-then-target with alike, seed 3", "a5564d6c514ebbc0"),
];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture/study-3640a79").join(name)
}

/// The results and predictions in a folder of runs, by `ID/file`.
fn outcomes(of_runs: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut outcomes = BTreeMap::new();
    for run in fs::read_dir(of_runs).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir())
    {
        for file in fs::read_dir(&run).unwrap().map(|entry| entry.unwrap().path()) {
            let name = file.file_name().unwrap().to_str().unwrap();
            if name == "result.json" || name.starts_with("predictions-") {
                let id = run.file_name().unwrap().to_str().unwrap();
                outcomes.insert(format!("{id}/{name}"), fs::read(&file).unwrap());
            }
        }
    }
    outcomes
}

/// That the study has these runs, all finished, with the outcomes that the program of that commit gave them.
#[track_caller]
fn assert_outcomes<'a>(folder: &Folder, expected: impl Iterator<Item = &'a str>) {
    let ids: BTreeSet<String> = expected.map(str::to_owned).collect();
    assert_eq!(BTreeSet::from_iter(runs(folder, "study")), ids, "the names of the runs");
    let mut given = outcomes(&fixture("study/runs"));
    given.extend(outcomes(&fixture("expected")));
    given.retain(|name, _| ids.contains(name.split('/').next().unwrap()));
    let now = outcomes(&folder.path("study/runs"));
    assert_eq!(now.keys().collect::<Vec<_>>(), given.keys().collect::<Vec<_>>());
    let differing: Vec<&String> = now.keys().filter(|name| now[*name] != given[*name]).collect();
    assert!(differing.is_empty(), "these differ: {differing:?}");
}

#[test]
fn goes_on_and_grows_to_the_same_bits() {
    let folder = Folder::copy_of(&fixture(""));
    let before = folder.snapshot("study");
    let written = results(&folder, "study");
    assert_eq!(written.len(), 8);

    let said = stderr(&folder, COMPARE);
    assert!(said.contains("10 runs, 8 of them finished"), "{said}");
    let two_seeds = || RUNS.iter().map(|(_, _, id)| *id);
    assert_outcomes(&folder, two_seeds());

    let grown = COMPARE.replace("--seeds 2", "--seeds 3");
    let said = stderr(&folder, &grown);
    assert!(said.contains("the study grows: seeds: 1,2,3 in place of 1,2\n"), "{said}");
    assert!(said.contains("15 runs, 10 of them finished"), "{said}");
    assert_outcomes(&folder, two_seeds().chain(THIRD_SEED.map(|(_, id)| id)));
    for (name, id) in THIRD_SEED {
        assert_eq!(label(&folder, "study", id), name);
    }

    let grown = grown.replace("support.toml", "support.toml,other.toml");
    let said = stderr(&folder, &grown);
    assert!(said.contains("27 runs, 15 of them finished"), "{said}");
    let expected = outcomes(&fixture("expected"));
    let added = expected.keys().map(|name| name.split('/').next().unwrap());
    assert_outcomes(&folder, two_seeds().chain(added));

    let (now, after) = (results(&folder, "study"), folder.snapshot("study"));
    for (id, written) in written {
        assert_eq!(now.get(&id), Some(&written), "run {id} was made again");
        let of_run =
            |name: &&String| name.starts_with(&format!("runs/{id}/")) || **name == format!("runs/{id}.json");
        for name in before.0.keys().filter(of_run) {
            assert_eq!(after.0.get(name), Some(&before.0[name]), "{name}");
        }
    }
}

#[test]
fn status_and_report_read_it() {
    let folder = Folder::copy_of(&fixture(""));
    let status = folder.run("study status study").success();
    let lines: Vec<String> =
        RUNS.iter().map(|(status, label, id)| format!("{status:<10} {label} ({id})\n")).collect();
    let said = String::from_utf8_lossy(&status.stderr("").get_output().stdout).into_owned();
    let expected = format!("{}8 of 10 runs finished, 0 running\nabout ", lines.concat());
    assert!(said.starts_with(&expected) && said.ends_with(" MiB on disk\n"), "{said}");

    folder.run("report study").success();
    assert!(folder.read("study/report.html").to_lowercase().starts_with("<!doctype html>"));
    let findings = folder.json("study/findings.json");
    let scores: Vec<(&str, usize)> = findings["arms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|arm| (arm["label"].as_str().unwrap(), arm["scores"].as_array().unwrap().len()))
        .collect();
    let arms = ["single", "stilts from alike", "mtl with alike", "mtl-then-target with alike"];
    assert_eq!(scores, arms.into_iter().zip([2, 2, 1, 1]).collect::<Vec<_>>());
    assert!(folder.read("study/tables/arms.csv").contains("mtl-then-target"));
}

/// The study's file says nothing of a format, and it is read all the same.
#[test]
fn a_study_file_without_a_format_is_read() {
    let folder = Folder::copy_of(&fixture(""));
    let study = folder.json("study/study.json");
    assert_eq!(study.get("format"), None::<&Value>);
    folder.run("study status study").success();
    // As it was before the support phase had a pace of its own.
    let mut older = study;
    assert!(older.as_object_mut().unwrap().remove("support_phase").is_some());
    folder.write("study/study.json", older.to_string());
    let status = folder.run_json("study status study --json");
    assert_eq!(status["runs"].as_array().unwrap().len(), RUNS.len());
    assert_eq!(status["not_used"].as_array().unwrap().len(), 0);
}
