//! Arms that merge the models of finished runs: what they are made of, and that they are runs like others.

use std::path::Path;

use mtlift_files::TensorFile;
use serde_json::Value;

use crate::folder::Folder;
use crate::study::{COMPARE, folder, label, runs, stderr};

const ARMS: &str = "single,merge:metagpt,merge:arithmetic+held-out,merge-then-target:average";

fn compare(more: &str) -> String {
    let compare = COMPARE.replace("help.toml,other.toml", "help.toml").replace("single,stilts,mtl", ARMS);
    format!("{compare} {more}")
}

/// The id of the run with this label.
pub(crate) fn run(folder: &Folder, study: &str, of: &str) -> String {
    let mut ids = runs(folder, study).into_iter();
    ids.find(|id| label(folder, study, id) == of).unwrap_or_else(|| panic!("no run {of}"))
}

fn tensors(model: &Path) -> Vec<(String, Vec<u32>)> {
    let file = TensorFile::open(&model.join("model.safetensors")).unwrap();
    let names: Vec<String> = file.names().map(str::to_owned).collect();
    let bits = |name: &str| file.f32(name).unwrap().1.iter().map(|value| value.to_bits()).collect();
    names.iter().map(|name| (name.clone(), bits(name))).collect()
}

#[test]
fn arms_merge_the_singles() {
    let folder = folder();
    let before = stderr(&folder, &compare("--out study --dry-run"));
    assert!(before.contains("toy: merge:metagpt with help"), "the estimate has the arm: {before}");
    folder.run(&compare("--out study")).success();
    let mut labels: Vec<String> =
        runs(&folder, "study").iter().map(|id| label(&folder, "study", id)).collect();
    labels.retain(|label| label.ends_with("seed 1"));
    labels.sort();
    let expected = [
        "help: single, seed 1",
        "toy: merge-then-target:average with help, seed 1",
        "toy: merge:arithmetic+held-out with help, seed 1",
        "toy: merge:average with help, seed 1",
        "toy: merge:metagpt with help, seed 1",
        "toy: single, seed 1",
    ];
    assert_eq!(labels, expected);

    // The same as by hand.
    let id = |of: &str| run(&folder, "study", of);
    let [target, support, merged] = ["toy: single", "help: single", "toy: merge:metagpt with help"]
        .map(|of| id(&format!("{of}, seed 1")));
    folder
        .run(&format!(
            "merge study/runs/{target} study/runs/{support} --base model --method metagpt --out by-hand"
        ))
        .success();
    let model = format!("study/runs/{merged}/model");
    assert_eq!(tensors(&folder.path(&model)), tensors(&folder.path("by-hand")));

    let result = folder.json(&format!("study/runs/{merged}/result.json"));
    assert_eq!((&result["steps"], &result["merged"]["method"]), (&0.into(), &"metagpt".into()));
    let shares: Vec<f64> =
        result["merged"]["coefficients"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect();
    assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{shares:?}");
    let score = folder.run_json(&format!("evaluate --model {model} --task task.toml --json"));
    assert_eq!(score["metrics"]["headline"], result["metrics"]["headline"]);

    // The coefficient that is best on the held-out rows, and no other.
    let chosen = folder
        .json(&format!("study/runs/{}/result.json", id("toy: merge:arithmetic+held-out with help, seed 1")));
    let method = chosen["merged"]["method"].as_str().unwrap();
    assert!(method == "arithmetic" || method.starts_with("arithmetic(coefficient="), "{method}");

    let findings = folder.json("study/findings.json");
    let arms: Vec<&Value> = findings["arms"].as_array().unwrap().iter().collect();
    let named: Vec<&str> = arms.iter().map(|arm| arm["arm"].as_str().unwrap()).collect();
    assert_eq!(named.join(","), ARMS);
    for arm in &arms {
        assert_eq!(arm["scores"].as_array().unwrap().len(), 2, "{}", arm["label"]);
    }
    // What an arm costs counts the runs that it is made of.
    let steps = |arm: &Value| arm["cost"]["steps"].as_f64().unwrap();
    assert!(steps(arms[1]) > steps(arms[0]));
}

#[test]
fn models_are_kept_until_they_are_merged() {
    let folder = folder();
    folder.run(&compare("--out all")).success();
    folder.run(&compare("--out needed --keep-models needed")).success();
    let models = |study: &str| {
        runs(&folder, study)
            .iter()
            .filter(|id| folder.path(&format!("{study}/runs/{id}/model")).exists())
            .count()
    };
    assert_eq!((models("all"), models("needed")), (12, 0));
    for id in runs(&folder, "needed") {
        let result = |study: &str| folder.json(&format!("{study}/runs/{id}/result.json"));
        assert_eq!(result("needed"), result("all"), "{}", label(&folder, "all", &id));
    }
    let again = stderr(&folder, &compare("--out needed --keep-models needed --resume"));
    assert!(again.contains("12 runs, 12 of them finished"), "{again}");
}

/// A finished study grows by an arm that only merges: no run is trained.
#[test]
fn a_merge_is_added_to_a_finished_study() {
    let folder = folder();
    let stilts =
        COMPARE.replace("help.toml,other.toml", "help.toml").replace("single,stilts,mtl", "single,stilts");
    folder.run(&format!("{stilts} --out study")).success();
    let grown = stilts.replace("single,stilts", "single,stilts,merge:ties");
    let said = stderr(&folder, &format!("{grown} --out study --resume"));
    assert!(said.contains("8 runs, 6 of them finished"), "{said}");
    let plan = folder.run(&format!(
        "{} --arms single,merge:ties --epochs 1",
        "plan --model model --target task.toml --support help.toml"
    ));
    let plan = String::from_utf8(plan.success().get_output().stdout.clone()).unwrap();
    assert!(plan.contains("toy: merge:ties with help, seed 1: without training"), "{plan}");
}

/// The rows that are looked at are those that the runs trained on, and the estimate counts them.
#[test]
fn arms_merge_by_rows_of_their_tasks() {
    let folder = folder();
    let arms = "single,merge:fisher(rows=24)+held-out,merge:regmean(rows=24)";
    let compare =
        compare("--protocol held-out --seeds 1 --out study").replace(ARMS, arms).replace("--seeds 2 ", "");
    let said = stderr(&folder, &compare);
    assert!(said.contains("toy: merge:regmean(rows=24) with help"), "the estimate has the arm: {said}");
    for arm in ["merge:fisher(rows=24)+held-out", "merge:regmean(rows=24)"] {
        let id = run(&folder, "study", &format!("toy: {arm} with help, seed 1"));
        let result = folder.json(&format!("study/runs/{id}/result.json"));
        assert_eq!(result["merged"]["rows"], serde_json::json!([24, 24]), "{arm}");
        let described = folder.json(&format!("study/runs/{id}/run.json"));
        let looked_at: Vec<&Value> = described["merge_looks_at"]
            .as_array()
            .unwrap()
            .iter()
            .map(|of_model| &of_model["task"])
            .collect();
        assert_eq!(looked_at, ["toy", "help"], "{arm}");
        let model = format!("study/runs/{id}/model");
        let score = folder.run_json(&format!("evaluate --model {model} --task task.toml --json"));
        assert_eq!(score["metrics"]["headline"], result["metrics"]["headline"]);
    }
}

/// Under `paper` dev rows select, and they score what was chosen.
#[test]
fn dev_rows_choose_no_coefficient() {
    let folder = folder();
    let run = folder.run(&compare("--protocol paper --out study")).code(2).stdout("");
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    let expected = "error: merge:arithmetic+held-out chooses on held-out rows, and protocol paper has none but the dev rows that it scores: use \
                    protocol held-out, or leave out `+held-out`\n";
    assert_eq!(said, expected);
    assert!(!folder.path("study").exists());
}

/// A soup is the mean of whole models, heads and all.
#[test]
fn a_soup_is_the_mean_of_its_runs() {
    let folder = folder();
    let compare = compare("--out study").replace(ARMS, "single,soup,single:ema,merge:average+ema");
    folder.run(&compare).success();
    let models = [1, 1_000_001, 2_000_001].map(|seed| {
        let id = run(&folder, "study", &format!("toy: single, seed {seed}"));
        tensors(&folder.path(&format!("study/runs/{id}/model")))
    });
    let soup = run(&folder, "study", "toy: soup, seed 1");
    for (at, (name, found)) in tensors(&folder.path(&format!("study/runs/{soup}/model"))).iter().enumerate() {
        for (value, &found) in found.iter().enumerate() {
            let sum: f64 = models.iter().map(|model| f64::from(f32::from_bits(model[at].1[value]))).sum();
            assert_eq!(f32::from_bits(found), (sum / 3.0) as f32, "{name}");
        }
    }
    let arms = folder.json("study/findings.json")["arms"].clone();
    let named: Vec<&str> =
        arms.as_array().unwrap().iter().map(|arm| arm["label"].as_str().unwrap()).collect();
    assert_eq!(named, ["single", "soup", "single:ema", "merge:average+ema with help"]);

    // What is merged of runs that keep a mean of their weights is that mean.
    let [target, support, merged] =
        ["toy: single:ema", "help: single:ema", "toy: merge:average+ema with help"]
            .map(|of| run(&folder, "study", &format!("{of}, seed 1")));
    folder
        .run(&format!("merge study/runs/{target} study/runs/{support} --method average --out by-hand"))
        .success();
    let model = folder.path(&format!("study/runs/{merged}/model"));
    assert_eq!(tensors(&model), tensors(&folder.path("by-hand")));
}

#[test]
fn what_cannot_be_merged_is_misuse() {
    let folder = folder();
    let refused = |arms: &str, message: &str| {
        let compare = COMPARE.replace("single,stilts,mtl", arms);
        let run = folder.run(&format!("{compare} --out study")).code(2);
        let stderr = String::from_utf8(run.get_output().stderr.clone()).unwrap();
        assert!(stderr.contains(message), "{stderr}");
    };
    refused("single,merge:metagtp", "unknown merge `metagtp`; did you mean metagpt?");
    refused("single,merge:metagpt+held-out", "nothing to be chosen on held-out rows");
    let alone =
        COMPARE.replace("--support help.toml,other.toml", "").replace("single,stilts,mtl", "single,merge");
    folder.run(&format!("{alone} --out study")).code(2);
}
