//! Real models on GLUE's own files, where a data home is named by `MTLIFT_HOME`.

use std::path::PathBuf;

use serde_json::Value;

use crate::folder::Folder;

/// The data home. Without one a test returns early and says so; under CI that is a failure, so that the tests cannot
/// quietly stop testing.
fn data_home() -> Option<PathBuf> {
    let home = std::env::var_os("MTLIFT_HOME").map(|home| std::path::absolute(home).unwrap());
    if home.is_none() {
        assert!(
            std::env::var_os("CI").is_none(),
            "CI is set and MTLIFT_HOME is not: real data must be tested"
        );
        eprintln!("skipped: MTLIFT_HOME does not name a folder with glue/ and models/");
    }
    home
}

fn run(folder: &Folder, arguments: &str) -> Option<Value> {
    let home = data_home()?;
    Some(folder.run_json(&format!("{arguments} --data-home {}", home.display())))
}

#[test]
fn train_evaluate_and_predict_on_rte() {
    let folder = Folder::new();
    let train = "train --model bert-tiny-splade --task RTE --max-train 64 --max-steps 4 --batch 16 --protocol fixed --json";
    let Some(result) = run(&folder, &format!("{train} --out out")) else { return };
    assert_eq!((&result["task"], &result["steps"]), (&"RTE".into(), &4.into()));
    let evaluation = run(&folder, "evaluate --model out/model --task RTE --json").unwrap();
    assert_eq!((&evaluation["metrics"], &evaluation["rows"]), (&result["metrics"], &277.into()));
    run(&folder, "predict --model out/model --task RTE --split dev --out dev.tsv --json").unwrap();
    assert_eq!(folder.read("dev.tsv"), folder.read("out/predictions-dev.tsv"));
    assert!(folder.read("dev.tsv").starts_with("index\tprediction\tentailment\tnot_entailment\n0\t"));
    let three = run(&folder, &format!("{train} --threads 3 --out three")).unwrap();
    assert_eq!(three["parameters"], result["parameters"], "on three threads");
}

#[test]
fn train_on_sts_b() {
    let folder = Folder::new();
    let train = "train --model bert-tiny-splade --task STS-B --max-train 64 --max-steps 2 --batch 16 --protocol fixed --json";
    let Some(result) = run(&folder, &format!("{train} --out out")) else { return };
    let names: Vec<&String> = result["metrics"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["headline", "pearson", "spearman"]);
    assert_eq!(folder.json("out/model/config.json")["problem_type"], "regression");
}

#[test]
fn verify_passes_on_recorded_values_and_fails_on_others() {
    let Some(home) = data_home() else { return };
    let folder = Folder::new();
    let golden = home.join("goldens/bert-2class");
    let passed = run(&folder, &format!("verify --model {} --json", golden.display())).unwrap();
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
fn data_check_finds_the_official_counts() {
    let folder = Folder::new();
    let Some(check) = run(&folder, "data check RTE --json") else { return };
    for split in check["splits"].as_array().unwrap() {
        assert_eq!(split["rows"], split["official_rows"], "{split}");
    }
}
