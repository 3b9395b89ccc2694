//! Groups of rows: what commands say of them is what the predictions say, and a task scores and trains as it does without them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::folder::{Folder, TASK, TRAIN};
use crate::study::stderr;

/// About half of the rows have one of these words, whatever their label.
pub(crate) const BY_WORDS: &str = "[groups]\nwords = [\"w0\", \"W1\", \"w2\", \"w3\", \"w4\", \"w5\"]\n";

pub(crate) const COMPARE: &str = "compare --model model --target toy.toml --support task.toml --arms single,stilts --seeds 3 --epochs 2 --batch 16 \
                       --lr 1e-2 --jobs 1";

/// A folder with `task.toml`, and `toy.toml`, which is the same task in groups.
pub(crate) fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("toy.toml", format!("{TASK}{BY_WORDS}"));
    folder.write("task.toml", TASK.replace("\"toy\"", "\"plain\""));
    folder
}

/// Rows and right ones of each group of dev, by a run's predictions.
pub(crate) fn by_hand(folder: &Folder, run: &str) -> BTreeMap<String, (usize, usize)> {
    let predictions = folder.read(&format!("{run}/predictions-dev.tsv"));
    let predicted: Vec<&str> =
        predictions.lines().skip(1).map(|line| line.split('\t').nth(1).unwrap()).collect();
    let mut groups = BTreeMap::new();
    for (row, line) in folder.read("dev.tsv").lines().skip(1).enumerate() {
        let (text, label) = line.split_once('\t').unwrap();
        let listed = ["w0", "w1", "w2", "w3", "w4", "w5"];
        let side = if text.split(' ').any(|word| listed.contains(&word)) { "with" } else { "without" };
        let (rows, right) = groups.entry(format!("{label}/{side}")).or_insert((0, 0));
        *rows += 1;
        *right += usize::from(predicted[row] == label);
    }
    groups
}

/// The smallest share among groups of ten rows or more.
pub(crate) fn worst(groups: &BTreeMap<String, (usize, usize)>) -> f64 {
    let shares =
        groups.values().filter(|(rows, _)| *rows >= 10).map(|&(rows, right)| right as f64 / rows as f64);
    shares.fold(f64::INFINITY, f64::min)
}

#[track_caller]
fn assert_groups(found: &Value, groups: &BTreeMap<String, (usize, usize)>) {
    let found = found.as_array().unwrap();
    assert_eq!(found.len(), groups.len());
    for (found, (group, &(rows, right))) in found.iter().zip(groups) {
        assert_eq!((found["group"].as_str(), found["rows"].as_u64()), (Some(&**group), Some(rows as u64)));
        assert!((found["accuracy"].as_f64().unwrap() - right as f64 / rows as f64).abs() < 1e-12, "{found}");
    }
}

#[test]
fn a_run_says_what_its_predictions_say() {
    let folder = folder();
    let result = folder.run_json(&format!("{} --out run", TRAIN.replace("task.toml", "toy.toml")));
    let groups = by_hand(&folder, "run");
    assert_eq!((groups.len(), groups.values().map(|group| group.0).sum::<usize>()), (4, 40));
    assert_groups(&result["groups"], &groups);
    let evals = folder.read("run/evals.jsonl");
    let first: Value = serde_json::from_str(evals.lines().next().unwrap()).unwrap();
    assert_eq!(first.get("worst_group"), None, "no group has 10 of the 16 rows that are held out");

    let evaluated = folder.run_json("evaluate --model run --task toy.toml --json");
    assert_groups(&evaluated["groups"], &groups);
    assert!((evaluated["worst_group"]["accuracy"].as_f64().unwrap() - worst(&groups)).abs() < 1e-12);
    let text = folder.run("evaluate --model run --task toy.toml").success();
    let text = String::from_utf8_lossy(&text.get_output().stdout).into_owned();
    let name = evaluated["worst_group"]["group"].as_str().unwrap();
    let (rows, _) = groups[name];
    assert!(text.contains(&format!("\nworst group {name} {:.4} ({rows} rows); ", worst(&groups))), "{text}");

    let checked = folder.run_json("data check toy.toml --json");
    let of_dev = checked["splits"][1]["groups"].as_array().unwrap();
    let counted: Vec<u64> = of_dev.iter().map(|group| group["rows"].as_u64().unwrap()).collect();
    assert_eq!(counted, groups.values().map(|group| group.0 as u64).collect::<Vec<_>>());
    assert_eq!(checked["splits"][2].get("groups"), None, "test has no labels, so its rows have no groups");
    let shown = folder.run_json("data show toy.toml --rows 1 --json");
    assert!(shown["rows"][0]["group"].as_str().unwrap().contains("/with"), "{shown}");
}

/// Groups are looked at and change nothing that is trained; without them nothing of them is written.
#[test]
fn groups_change_no_bit_of_a_model() {
    let folder = folder();
    let of_groups = folder.run_json(&format!("{} --out groups", TRAIN.replace("task.toml", "toy.toml")));
    folder.write("task.toml", TASK);
    let plain = folder.run_json(&format!("{TRAIN} --out plain"));
    assert_eq!(of_groups["parameters"], plain["parameters"]);
    assert_eq!(folder.read("groups/predictions-dev.tsv"), folder.read("plain/predictions-dev.tsv"));
    assert_eq!(plain.get("groups"), None);
    assert!(
        !folder.read("plain/run.json").contains("group")
            && !folder.read("plain/evals.jsonl").contains("group")
    );
    let words = &folder.json("groups/run.json")["tasks"][0]["groups"]["words"];
    assert_eq!(words["words"].as_array().unwrap().len(), 6);
    folder.write("toy.toml", format!("{TASK}{}", BY_WORDS.replace(", \"w5\"", "")));
    let run =
        folder.run(&format!("{} --out groups --resume", TRAIN.replace("task.toml", "toy.toml"))).code(1);
    let stderr = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(stderr.contains("groups"), "another list of words is another run: {stderr}");
}

#[test]
fn a_study_says_what_its_predictions_say() {
    let folder = folder();
    let printed = folder.run_json(&format!("{COMPARE} --out study --json"));
    let findings = folder.json("study/findings.json");
    let mut of_single = 0.0;
    for arm in findings["arms"].as_array().unwrap() {
        let seeds = arm["scores"].as_array().unwrap();
        let runs: Vec<BTreeMap<String, (usize, usize)>> = seeds
            .iter()
            .map(|seed| by_hand(&folder, &format!("study/runs/{}", seed["run"].as_str().unwrap())))
            .collect();
        let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
        let expected = mean(runs.iter().map(worst).collect());
        let found = &arm["groups"];
        assert!((found["worst"].as_f64().unwrap() - expected).abs() < 1e-9, "{found}, by hand {expected}");
        assert!((found["average"].as_f64().unwrap() - arm["mean"]["value"].as_f64().unwrap()).abs() < 1e-9);
        for group in found["groups"].as_array().unwrap() {
            let name = group["group"].as_str().unwrap();
            let share = |run: &BTreeMap<String, (usize, usize)>| run[name].1 as f64 / run[name].0 as f64;
            let expected = mean(runs.iter().map(share).collect());
            assert!((group["accuracy"].as_f64().unwrap() - expected).abs() < 1e-9, "{group}");
        }
        if arm["label"] == "single" {
            of_single = expected;
            assert_eq!(found["gain"], Value::Null);
        } else {
            let gain = &found["gain"]["difference"]["value"];
            assert!((gain.as_f64().unwrap() - (expected - of_single)).abs() < 1e-9, "{gain}");
            assert_eq!(found["gain"]["looks"][0]["seeds"], 3);
        }
    }
    assert_eq!(printed["arms"][1]["groups"]["worst"], findings["arms"][1]["groups"]["worst"]);
    let lines = |table: &str| folder.read(&format!("study/tables/{table}.csv")).lines().count();
    assert_eq!((lines("worst_groups"), lines("groups")), (3, 9));
    assert!(folder.read("study/report.html").contains("<h4>Groups of rows</h4>"));
    let text = folder.run("report study").success();
    assert!(String::from_utf8_lossy(&text.get_output().stdout).contains("worst group ± sd"));
}

#[test]
fn groups_that_cannot_be_scored_are_refused_before_anything_is_trained() {
    let folder = folder();
    let refused = |toml: String, message: &str| {
        folder.write("toy.toml", toml);
        for command in [TRAIN.replace("task.toml", "toy.toml"), COMPARE.to_owned()] {
            let said = stderr(&folder, &format!("{command} --out out"));
            assert!(said.contains(message), "{command}: {said}");
            assert!(!folder.path("out").exists(), "a refused command writes nothing");
        }
    };
    let by_column = TASK.replace("label =", "group = \"source\"\nlabel =");
    refused(by_column.clone(), "train.tsv: there is no column `source`; the columns are `text`, `label`");
    for split in ["train", "dev"] {
        let text = folder.read(&format!("{split}.tsv"));
        let group = |row: usize| match row {
            0 => "source",
            1 if split == "train" => "web",
            row if row % 2 == 0 => "mail",
            _ => "news",
        };
        let lines = text.lines().enumerate().map(|(row, line)| format!("{line}\t{}\n", group(row)));
        folder.write(&format!("{split}.tsv"), lines.collect::<String>());
    }
    refused(by_column, "dev.tsv: the dev split has no row of the group `web`, which train has");
    refused(
        format!("{TASK}[groups]\nwords = [\"absent\"]\n"),
        "train.tsv: no row has one of the words of [groups], absent: is it the right text?",
    );
}
