//! `single:steps`: every arm against a single that was trained for as many steps.

use crate::folder::Folder;
use crate::study::{COMPARE, folder, label, runs};

fn steps(folder: &Folder, name: &str) -> u64 {
    let ids = runs(folder, "study");
    let id = ids.iter().find(|id| label(folder, "study", id) == name).unwrap_or_else(|| panic!("{name}"));
    folder.json(&format!("study/runs/{id}/result.json"))["steps"].as_u64().unwrap()
}

#[test]
fn an_arm_is_compared_with_a_single_of_as_many_steps() {
    let folder = folder();
    let compare =
        COMPARE.replace("single,stilts,mtl", "single,stilts,single:steps").replace(",other.toml", "");
    let compare = format!("{} --out study", compare.replace("--seeds 2", "--seeds 3"));
    let printed = folder.run(&format!("{compare} --json")).success();
    let found: serde_json::Value = serde_json::from_slice(&printed.get_output().stdout).unwrap();
    let longest = steps(&folder, "help: single, seed 1") + steps(&folder, "toy: stilts from help, seed 1");
    assert_eq!(steps(&folder, "toy: single:steps, seed 1"), longest);
    let arms = found["arms"].as_array().unwrap();
    let mean = |arm: &str| {
        arms.iter().find(|found| found["arm"] == arm).unwrap_or_else(|| panic!("{arm}"))["mean"]
            .as_f64()
            .unwrap()
    };
    let over =
        |arm: &str| arms.iter().find(|found| found["arm"] == arm).unwrap()["over_single_steps"].clone();
    let expected = mean("stilts from help") - mean("single:steps");
    assert!((over("stilts from help").as_f64().unwrap() - expected).abs() < 1e-12);
    assert!(over("single").is_null() && over("single:steps").is_null());
    assert!(folder.read("study/report.html").contains("gain over single:steps"));

    let alone = COMPARE.replace("single,stilts,mtl", "single,single:steps");
    folder.run(&format!("{alone} --out other")).code(2).stdout("").stderr(
        "error: single:steps trains for as many steps as the arm with the most: add another arm than single\n",
    );
}
