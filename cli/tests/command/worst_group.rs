//! The worst group where it decides: which model of a run is selected, and by what a study's arms are judged.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::folder::{Folder, TRAIN};
use crate::groups::{COMPARE, by_hand, folder, worst};
use crate::study::{label, runs, stderr};

fn train(flags: &str) -> String {
    format!("{} --held-out 0.5 {flags}", TRAIN.replace("task.toml", "toy.toml"))
}

/// The evaluations of a run: step, headline, and accuracy of the worst group.
fn evaluations(folder: &Folder, run: &str) -> Vec<(u64, f64, f64)> {
    let lines = folder.read(&format!("{run}/evals.jsonl"));
    let of = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        let [score, worst] = [&line["scores"]["headline"], &line["worst_group"]["accuracy"]]
            .map(|value| value.as_f64().unwrap());
        (line["step"].as_u64().unwrap(), score, worst)
    };
    lines.lines().map(of).collect()
}

#[test]
fn the_model_with_the_best_worst_group_is_selected() {
    let folder = folder();
    for (flags, run) in [("", "score"), ("--select worst-group", "worst")] {
        let result = folder.run_json(&train(&format!("{flags} --out {run}")));
        let number = |&(_, score, worst): &(u64, f64, f64)| if run == "worst" { worst } else { score };
        let lines = evaluations(&folder, run);
        let best = lines.iter().map(number).fold(f64::NEG_INFINITY, f64::max);
        let first = lines.iter().find(|line| number(line) == best).unwrap();
        assert_eq!(result["selected_score"].as_f64(), Some(best));
        assert_eq!(result["selected_step"].as_u64(), Some(first.0));
    }
    assert_eq!(folder.json("worst/run.json")["settings"]["select"], "worst-group");
    assert_eq!(folder.json("score/run.json")["settings"].get("select"), None, "the default is not listed");
    // Selection is all that differs: the same steps were made.
    assert_eq!(folder.read("worst/steps.jsonl"), folder.read("score/steps.jsonl"));
    let run = folder.run(&train("--select worst-group --out score --resume")).code(1);
    let stderr = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(stderr.contains("settings.select (null there, \"worst-group\" asked)"), "{stderr}");
}

#[test]
fn a_worst_group_that_there_is_not_is_refused() {
    let folder = folder();
    let refused = |arguments: &str, message: &str| {
        let run = folder.run(arguments).code(2).stdout("");
        let stderr = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
        assert!(stderr.starts_with(&format!("error: {message}")), "{stderr}");
        assert!(!folder.path("out").exists(), "a refused command writes nothing");
    };
    let no_groups = "is worst-group, expected a task with groups: give `group` or [groups] in its task file (docs/task-files.md)";
    let plain =
        COMPARE.replace("--target toy.toml --support task.toml", "--target task.toml --support toy.toml");
    refused(&format!("{TRAIN} --select worst-group --out out"), &format!("select {no_groups}"));
    refused(&format!("{plain} --judge-by worst-group --out out"), &format!("judge-by {no_groups}"));
    refused(
        &format!("{} --select worst-group --out out", TRAIN.replace("task.toml", "toy.toml")),
        "select is worst-group, expected a group of at least 10 of the rows that select: more of them (--held-out), or select by \
         the score",
    );
    refused(
        &format!(
            "{} --protocol fixed --select worst-group --out out",
            TRAIN.replace("task.toml", "toy.toml")
        ),
        "select is worst-group, expected score: protocol fixed selects nothing",
    );
}

/// The same statistics on another number, and the same runs.
#[test]
fn a_study_is_judged_by_the_worst_group() {
    let folder = folder();
    let plain = folder.run_json(&format!("{COMPARE} --out plain --json"));
    let judged =
        folder.run_json(&format!("{COMPARE} --judge-by worst-group --reuse plain --out judged --json"));
    assert_eq!(runs(&folder, "plain"), runs(&folder, "judged"), "no run depends on it");
    assert_eq!(
        (&plain["metric"], &judged["metric"]),
        (&json!("mean of accuracy, f1"), &json!("accuracy of the worst group"))
    );
    for (plain, judged) in plain["arms"].as_array().unwrap().iter().zip(judged["arms"].as_array().unwrap()) {
        for run in judged["runs"].as_array().unwrap() {
            let expected = worst(&by_hand(&folder, run["directory"].as_str().unwrap()));
            assert!((run["score"].as_f64().unwrap() - expected).abs() < 1e-12, "{run}");
        }
        assert_eq!(judged["mean"].as_f64(), judged["groups"]["worst"].as_f64());
        assert_eq!(judged["groups"], plain["groups"], "what groups score is said either way");
        // What is the second outcome there is the first one here.
        for key in ["gain", "interval", "p", "p_corrected"] {
            assert_eq!(judged[key], plain["groups"][key], "{key}");
        }
    }
    let study = folder.json("judged/study.json");
    assert_eq!(
        (&study["judge_by"], &folder.json("plain/study.json")["judge_by"]),
        (&json!("worst-group"), &json!("score"))
    );
    let said = stderr(&folder, &format!("{COMPARE} --out judged --resume"));
    assert!(
        said.contains("judge_by (\"worst-group\" there, \"score\" asked)"),
        "chosen before the first run: {said}"
    );
}

/// A support without groups is selected by its score, as in every other study.
#[test]
fn runs_on_tasks_without_groups_are_the_same_runs() {
    let folder = folder();
    let ids = |flags: &str, out: &str| -> BTreeMap<String, String> {
        folder
            .run(&format!("{} --held-out 0.5 {flags} --out {out}", COMPARE.replace("--seeds 3", "--seeds 1")))
            .success();
        runs(&folder, out).into_iter().map(|id| (label(&folder, out, &id), id)).collect()
    };
    let (plain, selected) = (ids("", "plain"), ids("--select worst-group", "selected"));
    let same: Vec<&str> =
        plain.keys().filter(|&label| plain.get(label) == selected.get(label)).map(String::as_str).collect();
    assert_eq!((same, plain.len()), (vec!["plain: single, seed 1"], 3));
}
