//! The JSON that programs read has the keys that `docs/json.md` has, no more and no fewer.

use std::collections::BTreeSet;
use std::path::Path;

use mtlift_nn::Precision;
use serde_json::{Value, json};

use crate::folder::{Folder, TASK, TRAIN};
use crate::groups::BY_WORDS;
use crate::study::{COMPARE, folder};

/// The keys that a section of the documentation has in the first column of its tables.
fn documented(section: &str) -> BTreeSet<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/json.md");
    let text = std::fs::read_to_string(file).unwrap();
    let from = text.split_once(&format!("\n## {section}\n")).unwrap().1;
    let section = from.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let keys = rows.flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2));
    keys.map(str::to_owned).collect()
}

/// The paths of all keys of a value, `a.b` in an object and `a[].b` in a list of objects.
fn keys(prefix: &str, value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                into.insert(path.clone());
                keys(&path, value, into);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(&format!("{prefix}[]"), item, into)),
        _ => {}
    }
}

fn study_commands(folder: &Folder) -> [Value; 3] {
    [
        // Three seeds, so that there is a look.
        folder.run_json(&format!(
            "{} --tune lr=1e-3/1e-2,seeds=1 --until decided --conflict-every 1 --out compare --json",
            COMPARE.replace("--seeds 2", "--seeds 3")
        )),
        folder.run_json(
            "sweep --model model --tasks task.toml,help.toml --arms single,stilts,mtl --seeds 2 --epochs 1 --batch 16 --jobs 1 \
             --out sweep --json",
        ),
        folder.run_json(
            "size-curve --model model --target other.toml --support task.toml --ratios 1,1/2 --seeds 2 --epochs 1 --batch 16 \
             --jobs 1 --out curve --json",
        ),
    ]
}

#[test]
fn a_study_prints_the_keys_that_are_documented() {
    let folder = folder();
    folder.write("task.toml", format!("{TASK}{BY_WORDS}"));
    let [compare, sweep, curve] = study_commands(&folder);
    let mut found = BTreeSet::new();
    for printed in [&compare, &sweep, &curve] {
        keys("", printed, &mut found);
    }
    let found: BTreeSet<String> =
        found.iter().map(|key| key.strip_prefix("targets[].").unwrap_or(key).to_owned()).collect();
    assert_eq!(found, documented("compare, sweep, size-curve, report"));

    assert_eq!(compare["target"], "toy");
    assert_eq!(sweep["targets"].as_array().unwrap().len(), 2);
    let arms = compare["arms"].as_array().unwrap();
    assert_eq!(
        (&arms[1]["arm"], &arms[1]["method"], &arms[1]["support"]),
        (&json!("stilts from help"), &json!("stilts"), &json!("help"))
    );
    assert!(arms[1]["gain"].is_f64() && arms[1]["p_corrected"].is_f64() && arms[1]["decided"].is_boolean());
    for arm in arms {
        let runs = arm["runs"].as_array().unwrap();
        let best = runs
            .iter()
            .rev()
            .max_by(|a, b| a["selected"].as_f64().unwrap().total_cmp(&b["selected"].as_f64().unwrap()));
        let model = arm["model"].as_str().unwrap();
        assert!(model.starts_with(best.unwrap()["directory"].as_str().unwrap()), "{arm}");
        assert!(folder.path(model).join("config.json").is_file(), "{model}");
    }
    for path in ["study", "report", "findings", "tables"] {
        assert!(folder.path(compare["paths"][path].as_str().unwrap()).exists(), "{path}");
    }
    // What is looked at again is the same object; a sweep keeps no models, and says so.
    assert_eq!(folder.run_json("report compare --json"), compare);
    assert!(sweep["targets"][0]["recommendation"]["directory"].is_string());
    assert_eq!(sweep["targets"][0]["recommendation"]["predict"], Value::Null);
}

#[test]
fn a_model_in_use_prints_the_keys_that_are_documented() {
    let folder = folder();
    folder.write("task.toml", format!("{TASK}{BY_WORDS}"));
    folder.run(&format!("{TRAIN} --out run")).success();
    let has_int8 = Precision::Int8.is_fast();
    let int8 = if has_int8 { "--precision int8 --most-drop 0.99" } else { "" };
    for (section, command) in [
        ("evaluate", "evaluate --model run --task task.toml --threshold 0.5 --json"),
        ("predict", "predict --model run --task task.toml --out predictions.tsv --json"),
    ] {
        let (mut found, mut documented) = (BTreeSet::new(), documented(section));
        keys("", &folder.run_json(&format!("{command} {int8}")), &mut found);
        // A key for each of the task's metrics.
        found.retain(|key| !key.starts_with("metrics."));
        documented.retain(|key| has_int8 || !key.starts_with("gate"));
        assert_eq!(found, documented);
    }
}

#[test]
fn study_status_prints_the_keys_that_are_documented() {
    let folder = folder();
    folder.run(&format!("{COMPARE} --out study")).success();
    let ids = crate::study::runs(&folder, "study");
    // One to be made again, and one that nobody asked for.
    std::fs::rename(
        folder.path(&format!("study/runs/{}", ids[0])),
        folder.path("study/runs/00000000000000aa"),
    )
    .unwrap();
    let status = folder.run_json("study status study --json");
    let mut found = BTreeSet::new();
    keys("", &status, &mut found);
    assert_eq!(found, documented("study status"));
    assert_eq!((&status["total"], &status["finished"], &status["left"]), (&json!(14), &json!(13), &json!(1)));
    assert!(status["minutes_left"].as_f64().unwrap() > 0.0);
    assert!(status["disk_bytes"].as_u64().unwrap() > 100_000, "{status}");

    let dry = folder.run_json("study gc study --dry-run --json");
    assert!(folder.path("study/runs/00000000000000aa").exists(), "nothing is removed");
    assert_eq!((&dry["runs"], &dry["dry_run"]), (&json!(1), &json!(true)));
    let done = folder.run_json("study gc study --json");
    assert_eq!((&done["runs"], &done["bytes"]), (&dry["runs"], &dry["bytes"]));
    assert!(!folder.path("study/runs/00000000000000aa").exists());
}
