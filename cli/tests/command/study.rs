//! A study as its users meet it: what it prints, what it leaves, how it grows, and what it says of runs that are broken.

use std::fs;

use serde_json::Value;

use crate::folder::{Folder, TASK, rows};

/// Eleven runs of a few steps: two singles, STILTs, MTL and MTL-ALL under two seeds.
pub(crate) const COMPARE: &str = "compare --model model --target task.toml --support help.toml,other.toml \
     --arms single,stilts,mtl --seeds 2 --epochs 1 --batch 16 --lr 1e-2 --jobs 1";

/// A folder with three made-up tasks.
pub(crate) fn folder() -> Folder {
    let folder = Folder::new();
    for (name, count) in [("help", 96), ("other", 64)] {
        let files = [("train", count), ("dev", 30), ("test", 10)];
        let mut task = TASK.replace("\"toy\"", &format!("\"{name}\""));
        for (split, count) in files {
            task = task.replace(&format!("\"{split}.tsv\""), &format!("\"{name}-{split}.tsv\""));
            folder.write(
                &format!("{name}-{split}.tsv"),
                rows(count, &format!("{name}-{split}"), split != "test"),
            );
        }
        folder.write(&format!("{name}.toml"), task);
    }
    folder
}

/// The ids of a study's runs.
pub(crate) fn runs(folder: &Folder, study: &str) -> Vec<String> {
    let names = fs::read_dir(folder.path(&format!("{study}/runs"))).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut ids: Vec<String> =
        names.filter_map(|name| name.strip_suffix(".json").map(str::to_owned)).collect();
    ids.sort();
    ids
}

pub(crate) fn label(folder: &Folder, study: &str, id: &str) -> String {
    folder.json(&format!("{study}/runs/{id}.json"))["label"].as_str().unwrap().to_owned()
}

pub(crate) fn stderr(folder: &Folder, arguments: &str) -> String {
    let run = folder.run(arguments);
    String::from_utf8(run.get_output().stderr.clone()).unwrap()
}

#[test]
fn compare_shares_runs_and_ends_with_a_verdict() {
    let folder = folder();
    let run = folder.run(&format!("{COMPARE} --out study")).success();
    let output = run.get_output();
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    );
    assert!(stdout.contains("toy: "), "{stdout}");
    assert!(stdout.contains("The size rule alone, for 160 rows of toy: stilts from help"), "{stdout}");
    assert!(stdout.trim_end().ends_with("report: study/report.html"), "{stdout}");
    assert!(stderr.contains("14 runs, 0 of them finished: about"), "the cost comes first: {stderr}");
    assert!(stderr.contains("[14/14] "), "{stderr}");

    // For each seed: three singles (two of them the support phases), two target phases, two mixed runs.
    let mut labels: Vec<String> =
        runs(&folder, "study").iter().map(|id| label(&folder, "study", id)).collect();
    labels.retain(|label| label.ends_with("seed 1"));
    labels.sort();
    let expected = [
        "help: single, seed 1",
        "other: single, seed 1",
        "toy: mtl with help, seed 1",
        "toy: mtl with other, seed 1",
        "toy: single, seed 1",
        "toy: stilts from help, seed 1",
        "toy: stilts from other, seed 1",
    ];
    assert_eq!(labels, expected);

    let findings = folder.json("study/findings.json");
    let arms: Vec<&str> =
        findings["arms"].as_array().unwrap().iter().map(|arm| arm["label"].as_str().unwrap()).collect();
    assert_eq!(arms, ["single", "stilts from help", "stilts from other", "mtl with help", "mtl with other"]);
    for arm in findings["arms"].as_array().unwrap() {
        for score in arm["scores"].as_array().unwrap() {
            let run = score["run"].as_str().unwrap();
            let result = folder.json(&format!("study/runs/{run}/result.json"));
            let supports = result["supports"].as_array().cloned().unwrap_or_default();
            let of_target = supports.iter().chain([&result]).find(|task| task["task"] == "toy").unwrap();
            assert_eq!(score["score"], of_target["metrics"]["headline"], "{}", arm["label"]);
        }
    }
    let html = folder.read("study/report.html");
    assert!(
        html.to_lowercase().starts_with("<!doctype html>")
            && html.contains("<svg")
            && !html.contains("<script")
    );
    assert!(folder.read("study/tables/arms.csv").contains("stilts"));
}

#[test]
fn a_finished_study_is_not_made_again() {
    let folder = folder();
    folder.run(&format!("{COMPARE} --out study")).success();
    let before = folder.snapshot("study");
    let said = stderr(&folder, &format!("{COMPARE} --out study --resume"));
    assert!(said.contains("14 runs, 14 of them finished"), "{said}");
    folder.snapshot("study").assert_same(&before, "a finished study");
    folder.fails_at_last(
        &format!("{COMPARE} --out study"),
        "study holds a study already: give --resume to go on with it, or another --out",
    );
}

#[test]
fn a_study_grows_by_seeds_and_supports_but_not_by_settings() {
    let folder = folder();
    let small = COMPARE.replace("help.toml,other.toml", "help.toml").replace("--seeds 2", "--seeds 1");
    folder.run(&format!("{small} --out study")).success();
    let first = runs(&folder, "study");
    let said = stderr(&folder, &format!("{COMPARE} --out study --resume"));
    assert!(said.contains("the study grows: seeds: 1,2 in place of 1\n"), "{said}");
    assert!(said.contains("14 runs, 4 of them finished"), "{said}");
    assert!(first.iter().all(|id| runs(&folder, "study").contains(id)), "what was made is kept");
    folder.fails_at_last(
        &format!("{} --out study --resume", COMPARE.replace("--lr 1e-2", "--lr 1e-3")),
        "study holds another study, which differs in settings.learning_rate (0.01 there, 0.001 asked): ask the same, or \
         give another --out",
    );
    folder.fails_at_last(
        &format!("{small} --out study --resume"),
        "study holds another study, which differs in seeds (1,2 there, 1 asked), supports (help.toml,other.toml there, \
         help.toml asked): ask the same, or give another --out",
    );
}

#[test]
fn a_study_of_before_the_support_phase_had_a_pace_is_the_same_study() {
    let folder = folder();
    folder.run(&format!("{COMPARE} --out study")).success();
    let mut spec = folder.json("study/study.json");
    spec.as_object_mut().unwrap().remove("support_phase").unwrap();
    folder.write("study/study.json", spec.to_string());
    let said = stderr(&folder, &format!("{COMPARE} --out study --resume"));
    assert!(said.contains("14 runs, 14 of them finished") && !said.contains("grows"), "{said}");
}

#[test]
fn runs_that_are_needed_and_have_lost_their_models_are_no_gift() {
    let folder = folder();
    folder.run(&format!("{COMPARE} --keep-models needed --out one")).success();
    // Target phases with another head start from support phases whose models have gone.
    let other = format!("{COMPARE} --heads kept --keep-models needed --reuse one --out two --dry-run");
    let said = stderr(&folder, &other);
    // Of fourteen runs: two singles of the target, four mixed ones.
    assert!(said.contains("14 runs, 0 of them finished, 6 to be taken from the other study"), "{said}");
    folder.fails_at_last(&other.replace("--reuse one", "--reuse nowhere"), "nowhere holds no study");
}

#[test]
fn a_run_that_diverged_is_named_by_the_report() {
    let folder = folder();
    // A rate at which nothing stays finite.
    let wild = COMPARE.replace("--lr 1e-2", "--lr 1e30").replace("--seeds 2", "--seeds 1");
    folder.run(&format!("{wild} --out study")).code(1);
    folder.run("report study").success();
    let warnings = folder.json("study/findings.json")["warnings"].to_string();
    assert!(
        warnings.contains(
            "(toy: single, seed 1) failed and its seed is left out, so its arm may look better than it is: at step"
        ),
        "{warnings}"
    );
}

#[test]
fn a_study_file_asks_what_the_flags_ask() {
    let folder = folder();
    let printed = folder.run(&format!("{COMPARE} --print-study")).success();
    folder.write("study.toml", &printed.get_output().stdout);
    folder.run("compare study.toml --out from-file --jobs 1").success();
    folder.run(&format!("{COMPARE} --out from-flags")).success();
    assert_eq!(folder.read("from-file/study.json"), folder.read("from-flags/study.json"));
    assert_eq!(runs(&folder, "from-file"), runs(&folder, "from-flags"));
    folder.write("wrong.toml", "targets = [\"task.toml\"]\n[settings]\nepoch = 3\n");
    let run = folder.run("compare wrong.toml --model model --out wrong").code(2);
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(said.starts_with("error: wrong.toml: unknown field `epoch`"), "{said}");
}

#[test]
fn a_broken_run_is_named_and_the_rest_goes_on() {
    let folder = folder();
    folder.run(&format!("{COMPARE} --out study")).success();
    let ids = runs(&folder, "study");
    let broken = ids.iter().find(|id| label(&folder, "study", id) == "toy: mtl with help, seed 2").unwrap();
    folder.write(&format!("study/runs/{broken}/result.json"), "{\"steps\": 4");
    let said = stderr(&folder, "study status study");
    assert!(
        said.contains(&format!(
            "warning: toy: mtl with help, seed 2 ({broken}): study/runs/{broken}/result.json: not what"
        )),
        "{said}"
    );
    folder.run("report study").success();
    let findings = folder.json("study/findings.json");
    let warnings = findings["warnings"].to_string();
    assert!(
        warnings
            .contains(&format!("run {broken} (toy: mtl with help, seed 2) cannot be read and is left out")),
        "{warnings}"
    );
    let arm =
        findings["arms"].as_array().unwrap().iter().find(|arm| arm["label"] == "mtl with help").unwrap();
    assert_eq!(arm["scores"].as_array().unwrap().len(), 1, "the other seed is there");
    assert_eq!(findings["progress"], serde_json::json!([13, 14]));
}

#[test]
fn runs_of_another_version_are_named_and_collected() {
    let folder = folder();
    folder.run(&format!("{COMPARE} --out study")).success();
    let ids = runs(&folder, "study");
    let old = folder.read(&format!("study/runs/{}.json", ids[0]));
    let mut description: Value = serde_json::from_str(&old).unwrap();
    description["description"]["numerics"] = 0.into();
    folder.write("study/runs/0123456789abcdef.json", description.to_string());
    folder.write("study/runs/0123456789abcdef/result.json", "{}");
    let said = stderr(&folder, "study status study");
    let why = "made by another version of mtlift, whose runs give other results";
    assert!(said.contains(&format!("is not used: {why}; `mtlift study gc` removes it")), "{said}");
    assert!(folder.read("study/report.html").contains("single"));
    folder.run("report study").success();
    assert!(folder.json("study/findings.json")["warnings"].to_string().contains(why));
    let said = stderr(&folder, "study gc study");
    assert!(said.contains("removed run 0123456789abcdef"), "{said}");
    assert_eq!(runs(&folder, "study"), ids, "the study's own runs stay");
}

#[test]
fn models_that_nothing_starts_from_are_removed_and_made_again_if_they_are_needed() {
    let folder = folder();
    let small = COMPARE.replace("help.toml,other.toml", "help.toml").replace("--seeds 2", "--seeds 1");
    folder.run(&format!("{small} --keep-models needed --out study")).success();
    let models = || {
        let has_model = |id: &String| folder.path(&format!("study/runs/{id}/model")).exists();
        runs(&folder, "study").iter().filter(|id| has_model(id)).count()
    };
    assert_eq!(models(), 0, "nothing starts from any run any more");
    let before = folder.snapshot("study");
    // A new arm starts from the support phase, whose model has gone.
    let grown = small.replace("single,stilts,mtl", "single,stilts,mtl,mtl-then-target");
    folder.run(&format!("{grown} --keep-models needed --out study --resume")).success();
    assert_eq!(models(), 0);
    let after = folder.snapshot("study");
    for (name, bytes) in before.0.iter().filter(|(name, _)| name.ends_with("result.json")) {
        assert_eq!(after.0.get(name), Some(bytes), "{name} is the same run");
    }
}

#[test]
fn a_dry_run_writes_nothing() {
    let folder = folder();
    let said = stderr(&folder, &format!("{COMPARE} --out study --dry-run"));
    assert!(said.contains("14 runs, 0 of them finished"), "{said}");
    assert!(!folder.path("study").exists());
}

#[test]
fn runs_of_another_study_are_taken_over_where_they_are_the_same() {
    let folder = folder();
    // The first has kept no model: what starts from a run that was taken over is taken over too.
    folder.run(&format!("{COMPARE} --keep-models needed --out one")).success();
    // Another exposure: singles and STILTs are the same runs, the mixed ones are not.
    let other = format!("{COMPARE} --exposure truncating --sampler uniform --keep-models needed");
    let said = stderr(&folder, &format!("{other} --out two --reuse one"));
    assert!(
        said.contains("14 runs, 0 of them finished, 10 to be taken from the other study: about"),
        "{said}"
    );
    folder.run(&format!("{other} --out alone")).success();
    let results = |study: &str| {
        let mut files = folder.snapshot(study).0;
        files.retain(|name, _| name.ends_with("result.json") || name.contains("/predictions-"));
        files
    };
    assert_eq!(results("two"), results("alone"));
    let timing = |study: &str, id: &str| folder.read(&format!("{study}/runs/{id}/timing.json"));
    let taken = runs(&folder, "two").iter().filter(|id| runs(&folder, "one").contains(id)).count();
    assert_eq!(taken, 10);
    for id in runs(&folder, "two").iter().filter(|id| runs(&folder, "one").contains(id)) {
        assert_eq!(timing("two", id), timing("one", id), "it was not made again");
    }
}
