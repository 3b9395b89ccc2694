//! Conflict between tasks, on request: it is recorded, shown, and changes no run.

use serde_json::Value;

use crate::folder::Folder;
use crate::study::{COMPARE, folder, runs};

/// Two arms that mix two tasks, one of them with a method.
fn compare() -> String {
    COMPARE
        .replace("help.toml,other.toml", "help.toml")
        .replace("single,stilts,mtl", "single,mtl,mtl:dwa(every=2)")
}

fn arms(folder: &Folder, study: &str) -> Vec<Value> {
    folder.json(&format!("{study}/findings.json"))["arms"].as_array().unwrap().clone()
}

#[test]
fn conflict_is_recorded_on_request_and_changes_no_run() {
    let folder = folder();
    folder.run(&format!("{} --out plain", compare())).success();
    let plain = arms(&folder, "plain");
    assert!(plain[1]["gradients"].is_null());
    let weighed = plain[2]["gradients"].clone();
    assert!(weighed["tasks"][0]["weight"]["points"].as_array().unwrap().len() > 1, "{weighed}");
    assert!(weighed["tasks"][0]["norm"].is_null(), "{weighed}");

    folder.run(&format!("{} --conflict-every 2 --out seen", compare())).success();
    let seen = arms(&folder, "seen");
    assert_eq!(runs(&folder, "seen"), runs(&folder, "plain"));
    for (plain, seen) in plain.iter().zip(&seen) {
        assert_eq!(plain["scores"], seen["scores"]);
    }
    for arm in &seen[1..] {
        let gradients = &arm["gradients"];
        let names: Vec<&str> = gradients["tasks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|task| task["task"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["toy", "help"]);
        assert!(gradients["tasks"][1]["norm"]["mean"].as_f64().unwrap() > 0.0);
        let pair = &gradients["pairs"][0];
        assert!((-1.0..=1.0).contains(&pair["cosine"]["mean"].as_f64().unwrap()), "{pair}");
    }
    let page = folder.read("seen/report.html");
    assert!(page.contains("mtl with help on toy: cosines of the tasks’ gradients"));
    assert!(folder.read("seen/tables/cosines.csv").lines().count() == 3);

    // Asked for later, runs that are there stay, and the report says what they lack.
    let log = folder.run(&format!("{} --conflict-every 2 --out plain --resume", compare())).success();
    let log = String::from_utf8(log.get_output().stderr.clone()).unwrap();
    assert!(log.contains("the study grows: conflict_every: 2 in place of null"), "{log}");
    assert_eq!(arms(&folder, "plain")[1]["scores"], plain[1]["scores"]);
    let warnings = folder.json("plain/findings.json")["warnings"].to_string();
    assert!(warnings.contains("4 of 4 mixed runs were made without --conflict-every"), "{warnings}");
}

#[test]
fn steps_are_at_least_one() {
    folder().run(&format!("{} --conflict-every 0 --out study", compare())).code(2).stdout("");
}
