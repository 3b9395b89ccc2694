//! A symbolic link in a run's or a study's directory leads to what is not ours: it is named, and what it leads to stays.

use std::fs;
use std::os::unix::fs::symlink;

use crate::folder::Folder;

const TRAIN: &str = "train --model model --task task.toml --max-steps 5 --out out --resume";

#[track_caller]
fn refused(folder: &Folder, command: &str, link: &str) {
    folder.write("precious", "of yesterday\n");
    symlink(folder.path("precious"), folder.path(link)).unwrap();
    folder.fails_at_last(
        command,
        &format!(
            "{link} is a symbolic link, and mtlift makes none there: remove it, or use another directory"
        ),
    );
    assert_eq!(folder.read("precious"), "of yesterday\n");
    assert!(folder.path(link).is_symlink());
    fs::remove_file(folder.path(link)).unwrap();
}

#[test]
fn in_the_directory_of_a_run_to_be_made() {
    let folder = Folder::new();
    fs::create_dir(folder.path("out")).unwrap();
    for name in ["lock", ".unfinished-checkpoint", "steps.jsonl"] {
        refused(&folder, TRAIN, &format!("out/{name}"));
    }
    folder.run(TRAIN).success();
}

#[test]
fn in_the_directory_of_a_run_that_goes_on() {
    let folder = Folder::new();
    folder.run(TRAIN).success();
    for name in ["checkpoint-0000000099", "best-0000000099.safetensors", "failure.json", "model-x"] {
        refused(&folder, TRAIN, &format!("out/{name}"));
    }
    for name in ["lock", "steps.jsonl", "evals.jsonl", "result.json"] {
        fs::rename(folder.path(&format!("out/{name}")), folder.path("aside")).unwrap();
        refused(&folder, TRAIN, &format!("out/{name}"));
        fs::rename(folder.path("aside"), folder.path(&format!("out/{name}"))).unwrap();
    }
    folder.run(TRAIN).success();
}

#[test]
fn in_a_study() {
    let folder = Folder::new();
    let compare =
        "compare --model model --target task.toml --arms single --seeds 1, --epochs 1 --out study --resume";
    folder.run(compare).success();
    for link in ["study/mine", "study/runs/0123456789abcdef.lock", "study/tables/mine.csv"] {
        refused(&folder, compare, link);
        refused(&folder, "report study", link);
    }
    folder.run("report study").success();
}
