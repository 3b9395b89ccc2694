//! A study of which something is broken or missing: it is named, the rest says what it can, and what is made again has the
//! same bits.

use std::fs::{self, File};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::folder::{Folder, PATIENCE};
use crate::study::{COMPARE, folder, label, runs, stderr};
use crate::study_killed::{outcome, results, wait};

/// Four runs: two singles, STILTs and MTL under one seed.
fn compare() -> String {
    COMPARE.replace("help.toml,other.toml", "help.toml").replace("--seeds 2", "--seeds 1")
}

/// A folder with a finished study of [`compare`].
fn made() -> Folder {
    let folder = folder();
    folder.run(&format!("{} --out study", compare())).success();
    folder
}

fn id(folder: &Folder, run: &str) -> String {
    runs(folder, "study").into_iter().find(|id| label(folder, "study", id) == run).unwrap()
}

fn findings(folder: &Folder) -> Value {
    folder.run("report study").success();
    folder.json("study/findings.json")
}

/// The report's warnings, but for those of what the seeds have learnt.
fn warnings(findings: &Value) -> Vec<&str> {
    let all = findings["warnings"].as_array().unwrap().iter().map(|warning| warning.as_str().unwrap());
    all.filter(|warning| !warning.contains("all of one class")).collect()
}

/// How many seeds an arm has.
fn seeds(findings: &Value, arm: &str) -> usize {
    let arms = findings["arms"].as_array().unwrap();
    let arm = arms.iter().find(|there| there["label"] == arm).unwrap();
    arm["scores"].as_array().unwrap().len()
}

#[test]
fn predictions_that_are_cut() {
    let folder = made();
    let stilts = id(&folder, "toy: stilts from help, seed 1");
    let file = format!("study/runs/{stilts}/predictions-dev.tsv");
    let whole = folder.read(&file);
    let cut: Vec<&str> = whole.lines().take(21).collect();
    folder.write(&file, cut.join("\n"));
    let left_out = |what: &str| {
        format!(
            "run {stilts} (toy: stilts from help, seed 1) is left out: {file}: not what mtlift wrote there: {what}"
        )
    };
    let report = findings(&folder);
    assert_eq!(warnings(&report), [left_out("20 predictions for 40 rows")]);
    for (arm, expected) in [("single", 1), ("stilts from help", 0), ("mtl with help", 1)] {
        assert_eq!(seeds(&report, arm), expected, "{arm}");
    }
    // Cut within its last line: the number of lines is right.
    let (start, last) = whole.trim_end().rsplit_once("\n39\t").unwrap();
    folder.write(&file, format!("{start}\n39\t{}", &last[..1]));
    let what = "line 41: expected an index, a prediction and 2 logits, with tabs between them";
    assert_eq!(warnings(&findings(&folder)), [left_out(what)]);
    folder.write(&file, format!("{start}\n39\tperhaps\t0\t0"));
    assert_eq!(warnings(&findings(&folder)), [left_out("`perhaps` is no prediction of task toy")]);
    folder.write(&file, whole);
    assert!(warnings(&findings(&folder)).is_empty());
}

#[test]
fn a_description_that_cannot_be_read_and_a_run_without_one() {
    let folder = made();
    let own = runs(&folder, "study");
    folder.write("study/runs/00000000000000aa.json", "{\"label\": ");
    folder.write("study/runs/00000000000000bb/steps.jsonl", "");
    folder.write("study/runs/notes.txt", "mine");
    let reasons = [
        "run 00000000000000aa (unknown) is not used: study/runs/00000000000000aa.json: not what mtlift wrote there: EOF \
         while parsing a value at line 1 column 10",
        "run 00000000000000bb (unknown) is not used: cannot read study/runs/00000000000000bb.json: No such file or \
         directory (os error 2)",
    ];
    assert_eq!(warnings(&findings(&folder)), reasons);
    let said = stderr(&folder, "study status study");
    let expected = reasons.map(|reason| format!("warning: {reason}; `mtlift study gc` removes it\n"));
    assert_eq!(said, expected.concat());
    let freed = folder.run_json("study gc study --json");
    assert_eq!(freed["runs"], 2);
    assert!(!folder.path("study/runs/00000000000000bb").exists());
    assert_eq!(folder.read("study/runs/notes.txt"), "mine", "what is no run stays");
    assert_eq!(runs(&folder, "study"), own, "the study's own runs stay");
    assert!(warnings(&findings(&folder)).is_empty());
}

#[test]
fn a_last_report_that_cannot_be_read_is_named() {
    let folder = made();
    let whole = folder.read("study/findings.json");
    // Cut, and of another form.
    for (damaged, fault) in [
        (&whole[..1], "EOF while parsing an object at line 1 column 1"),
        ("{}", "missing field `command` at line 1 column 2"),
    ] {
        folder.write("study/findings.json", damaged);
        let said = stderr(&folder, "report study");
        assert_eq!(
            said,
            format!(
                "warning: study/findings.json: not what mtlift wrote there: {fault}; the new report names `mtlift report study` \
                 instead of the command that made the study\n"
            )
        );
        assert_eq!(folder.json("study/findings.json")["command"], "mtlift report study");
    }
    fs::remove_file(folder.path("study/findings.json")).unwrap();
    assert_eq!(stderr(&folder, "report study"), "", "a first report has none before it");
    folder.write("study/findings.json", whole);
    assert!(findings(&folder)["command"].as_str().unwrap().starts_with("mtlift compare "));
}

#[test]
fn a_study_file_that_is_not_understood() {
    let folder = made();
    let mut spec = folder.json("study/study.json");
    spec["sedes"] = json!([1]);
    folder.write("study/study.json", serde_json::to_string(&spec).unwrap());
    let message = "study/study.json: not what mtlift wrote there: unknown field `sedes`, expected one of `question`, `model`, \
         `targets`, `supports`, `arms`, `seeds`, `looks`, `judge_by`, `until`, `tune`, `ratios`, `mtl_all_samplers`, `support_seed`, `support_phase`, `heads`, `mixing`, \
         `settings`, `keep_models`, `conflict_every`";
    for command in ["report study", "study status study", "study gc study", "study calibrate study"] {
        folder.fails(command, message);
    }
    folder.fails(&format!("{} --out study --resume", compare()), message);
}

#[test]
fn broken_runs_are_made_again_when_their_directories_are_removed() {
    let folder = made();
    let whole = outcome(&folder, "study");
    // A process was killed before it had written anything of a run, and between making its lock and its description.
    let begun = id(&folder, "toy: mtl with help, seed 1");
    fs::remove_dir_all(folder.path(&format!("study/runs/{begun}"))).unwrap();
    fs::create_dir(folder.path(&format!("study/runs/{begun}"))).unwrap();
    fs::remove_file(folder.path(&format!("study/runs/{begun}.json"))).unwrap();
    // Of a run from which another starts the timing has gone.
    let support = id(&folder, "help: single, seed 1");
    fs::remove_file(folder.path(&format!("study/runs/{support}/timing.json"))).unwrap();
    let why = format!("cannot read study/runs/{support}/timing.json: No such file or directory (os error 2)");

    let status = folder.run_json("study status study --json");
    let of = |run: &str| {
        let all = status["runs"].as_array().unwrap();
        all.iter().find(|there| there["run"].as_str().unwrap().starts_with(run)).unwrap().clone()
    };
    assert_eq!(of("toy: mtl with help")["status"], "begun");
    assert_eq!(
        (&of("help: single")["status"], &of("help: single")["why"]),
        (&json!("unreadable"), &json!(why))
    );
    assert_eq!(of("toy: single")["status"], "finished");
    let report = findings(&folder);
    let left_out = format!("run {support} (help: single, seed 1) cannot be read and is left out: {why}");
    assert_eq!(warnings(&report), [left_out]);
    assert_eq!(report["progress"], json!([2, 4]));
    for (arm, expected) in [("single", 1), ("stilts from help", 0), ("mtl with help", 0)] {
        assert_eq!(seeds(&report, arm), expected, "{arm}");
    }

    let said = stderr(&folder, "study status study");
    let advice =
        format!("warning: help: single, seed 1 ({support}): {why}; remove its directory to make it again\n");
    assert_eq!(said, advice);
    fs::remove_dir_all(folder.path(&format!("study/runs/{support}"))).unwrap();
    folder.run(&format!("{} --out study --resume", compare())).success();
    outcome(&folder, "study").assert_same(&whole, "what was made again");
    assert!(warnings(&folder.json("study/findings.json")).is_empty());
}

#[test]
fn a_run_that_another_process_is_making() {
    let folder = made();
    let whole = outcome(&folder, "study");
    // This process makes one run; another is left for the second process.
    let [ours, theirs] = ["toy: single, seed 1", "toy: mtl with help, seed 1"].map(|run| id(&folder, run));
    let lock = File::create(folder.path(&format!("study/runs/{ours}.lock"))).unwrap();
    lock.lock().unwrap();
    let made = folder.path(&format!("study/runs/{ours}"));
    fs::rename(&made, folder.path("made")).unwrap();
    fs::remove_dir_all(folder.path(&format!("study/runs/{theirs}"))).unwrap();
    let status = folder.run("study status study").success();
    let said = String::from_utf8_lossy(&status.get_output().stdout).into_owned();
    assert!(said.contains(&format!("running    toy: single, seed 1 ({ours})\n")), "{said}");
    assert!(said.contains(&format!("waiting    toy: mtl with help, seed 1 ({theirs})\n")), "{said}");
    assert!(said.contains("\n2 of 4 runs finished, 1 running\nabout "), "{said}");
    assert_eq!(folder.run_json("study gc study --json")["runs"], 0, "what is being made is not removed");

    let mut second = folder.start(&format!("{} --out study --resume", compare()));
    let started = Instant::now();
    while !results(&folder, "study").contains_key(&theirs) {
        assert!(started.elapsed() < PATIENCE, "the other run is not made");
        std::thread::sleep(Duration::from_millis(5));
    }
    // It looks for work twice a second.
    std::thread::sleep(Duration::from_millis(1200));
    assert!(second.try_wait().unwrap().is_none(), "it waits");
    assert!(!made.exists(), "it does not make the run itself");
    fs::rename(folder.path("made"), &made).unwrap();
    let before = results(&folder, "study");
    drop(lock);
    assert!(wait(second));
    assert_eq!(results(&folder, "study"), before, "nor does it make it again");
    outcome(&folder, "study").assert_same(&whole, "made by two");
}
