//! The arm whose heads are matched: where its tables come from, and that without weight it is plain `mtl`.

use serde_json::{Value, json};

use crate::folder::{Folder, TASK};
use crate::study::{COMPARE, folder, label, runs, stderr};

const ARMS: &str = "mtl,mtl:match,mtl:match(weight=0)";

fn compare(arms: &str) -> String {
    COMPARE
        .replace("help.toml,other.toml", "help.toml")
        .replace("single,stilts,mtl", arms)
        .replace("--seeds 2", "--seeds 1,")
}

fn directory(folder: &Folder, of: &str) -> String {
    let mut ids = runs(folder, "study").into_iter();
    let id = ids.find(|id| label(folder, "study", id) == format!("toy: {of} with help, seed 1"));
    format!("study/runs/{}", id.unwrap_or_else(|| panic!("no run {of}")))
}

fn labels(folder: &Folder) -> Vec<String> {
    let mut labels: Vec<String> = runs(folder, "study").iter().map(|id| label(folder, "study", id)).collect();
    labels.sort();
    labels
}

#[test]
fn a_table_is_estimated_by_the_single_run_of_the_other_task() {
    let folder = folder();
    let before = stderr(&folder, &format!("{} --out study --dry-run", compare(ARMS)));
    assert!(before.contains("toy: mtl:match with help"), "the estimate has the arm: {before}");
    folder.run(&format!("{} --out study", compare(ARMS))).success();
    assert_eq!(labels(&folder).len(), 4);
    assert!(labels(&folder).contains(&"help: single, seed 1".to_owned()));

    let mixing = folder.json(&format!("{}/run.json", directory(&folder, "mtl:match")))["mixing"].clone();
    let table = &mixing["label_tables"][0];
    assert_eq!((&table["from"], &table["to"]), (&json!("help"), &json!("toy")));
    for given in ["no", "yes"] {
        let row = table["rows"][given].as_object().unwrap();
        let sum: f64 = row.values().filter_map(Value::as_f64).sum();
        assert!((sum - 1.0).abs() < 1e-9, "{table}");
    }
    // Both models are plain ones.
    for task in ["toy", "help"] {
        let model = format!("{}/model-{task}", directory(&folder, "mtl:match"));
        let file = if task == "toy" { "task.toml" } else { "help.toml" };
        folder.run(&format!("evaluate --model {model} --task {file}")).success();
    }

    // Whatever counts nothing changes nothing; and what counts does.
    let result = |arm: &str| folder.json(&format!("{}/result.json", directory(&folder, arm)));
    assert_eq!(result("mtl:match(weight=0)"), result("mtl"));
    assert_ne!(result("mtl:match")["parameters"], result("mtl")["parameters"]);
}

#[test]
fn a_table_is_given_in_the_task_file() {
    let folder = folder();
    let given = "[relations.help]\nno = { no = 0.75, yes = 0.25 }\nyes = { yes = 1 }\n";
    folder.write("task.toml", format!("{TASK}{given}"));
    folder.run(&format!("{} --out study", compare("single,mtl:match"))).success();
    assert_eq!(labels(&folder), ["toy: mtl:match with help, seed 1", "toy: single, seed 1"]);
    let mixing = folder.json(&format!("{}/run.json", directory(&folder, "mtl:match")))["mixing"].clone();
    let rows = json!({"no": {"no": 0.75, "yes": 0.25}, "yes": {"yes": 1.0}});
    assert_eq!(mixing["label_tables"], json!([{"from": "help", "to": "toy", "rows": rows}]));

    let refused = |given: &str, message: &str| {
        folder.write("task.toml", format!("{TASK}{given}"));
        let said = stderr(&folder, &format!("{} --out other", compare("single,mtl:match")));
        assert!(said.contains(message), "{said}");
    };
    refused("[relations.help]\nno = { no = 0.5 }\n", "expected probabilities that sum to 1");
    refused("[relations.help]\nno = { maybe = 1 }\n", "`maybe` is no label of toy");
    refused("[relations.help]\nno = { no = 1 }\n", "the label table from help to toy does not fit");
}

#[test]
fn what_cannot_be_matched_is_misuse() {
    let folder = folder();
    let refused = |arms: &str, message: &str| {
        let run = folder.run(&format!("{} --out study", compare(arms))).code(2);
        let stderr = String::from_utf8(run.get_output().stderr.clone()).unwrap();
        assert!(stderr.contains(message), "{stderr}");
    };
    refused("single,single:match", "single:match has an architecture for several tasks");
    refused(
        "single,mtl:match(weight=-1)",
        "match's parameter weight is `-1`, expected a number from 0 to 1000",
    );
}
