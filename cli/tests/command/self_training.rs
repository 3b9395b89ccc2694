//! The arm that trains itself: on which rows, for how many steps, what its record says, and that it is a run like others.

use std::time::Duration;

use mtlift_glue_data::Task;
use mtlift_train::TrainingSplit;
use serde_json::{Value, json};

use crate::folder::{Folder, TASK, rows};
use crate::killed::{kill_when, steps};
use crate::merge_arms::run;
use crate::study::{COMPARE, folder, label, runs, stderr};
use crate::study_killed::outcome;

/// What passes for sure and agreed with models of a few steps.
const EASY: &str = "self-train(confidence=0.5,agreement=0.4,passes=2)";

/// A study of the target alone, with epochs enough to learn something; `more` may ask for other seeds.
pub(crate) fn compare(arms: &str, more: &str) -> String {
    let seeds = if more.contains("--seeds") { "" } else { "--seeds 2" };
    let compare = COMPARE.replace("--support help.toml,other.toml", "").replace("single,stilts,mtl", arms);
    let compare = compare.replace("--seeds 2", seeds).replace("--epochs 1", "--epochs 10");
    format!("{compare} {more}")
}

pub(crate) fn result(folder: &Folder, study: &str, of: &str) -> Value {
    folder.json(&format!("{study}/runs/{}/result.json", run(folder, study, of)))
}

/// A folder whose task has 80 rows without labels.
fn with_unlabelled() -> Folder {
    let folder = folder();
    folder.write("task.toml", TASK.replace("test = ", "unlabelled = \"more.tsv\"\ntest = "));
    folder.write("more.tsv", rows(80, "more", false));
    folder
}

pub(crate) fn sum(counts: &Value) -> u64 {
    counts.as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum()
}

#[test]
fn rows_that_max_train_leaves_are_labelled() {
    let folder = folder();
    let asked = compare(&format!("single,single:steps,{EASY}"), "--max-train 60 --out study");
    let before = stderr(&folder, &format!("{asked} --dry-run"));
    assert!(before.contains(&format!("toy: {EASY}")), "the estimate has the arm: {before}");
    folder.run(&asked).success();

    let found = result(&folder, "study", &format!("toy: {EASY}, seed 1"));
    let record = &found["self_training"];
    assert_eq!(record["method"], EASY);
    // Of 160 rows 60 are labelled, 6 of them are held out.
    assert_eq!(record["gold"], 54);
    let unlabelled = record["unlabelled"].as_array().unwrap();
    assert_eq!(
        (unlabelled.len(), &unlabelled[0]["split"], &unlabelled[0]["rows"]),
        (1, &json!("train"), &json!(100))
    );
    let kept = sum(&record["kept"]);
    assert!(kept > 0, "{record}");
    assert_eq!(kept + sum(&record["dropped"]), 100);
    assert_eq!(found["train_rows"], 54 + kept);
    // As many steps as single, and single:steps as both.
    let steps = |of: &str| result(&folder, "study", of)["steps"].as_u64().unwrap();
    let single = steps("toy: single, seed 1");
    assert_eq!((found["steps"].as_u64().unwrap(), steps("toy: single:steps, seed 1")), (single, 2 * single));

    let score = &found["metrics"]["headline"];
    let model = format!("study/runs/{}/model", run(&folder, "study", &format!("toy: {EASY}, seed 1")));
    let again = folder.run_json(&format!("evaluate --model {model} --task task.toml --json"));
    assert_eq!(&again["metrics"]["headline"], score);

    let findings = folder.json("study/findings.json");
    let arm = &findings["arms"][2];
    assert_eq!((&arm["arm"], arm["self_trained"].as_array().unwrap().len()), (&json!(EASY), 2));
    assert_eq!(arm["self_trained"][0]["kept"], kept);
    assert!(folder.read("study/tables/self_trained.csv").lines().count() == 3);
    assert!(folder.read("study/report.html").contains("Rows that a model has labelled"));
}

/// Which labels the rest of train has is of no consequence.
#[test]
fn labels_that_are_cut_away_are_not_read() {
    let folder = folder();
    let asked = |out: &str| compare(EASY, &format!("--max-train 60 --seeds 1, --out {out}"));
    folder.run(&asked("one")).success();
    let draw = || {
        let task = Task::find(folder.path("task.toml").to_str().unwrap(), None).unwrap();
        TrainingSplit::draw(&task.read("train").unwrap().targets().unwrap(), Some(60), Some(0.1))
    };
    let used = draw();
    let train = folder.read("train.tsv");
    let mut lines: Vec<String> = train.lines().map(str::to_owned).collect();
    // Rows are drawn by class: with two neighbours exchanged, all classes have what they draw at the same places.
    let with = |row: usize, label: &str| lines[row + 1].ends_with(&format!("\t{label}"));
    let is_pair = |row: &usize| used.unused.contains(&(row + 1)) && with(*row, "no") && with(row + 1, "yes");
    let row = used.unused.iter().copied().find(is_pair).unwrap();
    lines[row + 1] = lines[row + 1].replace("\tno", "\tyes");
    lines[row + 2] = lines[row + 2].replace("\tyes", "\tno");
    folder.write("train.tsv", lines.join("\n") + "\n");
    assert_eq!(draw(), used, "the same rows are used");
    folder.run(&asked("two")).success();
    let of = |study: &str| {
        let mut found = result(&folder, study, &format!("toy: {EASY}, seed 1"));
        // The file's hash differs.
        found["self_training"]["unlabelled"] = Value::Null;
        found
    };
    assert_eq!(of("one"), of("two"));
}

#[test]
fn a_split_without_labels_is_labelled() {
    let folder = with_unlabelled();
    folder.run(&compare(&format!("single,{EASY},self-train(0.5,rounds=2)"), "--out study")).success();
    let found = result(&folder, "study", &format!("toy: {EASY}, seed 2"));
    let unlabelled = &found["self_training"]["unlabelled"];
    assert_eq!(unlabelled.as_array().unwrap().len(), 1, "{unlabelled}");
    assert_eq!((&unlabelled[0]["split"], &unlabelled[0]["rows"]), (&json!("unlabelled"), &json!(80)));
    // Two rounds are a round more than one.
    let mut labels: Vec<String> =
        runs(&folder, "study").iter().map(|id| label(&folder, "study", id)).collect();
    labels.retain(|label| label.ends_with("seed 1"));
    labels.sort();
    let expected = [
        "toy: self-train(confidence=0.5), seed 1",
        "toy: self-train(confidence=0.5,agreement=0.4,passes=2), seed 1",
        "toy: self-train(confidence=0.5,rounds=2), seed 1",
        "toy: single, seed 1",
    ];
    assert_eq!(labels, expected);

    // The file is no part of what the target's other runs are.
    let single = run(&folder, "study", "toy: single, seed 1");
    folder.write("task.toml", TASK);
    folder.run(&compare("single", "--out other")).success();
    assert_eq!(run(&folder, "other", "toy: single, seed 1"), single);
    // More rows without labels make another run.
    folder.write("task.toml", TASK.replace("test = ", "unlabelled = \"more.tsv\"\ntest = "));
    folder.write("more.tsv", rows(81, "more", false));
    folder.run(&compare(&format!("single,{EASY}"), "--out third")).success();
    let of = |study: &str| run(&folder, study, &format!("toy: {EASY}, seed 1"));
    assert_ne!(of("third"), of("study"));
}

#[test]
fn texts_of_a_support_are_labelled() {
    let folder = folder();
    let arms = EASY.replace("self-train", "self-train:support");
    let compare = compare(&format!("single,{arms}"), "--support help.toml --out study");
    // None of its labels is one of the target's.
    let help = folder.read("help-train.tsv").replace("\tyes", "\tperhaps");
    folder.write("help-train.tsv", help);
    folder.write("help-dev.tsv", folder.read("help-dev.tsv").replace("\tyes", "\tperhaps"));
    folder.write("help.toml", folder.read("help.toml").replace("\"yes\"", "\"perhaps\""));
    folder.run(&compare).success();
    let found = result(&folder, "study", &format!("toy: {arms} with help, seed 1"));
    let unlabelled = &found["self_training"]["unlabelled"][0];
    assert_eq!((&unlabelled["task"], &unlabelled["rows"]), (&json!("help"), &json!(96)));
    assert!(found["self_training"]["kept"].as_object().unwrap().keys().eq(["no", "yes"]));
    assert_eq!(runs(&folder, "study").len(), 4, "the support itself is not trained on");
}

/// Rows are labelled again when a killed run goes on, and it ends with the same bits.
#[test]
fn a_killed_run_goes_on_to_the_same_bits() {
    assert_goes_on(&with_unlabelled(), EASY);
}

/// That the last run of an arm, killed as it begins, amid its steps and near its end, ends as one that was never stopped.
#[track_caller]
pub(crate) fn assert_goes_on(folder: &Folder, arm: &str) {
    let asked = |out: &str| {
        compare(arm, &format!("--seeds 1, --evaluate-every 0.3 --keep-models needed --out {out}"))
    };
    folder.run(&asked("whole")).success();
    let id = run(folder, "whole", &format!("toy: {arm}, seed 1"));
    let directory = folder.path(&format!("killed/runs/{id}"));
    let mut kills = 0;
    for step in [1, 4, 7] {
        let process = folder.start(&format!("{} --resume", asked("killed")));
        let killed = kill_when(process, || directory.is_dir() && steps(&directory) >= step);
        kills += usize::from(killed && !directory.join("result.json").exists());
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(kills >= 1, "the run was never killed before its end");
    folder.run(&format!("{} --resume", asked("killed"))).success();
    outcome(folder, "killed").assert_same(&outcome(folder, "whole"), "a run that was killed");
}

/// Filters that no row passes leave the gold rows, and the user hears of it.
#[test]
fn without_a_kept_row_gold_rows_are_trained_on() {
    let folder = with_unlabelled();
    let said = stderr(&folder, &compare("self-train(1)", "--seeds 1, --out study"));
    assert!(said.contains("none of 80 rows that its model labelled passes the filters"), "{said}");
    let found = result(&folder, "study", "toy: self-train(confidence=1), seed 1");
    assert_eq!((sum(&found["self_training"]["kept"]), &found["train_rows"]), (0, &json!(144)));
}

#[test]
fn what_cannot_train_itself_is_refused() {
    let folder = folder();
    let refused = |arguments: &str, code: i32, message: &str| {
        let run = folder.run(arguments).code(code).stdout("");
        let stderr = String::from_utf8(run.get_output().stderr.clone()).unwrap();
        assert!(stderr.contains(message), "{stderr}");
    };
    refused(
        &compare("single,self-train", "--out study"),
        1,
        "task toy has no row without a label for self-training: name a file `unlabelled`",
    );
    refused(&compare("single,self-train:support", "--out study"), 2, "self-train:support need a support");
    refused(
        &compare("single,self-train(0.9):nash", "--max-train 60 --out study"),
        2,
        "combines the gradients of several tasks",
    );
    refused(
        &compare("single,self-train", "--max-train 60 --tune epochs=1/2 --out study"),
        2,
        "in self-train a model that was trained with the study's labels for it",
    );
    let number = TASK.replace("classification", "regression").replace("labels = [\"no\", \"yes\"]\n", "");
    folder.write("number.toml", number.replace("\"accuracy\", \"f1\"", "\"mse\""));
    for split in ["train", "dev"] {
        let values = folder.read(&format!("{split}.tsv")).replace("\tno", "\t0").replace("\tyes", "\t1");
        folder.write(&format!("{split}.tsv"), values);
    }
    let asked =
        compare("single,self-train", "--max-train 60 --out study").replace("task.toml", "number.toml");
    refused(&asked, 1, "task toy is a regression, and self-training labels classes");
    let pairs =
        TASK.replace("text = \"text\"", "text_a = \"text\"\ntext_b = \"text\"").replace("toy", "pairs");
    folder.write("pairs.toml", pairs.replace("[\"no\", \"yes\"]", "[\"0\", \"1\"]"));
    folder.write("single.toml", TASK.replace("[\"no\", \"yes\"]", "[\"0\", \"1\"]"));
    let asked = compare("single,self-train:support", "--support pairs.toml --out study");
    refused(
        &asked.replace("task.toml", "single.toml"),
        2,
        "self-train:support labels the texts of pairs, which has pairs of texts, for toy, which has single texts",
    );
    assert!(!folder.path("study").exists(), "nothing was written");
}
