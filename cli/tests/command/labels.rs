//! Labels are matched by name: the order of a checkpoint's outputs is its own, whatever the task lists first.

use std::fs;

use serde_json::{Value, json};

use crate::folder::{Folder, TASK, TRAIN};

/// A folder with a model in `out/model` that knows the task, and in `swapped` the same model with its outputs the other
/// way round.
fn trained() -> Folder {
    let folder = Folder::new();
    folder.run(&format!("{TRAIN} --out out")).success();
    fs::create_dir(folder.path("swapped")).unwrap();
    fs::copy(folder.path("out/model/vocab.txt"), folder.path("swapped/vocab.txt")).unwrap();
    let mut config = folder.json("out/model/config.json");
    config["id2label"] = json!({"0": "yes", "1": "no"});
    config["label2id"] = json!({"yes": 0, "no": 1});
    folder.write("swapped/config.json", config.to_string());
    let mut bytes = fs::read(folder.path("out/model/model.safetensors")).unwrap();
    for name in ["classifier.weight", "classifier.bias"] {
        let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        let header: Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
        let offset = |i: usize| 8 + length + header[name]["data_offsets"][i].as_u64().unwrap() as usize;
        let tensor = &mut bytes[offset(0)..offset(1)];
        let half = tensor.len() / 2;
        tensor.rotate_left(half);
    }
    folder.write("swapped/model.safetensors", bytes);
    folder
}

fn set_labels(folder: &Folder, id2label: Value, label2id: Value) {
    let mut config = folder.json("swapped/config.json");
    config["id2label"] = id2label;
    config["label2id"] = label2id;
    folder.write("swapped/config.json", config.to_string());
}

#[test]
fn another_order_scores_the_same() {
    let folder = trained();
    let evaluation = folder.run_json("evaluate --model swapped --task task.toml --json");
    assert_eq!(evaluation["metrics"], folder.json("out/result.json")["metrics"]);
    folder.run("predict --model swapped --task task.toml --split dev --out swapped.tsv").success();
    let table = |name: &str, order: [usize; 4]| -> Vec<String> {
        let cut = |line: &str| {
            let fields: Vec<&str> = line.split('\t').collect();
            order.map(|at| fields[at]).join("\t")
        };
        folder.read(name).lines().map(cut).collect()
    };
    assert!(folder.read("swapped.tsv").starts_with("index\tprediction\tyes\tno\n"));
    assert_eq!(table("swapped.tsv", [0, 1, 3, 2]), table("out/predictions-dev.tsv", [0, 1, 2, 3]));
}

#[test]
fn training_goes_on_with_the_head_and_its_order() {
    let folder = trained();
    let train =
        "train --model swapped --task task.toml --max-steps 1 --lr 1e-9 --protocol fixed --out again --json";
    let run = folder.run(train).success();
    let stderr = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(stderr.contains("head for yes, no kept from the model"), "{stderr}");
    let description = folder.json("again/run.json");
    let task = &description["tasks"][0];
    assert_eq!((&task["head"], &task["labels"]), (&"kept".into(), &json!(["yes", "no"])));
    assert_eq!(folder.json("again/model/config.json")["id2label"], json!({"0": "yes", "1": "no"}));
    // A step this small moves no prediction: it is the trained head that goes on, and its labels are right.
    assert_eq!(folder.json("again/result.json")["metrics"], folder.json("out/result.json")["metrics"]);
}

#[test]
fn placeholders_are_refused_unless_named() {
    let folder = trained();
    set_labels(&folder, json!({"0": "LABEL_0", "1": "LABEL_1"}), json!({"LABEL_0": 0, "LABEL_1": 1}));
    let evaluate = "evaluate --model swapped --task task.toml --json";
    folder.fails(
        evaluate,
        "the labels of swapped are only placeholders (LABEL_0, LABEL_1): say what they mean, in this order, with --labels no,yes",
    );
    let evaluation = folder.run_json(&format!("{evaluate} --labels yes,no"));
    assert_eq!(evaluation["metrics"], folder.json("out/result.json")["metrics"]);
    folder.fails(
        &format!("{evaluate} --labels yes,no,maybe"),
        "the model in swapped predicts the labels LABEL_0, LABEL_1, task toy has the labels no, yes",
    );
    // A head that does not say what it predicts is not trained on: a fresh one is drawn.
    let run = folder.run("train --model swapped --task task.toml --max-steps 1 --out again").success();
    let stderr = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(stderr.contains("head for no, yes drawn fresh"), "{stderr}");
}

#[test]
fn labels_of_another_task() {
    let folder = trained();
    set_labels(&folder, json!({"0": "false", "1": "true"}), json!({"false": 0, "true": 1}));
    folder.fails(
        "evaluate --model swapped --task task.toml",
        "the model in swapped predicts the labels false, true, task toy has the labels no, yes",
    );
    let regression = TASK.replace("classification", "regression").replace("labels = [\"no\", \"yes\"]\n", "");
    folder.write(
        "values.toml",
        regression.replace("\"accuracy\", \"f1\"", "\"pearson\"").replace("toy", "values"),
    );
    folder.fails(
        "evaluate --model out/model --task values.toml",
        "the model in out/model predicts the labels no, yes, task values has a number",
    );
}

#[test]
fn a_head_for_other_labels_is_replaced() {
    let folder = trained();
    folder.write(
        "task.toml",
        TASK.replace("[\"no\", \"yes\"]", "[\"maybe\", \"no\", \"yes\"]\npositive = \"yes\""),
    );
    let run = folder.run("train --model out/model --task task.toml --max-steps 1 --out again").success();
    let stderr = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(stderr.contains("head for maybe, no, yes drawn fresh"), "{stderr}");
    assert_eq!(
        folder.read("again/predictions-dev.tsv").lines().next(),
        Some("index\tprediction\tmaybe\tno\tyes")
    );
}
