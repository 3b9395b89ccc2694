//! Arms of single whose rows count otherwise: their runs, what they cost, and what is said of tasks that cannot have them.

use serde_json::Value;

use crate::folder::TASK;
use crate::groups::{COMPARE, folder};
use crate::study::{label, runs};

fn compare(arms: &str) -> String {
    COMPARE
        .replace(" --support task.toml --arms single,stilts", &format!(" --arms {arms}"))
        .replace("--seeds 3", "--seeds 2")
}

#[test]
fn arms_that_rebalance_rows() {
    let folder = folder();
    let command =
        compare("single,single:group-balanced,'single:jtt','single:jtt(upweight=20)'").replace('\'', "");
    let estimate = folder.run_json(&format!("{command} --dry-run --json --out study"));
    let cost = estimate["arms"].as_array().unwrap();
    let of = |name: &str| {
        let arm = cost.iter().find(|arm| arm["arm"].as_str().unwrap().ends_with(name)).unwrap();
        arm["steps"].as_u64().unwrap()
    };
    let plain = of(": single");
    assert_eq!(of(": single:group-balanced"), plain, "as many steps as single");
    assert_eq!(of(": single:jtt"), plain + plain / 2, "one epoch more than two");

    folder.run(&format!("{command} --judge-by worst-group --out study")).success();
    let mut labels: Vec<String> =
        runs(&folder, "study").iter().map(|id| label(&folder, "study", id)).collect();
    labels.retain(|label| label.ends_with("seed 1"));
    labels.sort();
    let expected = [
        "toy: 1 epochs of single, seed 1",
        "toy: single, seed 1",
        "toy: single:group-balanced, seed 1",
        "toy: single:jtt(upweight=20), seed 1",
        "toy: single:jtt, seed 1",
    ];
    assert_eq!(labels, expected, "both weights share the first run");
    let findings = folder.json("study/findings.json");
    let arms = findings["arms"].as_array().unwrap();
    assert_eq!(arms.len(), 4);
    for arm in &arms[2..] {
        let run = arm["scores"][0]["run"].as_str().unwrap();
        let result = folder.json(&format!("study/runs/{run}/result.json"));
        let (wrong, rows) = (result["upweighted"].as_u64().unwrap(), result["train_rows"].as_u64().unwrap());
        assert!(wrong > 0 && wrong < rows, "{wrong} of {rows}");
    }
    assert!(arms.iter().all(|arm| arm["gain"].is_object() || arm["label"] == "single"), "{findings}");
    // A plain study has the same single runs.
    folder.run(&format!("{} --out plain", compare("single"))).success();
    assert!(runs(&folder, "plain").iter().all(|id| runs(&folder, "study").contains(id)));
    assert_eq!(folder.json("plain/findings.json")["arms"][0]["scores"].as_array().map(Vec::len), Some(2));
}

#[test]
fn settings_are_tried_for_the_second_run_of_two() {
    let folder = folder();
    let command = compare("single,single:jtt").replace("--seeds 2", "--seeds 1,");
    folder.run(&format!("{command} --tune lr=1e-3/1e-2,seeds=1 --out study")).success();
    let labels: Vec<String> = runs(&folder, "study").iter().map(|id| label(&folder, "study", id)).collect();
    let count = |part: &str| labels.iter().filter(|label| label.contains(part)).count();
    assert_eq!((count("single:jtt trying"), count("1 epochs of single")), (2, 2), "{labels:?}");
    assert_eq!(labels.iter().filter(|label| *label == "toy: single:jtt, seed 1").count(), 1);
}

#[test]
fn arms_that_cannot_be_are_refused() {
    let folder = folder();
    folder.write(
        "values.toml",
        TASK.replace("classification", "regression")
            .replace("labels = [\"no\", \"yes\"]\n", "")
            .replace("metrics = [\"accuracy\", \"f1\"]\n", ""),
    );
    for split in ["train", "dev", "test"] {
        let text = folder.read(&format!("{split}.tsv")).replace("\tno", "\t0.5").replace("\tyes", "\t2");
        folder.write(&format!("values-{split}.tsv"), text);
    }
    let values = folder.read("values.toml");
    folder.write(
        "values.toml",
        values.replace("= \"train.tsv", "= \"values-train.tsv").replace("= \"dev.tsv", "= \"values-dev.tsv"),
    );
    let refused = |target: &str, arms: &str, message: &str| {
        let command = compare(arms).replace("toy.toml", target);
        let run = folder.run(&format!("{command} --out out")).code(2).stdout("");
        let stderr = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
        assert!(stderr.contains(message), "{stderr}");
        assert!(!folder.path("out").exists(), "a refused command writes nothing");
    };
    refused(
        "task.toml",
        "single,single:group-balanced",
        "single:group-balanced draws rows by their groups, and its target has none: give `group` or [groups] in the task file (plain)",
    );
    refused(
        "values.toml",
        "single,single:jtt",
        "single:jtt is for classification, and its target is a regression (toy)",
    );
    refused(
        "toy.toml --support task.toml",
        "single,stilts:jtt",
        "stilts:jtt cannot be: jtt is of training on the target alone, as single:jtt, and not of stilts",
    );
    refused(
        "toy.toml",
        "single,single:jtt(epochs=0)",
        "jtt's parameter epochs is `0`, expected a whole number from 1 to 1000",
    );
    let listed = folder.run_json("methods jtt --json");
    assert_eq!(listed["methods"][0]["parameters"].as_array().map(Vec::len), Some(2));
    assert_ne!(listed["methods"][0]["applies_to"], Value::Null);
}
