//! The arm that distils: who teaches, what it costs, that it goes on to the bit, and that its model is one like others.

use crate::folder::Folder;
use crate::killed::{kill_when, steps};
use crate::study::{COMPARE, folder, label, runs, stderr};
use crate::study_killed::outcome;

const ARMS: &str = "single,soup,distill,distill(temperature=2)";

fn compare(arms: &str, more: &str) -> String {
    let compare = COMPARE.replace("--support help.toml,other.toml", "").replace("single,stilts,mtl", arms);
    format!("{compare} --max-train 96 --evaluate-every 0.3 {more}")
}

fn run(folder: &Folder, study: &str, of: &str) -> String {
    let mut ids = runs(folder, study).into_iter();
    ids.find(|id| label(folder, study, id) == of).unwrap_or_else(|| panic!("no run {of}"))
}

#[test]
fn one_model_learns_of_a_seeds_own_runs() {
    let folder = folder();
    let before = stderr(&folder, &compare(ARMS, "--out study --dry-run"));
    assert!(before.contains("toy: distill(temperature=2)"), "the estimate has the arm: {before}");
    folder.run(&compare(ARMS, "--out study")).success();
    // Under each seed three singles, and what is made of them.
    assert_eq!(runs(&folder, "study").len(), 2 * 6);
    let teachers = |of: &str| {
        let id = run(&folder, "study", of);
        let taught = folder.json(&format!("study/runs/{id}.json"))["description"]["taught"].clone();
        let by = taught["by"].as_array().unwrap().clone();
        by.iter().map(|id| label(&folder, "study", id.as_str().unwrap())).collect::<Vec<_>>()
    };
    let singles = [2, 1_000_002, 2_000_002].map(|seed| format!("toy: single, seed {seed}"));
    assert_eq!(teachers("toy: distill, seed 2"), singles);
    assert_eq!(teachers("toy: distill(temperature=2), seed 2"), singles);

    let id = run(&folder, "study", "toy: distill, seed 1");
    let result = folder.json(&format!("study/runs/{id}/result.json"));
    let model = format!("study/runs/{id}/model");
    let score = folder.run_json(&format!("evaluate --model {model} --task task.toml --json"));
    assert_eq!(score["metrics"]["headline"], result["metrics"]["headline"]);
    let arms = folder.json("study/findings.json")["arms"].clone();
    let named: Vec<&str> = arms.as_array().unwrap().iter().map(|arm| arm["arm"].as_str().unwrap()).collect();
    assert_eq!(named.join(","), ARMS);
    // What the arm costs counts the runs that teach.
    let steps = |arm: usize| arms[arm]["cost"]["steps"].as_f64().unwrap();
    assert!((steps(2) - 4.0 * steps(0)).abs() < 1e-9, "{} and {}", steps(2), steps(0));
}

#[test]
fn a_distillation_that_was_killed_ends_with_the_same_bits() {
    let folder = folder();
    let compare = |out: &str| compare("distill(unlabelled=20)", &format!("--seeds 1, --out {out}"));
    let compare = |out: &str| compare(out).replace("--seeds 2 ", "");
    folder.run(&compare("whole")).success();
    let id = run(&folder, "whole", "toy: distill(unlabelled=20), seed 1");
    let directory = folder.path(&format!("killed/runs/{id}"));
    let process = folder.start(&compare("killed"));
    kill_when(process, || steps(&directory) >= 3);
    folder.run(&format!("{} --resume", compare("killed"))).success();
    outcome(&folder, "killed").assert_same(&outcome(&folder, "whole"), "distill");
    // 96 rows without the 10 that are held out, and 20 of the 64 that are left.
    let result = folder.json(&format!("whole/runs/{id}/result.json"));
    assert_eq!(result["train_rows"], 106);
}

#[test]
fn what_cannot_be_distilled_is_misuse() {
    let folder = folder();
    let refused = |arms: &str, more: &str, message: &str| {
        let run = folder.run(&compare(arms, &format!("{more} --out study"))).code(2);
        let stderr = String::from_utf8(run.get_output().stderr.clone()).unwrap();
        assert!(stderr.contains(message), "{stderr}");
    };
    refused(
        "single,distill(heat=2)",
        "",
        "distill has no parameter `heat`: it takes temperature=1, unlabelled=0",
    );
    refused(
        "single,distill:nash",
        "",
        "distill:nash combines the gradients of several tasks, and distill trains",
    );
    refused("single,distill", "--tune lr=1e-3/1e-2", "distill is made of models that were trained with the");
}
