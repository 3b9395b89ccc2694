//! The mean probability of the right label: what a study says of it is what its predictions say, and no verdict depends on it.

use std::fs;

use serde_json::{Value, json};

use crate::folder::Folder;
use crate::study::{COMPARE, folder};

/// Single, STILTs and MTL with one support under three seeds.
fn made() -> Folder {
    let folder = folder();
    let compare = COMPARE.replace("help.toml,other.toml", "help.toml").replace("--seeds 2", "--seeds 3");
    folder.run(&format!("{compare} --out study")).success();
    folder
}

/// `e^gold / Σ e^logit`, averaged over the rows of a file of predictions.
fn mean_gold_probability(folder: &Folder, run: &str) -> f64 {
    let labels: Vec<String> = folder
        .read("dev.tsv")
        .lines()
        .skip(1)
        .map(|row| row.rsplit('\t').next().unwrap().to_owned())
        .collect();
    let one = format!("study/runs/{run}/predictions-dev.tsv");
    let file =
        if folder.path(&one).exists() { one } else { format!("study/runs/{run}/predictions-toy-dev.tsv") };
    let text = folder.read(&file);
    let mut lines = text.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let gold = |fields: Vec<&str>| {
        let row: usize = fields[0].parse().unwrap();
        let power = |field: &&str| field.parse::<f64>().unwrap().exp();
        let of_label = header.iter().rposition(|name| *name == labels[row]).unwrap();
        power(&fields[of_label]) / fields[2..].iter().map(power).sum::<f64>()
    };
    let all: Vec<f64> = lines.map(gold).collect();
    assert_eq!(all.len(), labels.len());
    all.iter().sum::<f64>() / all.len() as f64
}

#[test]
fn a_study_says_what_its_predictions_say() {
    let folder = made();
    let findings = folder.json("study/findings.json");
    let mut of_single = 0.0;
    for arm in findings["arms"].as_array().unwrap() {
        let runs = arm["scores"].as_array().unwrap().iter().map(|seed| seed["run"].as_str().unwrap());
        let mean = runs.map(|run| mean_gold_probability(&folder, run)).sum::<f64>() / 3.0;
        let found = &arm["gold_probability"];
        assert!((found["mean"].as_f64().unwrap() - mean).abs() < 1e-6, "{found}, by hand {mean}");
        if arm["label"] == "single" {
            of_single = mean;
            assert_eq!(found["gain"], Value::Null);
        } else {
            let gain = &found["gain"];
            assert!(
                (gain["difference"]["value"].as_f64().unwrap() - (mean - of_single)).abs() < 1e-6,
                "{gain}"
            );
            assert_eq!((&gain["seeds"], &gain["looks"][0]["seeds"]), (&json!(3), &json!(3)));
            assert!(gain["p_holm"].as_f64() >= gain["p_value"].as_f64());
        }
    }
    assert!(folder.read("study/tables/gold_probability.csv").lines().count() == 4);
}

/// Runs of other programs, or of before, keep labels alone.
#[test]
fn runs_without_logits_have_none_and_the_verdict_is_the_same() {
    let folder = made();
    let before = folder.json("study/findings.json");
    for run in fs::read_dir(folder.path("study/runs")).unwrap().map(|entry| entry.unwrap().path()) {
        for name in ["predictions-dev.tsv", "predictions-toy-dev.tsv"] {
            if let Ok(text) = fs::read_to_string(run.join(name)) {
                let bare = |line: &str| line.split('\t').take(2).collect::<Vec<_>>().join("\t") + "\n";
                fs::write(run.join(name), text.lines().map(bare).collect::<String>()).unwrap();
            }
        }
    }
    folder.run("report study").success();
    let mut after = folder.json("study/findings.json");
    assert!(after["arms"].as_array().unwrap().iter().all(|arm| arm.get("gold_probability").is_none()));
    assert!(!folder.path("study/tables/gold_probability.csv").exists(), "no table of before stays");
    assert!(!folder.read("study/report.html").contains("Another question"));
    assert_eq!(after.get("ensembles"), None, "there are no probabilities to average");
    after["ensembles"] = before["ensembles"].clone();
    for (after, before) in
        after["arms"].as_array_mut().unwrap().iter_mut().zip(before["arms"].as_array().unwrap())
    {
        after["gold_probability"] = before["gold_probability"].clone();
    }
    assert_eq!(after, before);
}

#[test]
fn a_logit_that_is_none_is_named() {
    let folder = made();
    let run = folder.json("study/findings.json")["arms"][0]["scores"][1]["run"].as_str().unwrap().to_owned();
    let file = format!("study/runs/{run}/predictions-dev.tsv");
    let text = folder.read(&file);
    let third = text.lines().nth(2).unwrap();
    let broken = format!("{}\tNaN", third.rsplit_once('\t').unwrap().0);
    folder.write(&file, text.replace(third, &broken));
    folder.run("report study").success();
    let warnings = folder.json("study/findings.json")["warnings"].to_string();
    assert!(
        warnings.contains("line 3: expected an index, a prediction and 2 logits, with tabs between them"),
        "{warnings}"
    );
}
