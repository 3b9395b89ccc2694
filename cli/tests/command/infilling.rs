//! The arm whose model writes the rows that it is trained on: as a whole command, killed, on other threads, and where it cannot be.

use mtlift_encoder::Config;
use mtlift_nn::random::Stream;
use mtlift_nn::{Role, draw_normal};
use mtlift_train::MaskedNetwork;
use serde_json::json;

use crate::folder::{Folder, TASK};
use crate::merge_arms::run;
use crate::self_training::{assert_goes_on, compare, result, sum};
use crate::study::{folder, runs, stderr};
use crate::study_killed::outcome;

/// What passes for sure and agreed with models of a few steps.
const EASY: &str = "self-train:infill(confidence=0.5,agreement=0.4,passes=2,copies=2)";

/// Of the folder's own model, which is an encoder alone.
pub(crate) const NO_HEAD: &str = "the model in model has no head for masked-language modelling (cls.predictions.bias is missing), and self-train:infill and consistency \
     write rows with it: start from a model as it was pretrained, from one that `mtlift pretrain` wrote, or leave them out";

/// Adds `number.toml`, the folder's task as a regression.
pub(crate) fn write_numbers(folder: &Folder) {
    let number = TASK.replace("classification", "regression").replace("labels = [\"no\", \"yes\"]\n", "");
    folder.write("number.toml", number.replace("\"accuracy\", \"f1\"", "\"mse\""));
    for split in ["train", "dev"] {
        let values = folder.read(&format!("{split}.tsv")).replace("\tno", "\t0").replace("\tyes", "\t1");
        folder.write(&format!("{split}.tsv"), values);
    }
}

/// The folder's tasks, and a model with a head for masked-language modelling.
pub(crate) fn with_head() -> Folder {
    let folder = folder();
    let network = MaskedNetwork::new(&Config::read(&folder.path("model")).unwrap());
    let (_, encoder) = folder.encoder("model");
    let mut params = network.layout().zeros();
    params.values_mut()[..encoder.values().len()].copy_from_slice(encoder.values());
    for entry in network.layout().entries().iter().filter(|entry| entry.role != Role::Encoder) {
        let values = &mut params.values_mut()[entry.range.clone()];
        match entry.shape.len() {
            2 => draw_normal(values, 0.5, Stream::new(0, &entry.name)),
            _ if entry.name.ends_with("LayerNorm.weight") => values.fill(1.0),
            _ => {}
        }
    }
    mtlift_encoder::save(&folder.path("model"), network.layout(), &params).unwrap();
    folder
}

#[test]
fn rows_are_written_and_trained_on() {
    let folder = with_head();
    let arms = format!("single,single:steps,{EASY}");
    let asked = |out: &str| compare(&arms, &format!("--max-train 60 --out {out}"));
    let before = stderr(&folder, &format!("{} --dry-run", asked("study")));
    assert!(before.contains(&format!("toy: {EASY}")), "the estimate has the arm: {before}");
    folder.run(&asked("study")).success();

    let found = result(&folder, "study", &format!("toy: {EASY}, seed 1"));
    let record = &found["self_training"];
    // Of 60 rows 6 are held out; the 100 that the cut leaves have no part in it.
    assert_eq!((&record["method"], &record["gold"]), (&json!(EASY), &json!(54)));
    let source = &record["unlabelled"][0];
    assert_eq!(
        (&source["task"], &source["split"], &source["rows"]),
        (&json!("toy"), &json!("written"), &json!(108))
    );
    let kept = sum(&record["kept"]);
    assert!(kept > 0, "{record}");
    assert_eq!((kept + sum(&record["dropped"]), &found["train_rows"]), (108, &json!(54 + kept)));
    let directory = format!("study/runs/{}", run(&folder, "study", &format!("toy: {EASY}, seed 1")));
    let table = folder.read(&format!("{directory}/written.tsv"));
    assert_eq!(table.lines().count(), 1 + 108);
    assert_eq!(table.lines().filter(|line| line.split('\t').nth(2) == Some("kept")).count() as u64, kept);
    let again = folder.run_json(&format!("evaluate --model {directory}/model --task task.toml --json"));
    assert_eq!(again["metrics"]["headline"], found["metrics"]["headline"]);
    let findings = folder.json("study/findings.json");
    assert_eq!(findings["arms"][2]["self_trained"][0]["kept"], kept);
    assert!(folder.read("study/report.html").contains("Rows that a model has labelled"));
    assert_eq!(runs(&folder, "study").len(), 6);

    folder.run(&format!("{} --threads 3", asked("threads"))).success();
    outcome(&folder, "threads").assert_same(&outcome(&folder, "study"), "three threads");
}

/// Rows are written and labelled again when a killed run goes on, and it ends with the same bits.
#[test]
fn a_killed_run_goes_on_to_the_same_bits() {
    assert_goes_on(&with_head(), EASY);
}

#[test]
fn what_cannot_write_is_refused() {
    let folder = folder();
    let asked = compare("single,self-train:infill", "--out study");
    folder.fails(&asked, NO_HEAD);
    let folder = with_head();
    write_numbers(&folder);
    folder.fails(
        &asked.replace("task.toml", "number.toml"),
        "task toy is a regression, and self-training labels classes: leave out the arm",
    );
    assert!(!folder.path("study").exists(), "nothing was written");
}
