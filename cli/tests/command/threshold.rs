//! `train --choose-threshold`: chosen on held-out rows, kept beside the model, and used only where it is asked for.

use serde_json::{Value, json};

use crate::folder::{Folder, TRAIN, rows};

/// A run whose model has not learnt much, so that 0.5 is not the best there is.
const CHOOSE: &str =
    "train --model model --task task.toml --max-steps 12 --batch 8 --lr 1e-3 --held-out 0.3 --json";

#[test]
fn the_threshold_is_stored_and_used_on_request() {
    let folder = Folder::new();
    let plain = folder.run_json(&format!("{CHOOSE} --out plain"));
    let chosen = folder.run_json(&format!("{CHOOSE} --choose-threshold f1 --out chosen"));
    let threshold = chosen["threshold"].clone();
    // Nothing else moves.
    let without = |mut result: Value| {
        let fields = result.as_object_mut().unwrap();
        for key in ["seconds", "training_seconds", "tokens_per_s", "peak_rss_mib", "threshold"] {
            fields.remove(key);
        }
        result
    };
    assert_eq!(without(chosen), without(plain));
    assert_eq!(folder.read("chosen/predictions-dev.tsv"), folder.read("plain/predictions-dev.tsv"));
    assert_eq!((&threshold["label"], &threshold["chosen_by"]), (&json!("yes"), &json!("f1")));
    let number = |key: &str| threshold[key].as_f64().unwrap();
    assert!(number("held_out") >= number("held_out_at_half"), "{threshold}");
    assert_eq!(
        folder.json("chosen/model/config.json")["mtlift_threshold"],
        json!({"label": "yes", "probability": threshold["probability"]})
    );
    assert_eq!(folder.json("plain/model/config.json").get("mtlift_threshold"), None);

    let evaluate =
        |more: &str| folder.run_json(&format!("evaluate --model chosen --task task.toml --json {more}"));
    assert_eq!(evaluate("--threshold stored")["metrics"], threshold["metrics"]);
    assert_eq!(
        evaluate("")["metrics"],
        folder.json("plain/result.json")["metrics"],
        "unasked the greater logit decides"
    );
    let probability = number("probability").to_string();
    assert_eq!(evaluate(&format!("--threshold {probability}"))["metrics"], threshold["metrics"]);
    let all = evaluate("--threshold 0");
    assert_eq!(all["threshold"], json!({"label": "yes", "probability": 0.0}));
    let predict = folder.run("predict --model chosen --task task.toml --threshold 0 --out -").success();
    let table = String::from_utf8_lossy(&predict.get_output().stdout).into_owned();
    assert!(table.lines().skip(1).all(|line| line.split('\t').nth(1) == Some("yes")), "{table}");

    folder.run("evaluate --model plain --task task.toml --threshold stored").code(2).stdout("").stderr(
        "error: the model has no threshold: give --threshold a number, or train it with --choose-threshold\n",
    );
    // A model that is trained on does not keep the threshold of the weights that it had.
    folder.run("train --model chosen/model --task task.toml --max-steps 2 --out further").success();
    assert_eq!(folder.json("further/model/config.json").get("mtlift_threshold"), None);
}

#[test]
fn dev_has_no_part_in_what_is_selected_on_held_out_rows() {
    let folder = Folder::new();
    let train = TRAIN.replace("--epochs 4", "--epochs 2");
    folder.run(&format!("{train} --choose-threshold --out one")).success();
    // Another dev set altogether, with its labels turned round.
    let turned = rows(30, "other rows", true)
        .replace("\tno\n", "\t?\n")
        .replace("\tyes\n", "\tno\n")
        .replace("\t?\n", "\tyes\n");
    folder.write("dev.tsv", turned);
    folder.run(&format!("{train} --choose-threshold --out two")).success();
    let [one, two] = ["one", "two"].map(|out| folder.json(&format!("{out}/result.json")));
    assert_ne!(one["metrics"], two["metrics"], "dev is another");
    for key in ["selected_step", "selected_score", "parameters"] {
        assert_eq!(one[key], two[key], "{key}");
    }
    for key in ["label", "probability", "held_out", "held_out_at_half"] {
        assert_eq!(one["threshold"][key], two["threshold"][key], "{key}");
    }
    assert_eq!(folder.read("one/model/config.json"), folder.read("two/model/config.json"));
    assert_eq!(folder.read("one/evals.jsonl"), folder.read("two/evals.jsonl"));
}

#[test]
fn a_threshold_needs_held_out_rows_and_two_labels() {
    let folder = Folder::new();
    let train = "train --model model --task task.toml";
    for protocol in ["fixed", "paper"] {
        folder.run(&format!("{train} --protocol {protocol} --choose-threshold --out out")).code(2).stdout("").stderr(format!(
            "error: choose-threshold is {protocol}, expected protocol held-out: a threshold is chosen on held-out rows\n"
        ));
    }
    let run = folder.run(&format!("{train} --choose-threshold mse --out out")).code(2).stdout("");
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(said.contains("expected headline, accuracy, f1, mcc or macro-f1"), "{said}");
    folder.write("study.toml", "[settings]\nchoose_threshold = \"f1\"\n");
    folder
        .run("compare study.toml --model model --target task.toml --arms single --out study")
        .code(2)
        .stderr(
            "error: `choose_threshold` is for single runs: train the winner again with --choose-threshold\n",
        );
}
