//! Real models on GLUE's own files, in the data home that `MTLIFT_HOME` names.

use std::path::PathBuf;

use serde_json::Value;

use crate::folder::Folder;

/// The data home. These tests are ignored unless they are asked for, and then fail without it.
fn data_home() -> PathBuf {
    let home = std::env::var_os("MTLIFT_HOME");
    let home = home.expect("set MTLIFT_HOME to the path of a folder with glue/, models/ and goldens/");
    std::path::absolute(home).unwrap()
}

fn run(folder: &Folder, arguments: &str) -> Value {
    folder.run_json(&format!("{arguments} --data-home {}", data_home().display()))
}

#[test]
#[ignore = "needs the data home: set MTLIFT_HOME and run with --include-ignored"]
fn train_evaluate_and_predict_on_rte() {
    let folder = Folder::new();
    let train = "train --model bert-tiny-splade --task RTE --max-train 64 --max-steps 4 --batch 16 --protocol fixed --json";
    let result = run(&folder, &format!("{train} --out out"));
    assert_eq!((&result["task"], &result["steps"]), (&"RTE".into(), &4.into()));
    let evaluation = run(&folder, "evaluate --model out/model --task RTE --json");
    assert_eq!((&evaluation["metrics"], &evaluation["rows"]), (&result["metrics"], &277.into()));
    run(&folder, "predict --model out/model --task RTE --split dev --out predicted.tsv --json");
    assert_eq!(folder.read("predicted.tsv"), folder.read("out/predictions-dev.tsv"));
    assert!(folder.read("predicted.tsv").starts_with("index\tprediction\tentailment\tnot_entailment\n0\t"));
    let three = run(&folder, &format!("{train} --threads 3 --out three"));
    assert_eq!(three["parameters"], result["parameters"], "on three threads");
}

#[test]
#[ignore = "needs the data home: set MTLIFT_HOME and run with --include-ignored"]
fn train_on_sts_b() {
    let folder = Folder::new();
    let train = "train --model bert-tiny-splade --task STS-B --max-train 64 --max-steps 2 --batch 16 --protocol fixed --json";
    let result = run(&folder, &format!("{train} --out out"));
    let names: Vec<&String> = result["metrics"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["headline", "pearson", "spearman"]);
    assert_eq!(folder.json("out/model/config.json")["problem_type"], "regression");
}

#[test]
#[ignore = "needs the data home: set MTLIFT_HOME and run with --include-ignored"]
fn verify_passes_on_recorded_values_and_fails_on_others() {
    let folder = Folder::new();
    let golden = data_home().join("goldens/bert-2class");
    let passed = run(&folder, &format!("verify --model {} --json", golden.display()));
    assert_eq!(passed["passed"], true);
    let exact = format!("verify --model {} --tolerance 0 --json", golden.display());
    let failed: Value = serde_json::from_slice(&folder.run(&exact).code(1).get_output().stdout).unwrap();
    assert_eq!(failed["passed"], false);
    folder.fails(
        "verify --model model",
        "model holds no reference: expected golden.safetensors, trajectory.safetensors or reference.safetensors",
    );
}

#[test]
#[ignore = "needs the data home: set MTLIFT_HOME and run with --include-ignored"]
fn data_check_finds_the_official_counts() {
    let folder = Folder::new();
    let check = run(&folder, "data check RTE --json");
    for split in check["splits"].as_array().unwrap() {
        assert_eq!(split["rows"], split["official_rows"], "{split}");
    }
}
