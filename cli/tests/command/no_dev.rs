//! A task with training rows alone: a support may be one, because nobody asks for its score; a target may not.

use crate::folder::{Folder, TASK};
use crate::study::{COMPARE, folder, label, runs, stderr};

/// A folder whose support `help` has no dev split.
fn without_dev() -> Folder {
    let folder = folder();
    let task = TASK.replace("toy", "help").replace("train.tsv", "help-train.tsv");
    folder.write("help.toml", task.replace("dev = \"dev.tsv\"\ntest = \"test.tsv\"\n", ""));
    for split in ["dev", "test"] {
        std::fs::remove_file(folder.path(&format!("help-{split}.tsv"))).unwrap();
    }
    folder
}

#[test]
fn a_support_needs_no_dev_split() {
    let folder = without_dev();
    let compare = COMPARE.replace("single,stilts,mtl", "single,stilts,mtl,mtl-all,mtl-then-target");
    let run = folder.run(&format!("{compare} --out study")).success();
    let stdout = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(stdout.contains("stilts from help") && stdout.contains("mtl with help"), "{stdout}");
    let note = "support help has no dev split: its held-out rows select, and it gets no dev score\n";
    assert_eq!(said.matches(note).count(), 1, "{said}");
    assert!(said.contains("help: single, seed 1: help held out "), "{said}");

    let alone = runs(&folder, "study")
        .into_iter()
        .find(|id| label(&folder, "study", id) == "help: single, seed 1")
        .unwrap();
    let result = folder.json(&format!("study/runs/{alone}/result.json"));
    assert!(result.get("metrics").is_none() && result["selected_score"].is_number(), "{result}");
    assert!(folder.path(&format!("study/runs/{alone}/model")).is_dir());
    assert!(!folder.path(&format!("study/runs/{alone}/predictions-dev.tsv")).exists());

    let settings = folder.json("study/findings.json")["settings"].to_string();
    assert!(
        settings.contains("[\"supports without a dev score, selected on held-out rows\",\"help\"]"),
        "{settings}"
    );
    folder.run("study status study").success();
    folder.run("report study").success();
}

/// The scores that such a sampler looks at are those on the held-out rows, which every task has.
#[test]
fn samplers_that_look_at_scores_need_no_dev_split() {
    let folder = without_dev();
    let compare = "compare --model model --target task.toml --support help.toml --arms single,mtl --seeds 1 --epochs 2 --jobs 1";
    for sampler in ["dynamic", "dynamic-gap"] {
        folder.run(&format!("{compare} --sampler {sampler} --out {sampler}")).success();
    }
}

#[test]
fn a_target_and_the_papers_protocol_need_one() {
    let folder = without_dev();
    let cure = "name a file `dev` under [files], or carve rows out of train with `dev = 0.1` under [split]";
    folder.fails(
        &format!("{COMPARE} --protocol paper --out study"),
        &format!(
            "task help has no dev split, and protocol paper selects every checkpoint on it, a support's too (protocol held-out does \
             not): {cure}"
        ),
    );
    folder.fails(
        "compare --model model --target help.toml --support other.toml --out study",
        &format!("task help has no dev split, and a target is scored on it: {cure}"),
    );
    for protocol in ["paper", "fixed"] {
        folder.fails(
            &format!("train --model model --task help.toml --protocol {protocol} --out out"),
            &format!("task help has no dev split, and protocol {protocol} scores it there: {cure}"),
        );
    }
    assert!(!folder.path("study").exists() && !folder.path("out").exists());
}

#[test]
fn a_run_on_it_says_that_it_has_no_score() {
    let folder = without_dev();
    let train = "train --model model --task help.toml --epochs 1 --out out";
    let said = stderr(&folder, train);
    assert!(
        said.contains("task help has no dev split: its held-out rows select, and it gets no dev score\n"),
        "{said}"
    );
    let run = folder.run(&format!("{train} --resume")).success();
    let stdout = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
    assert!(stdout.starts_with("help held out of train: headline 0."), "{stdout}");
    assert!(stdout.contains("; no dev split, no dev score (protocol held-out, seed 42,"), "{stdout}");
}
