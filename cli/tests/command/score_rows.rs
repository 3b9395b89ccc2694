//! `--score-rows` in runs and studies: what is said, that all runs of a target are scored on the same rows, and that nothing else is
//! another run for it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::folder::{Folder, TRAIN};
use crate::study::{COMPARE, folder, label, runs, stderr};

/// Single, STILTs and MTL with one support under two seeds; of 160 rows 60 are used.
fn compare(flags: &str) -> String {
    format!("{} --max-train 60 {flags}", COMPARE.replace("help.toml,other.toml", "help.toml"))
}

/// The indices in a file of predictions.
fn indices(folder: &Folder, file: &str) -> Vec<String> {
    let lines = folder.read(file);
    lines.lines().skip(1).map(|line| line.split('\t').next().unwrap().to_owned()).collect()
}

#[test]
fn a_study_scores_every_run_of_its_target_on_the_same_unused_rows() {
    let folder = folder();
    folder.run(&format!("{} --out plain", compare(""))).success();
    let run = folder.run(&format!("{} --out study", compare("--score-rows 50"))).success();
    let said = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
    assert!(said.contains("toy is scored on 40 dev rows and 50 unused training rows.\n"), "{said}");
    assert!(folder.read("study/report.html").contains("40 dev rows and 50 unused training rows"));

    let (mut of_target, mut of_support) = (Vec::new(), Vec::new());
    for id in runs(&folder, "study") {
        let files = |name: &str| {
            let one = format!("study/runs/{id}/predictions-{name}.tsv");
            let joint = format!("study/runs/{id}/predictions-toy-{name}.tsv");
            [one, joint].into_iter().find(|file| folder.path(file).exists())
        };
        if label(&folder, "study", &id).starts_with("help: ") {
            assert_eq!(files("score-rows"), None);
            of_support.push(id);
        } else {
            let file = files("score-rows").unwrap();
            of_target.push((id, indices(&folder, &file)));
        }
    }
    assert_eq!((of_target.len(), of_support.len()), (6, 2));
    assert!(of_target.iter().all(|(_, rows)| rows.len() == 50 && *rows == of_target[0].1));
    // The support's runs are those of a study without.
    let plain: BTreeSet<String> = runs(&folder, "plain").into_iter().collect();
    assert!(of_support.iter().all(|id| plain.contains(id)));
    assert!(of_target.iter().all(|(id, _)| !plain.contains(id)));

    // What the study makes of the predictions is what the runs say.
    let findings = folder.json("study/findings.json");
    let task = &findings["tasks"][0];
    assert_eq!((&task["dev_rows"], &task["score_rows"]), (&json!(40), &json!(50)));
    assert!(folder.json("plain/findings.json")["tasks"][0].get("score_rows").is_none());
    let single = &findings["arms"][0];
    let mut mean = 0.0;
    for seed in single["scores"].as_array().unwrap() {
        let result = folder.json(&format!("study/runs/{}/result.json", seed["run"].as_str().unwrap()));
        assert_eq!(result["score_rows"]["rows"], 50);
        assert_eq!(result["metrics"]["headline"], seed["score"]);
        mean += seed["score"].as_f64().unwrap() / 2.0;
    }
    assert!((single["mean"]["value"].as_f64().unwrap() - mean).abs() < 1e-9);
}

#[test]
fn fewer_rows_than_asked_for_are_all_there_are() {
    let folder = folder();
    let said = stderr(
        &folder,
        &format!("{} --seeds 1, --out study", compare("--score-rows 500").replace("--seeds 2", "")),
    );
    let why = "toy: 100 unused training rows are left to be scored beside dev, of 500 asked for";
    assert!(said.contains(why), "{said}");
    let warnings = folder.json("study/findings.json")["warnings"].to_string();
    assert!(warnings.contains(why), "{warnings}");
}

/// They are other rows to the target, and the same to a model.
#[test]
fn a_support_with_the_same_texts_is_named() {
    let folder = folder();
    folder.write("help-train.tsv", folder.read("train.tsv"));
    let said = stderr(&folder, &format!("{} --out study --dry-run", compare("--score-rows 50")));
    let why = "toy: 50 of the 50 unused training rows that are scored have the texts of training rows of help, so arms that train on \
               help may know them";
    assert!(said.contains(why), "{said}");
}

#[test]
fn every_question_takes_such_rows() {
    let folder = folder();
    let scored = |findings: &Value, task: &str| {
        let tasks = findings["tasks"].as_array().unwrap();
        tasks.iter().find(|facts| facts["name"] == task).unwrap()["score_rows"].clone()
    };
    folder.write("study.toml", "[settings]\nmax_train = 60\nscore_rows = 20\n");
    let small = "--arms single,stilts,mtl --seeds 1, --epochs 1 --batch 16 --jobs 1";
    folder
        .run(&format!("sweep study.toml --model model --tasks task.toml,help.toml {small} --out sweep"))
        .success();
    let findings = folder.json("sweep/findings.json");
    assert_eq!([scored(&findings, "toy"), scored(&findings, "help")], [json!(20), json!(20)]);
    folder
        .run(&format!(
            "size-curve study.toml --model model --target other.toml --support task.toml --ratios 1,2 {small} --out curve"
        ))
        .success();
    let findings = folder.json("curve/findings.json");
    assert_eq!((scored(&findings, "other"), scored(&findings, "toy")), (json!(4), Value::Null));
}

#[test]
fn a_run_says_what_its_score_is_of() {
    let folder = Folder::new();
    let text = TRAIN.replace(" --json", "");
    let run = folder.run(&format!("{text} --max-train 60 --score-rows 30 --out out")).success();
    let said = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
    assert!(said.starts_with("toy dev and 30 unused training rows: accuracy "), "{said}");
    assert!(said.contains("; dev alone 0."), "{said}");
    folder.run(&format!("{text} --score-rows 30 --out none")).code(2).stdout("").stderr(
        "error: score-rows is 30, expected max-train beside it: the rows that are scored are those that max-train leaves unused\n",
    );
    folder.run(&format!("{} --out none", compare("--score-rows 5").replace("--max-train 60", ""))).code(2);
}

/// It is another question: its scores are of other rows.
#[test]
fn a_study_does_not_change_the_rows_that_score_it() {
    let folder = folder();
    folder.run(&format!("{} --out study", compare("--score-rows 50"))).success();
    let run = folder.run(&format!("{} --out study --resume", compare("--score-rows 40"))).code(1);
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(said.contains("differs in settings.score_rows (50 there, 40 asked)"), "{said}");
}
