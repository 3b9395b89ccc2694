//! Methods of training together: what is said of them, and arms that have one.

use serde_json::{Value, json};

use crate::folder::Folder;
use crate::study::{COMPARE, folder, label, runs};

#[test]
fn methods_are_listed_and_explained() {
    let folder = Folder::new();
    let listed = folder.run("methods").success();
    let listed = String::from_utf8(listed.get_output().stdout.clone()).unwrap();
    let all = folder.run_json("methods --json");
    let all = all["methods"].as_array().unwrap();
    assert!(all.len() > 15);
    for method in all {
        let name = method["name"].as_str().unwrap();
        assert!(listed.lines().any(|line| line.split_whitespace().next() == Some(name)), "{name}");
        let explained = folder.run(&format!("methods {name}")).success().stderr("");
        let explained = String::from_utf8(explained.get_output().stdout.clone()).unwrap();
        assert!(explained.starts_with(&format!("{name}: ")), "{explained}");
        assert!(explained.contains(method["source"].as_str().unwrap()), "{explained}");
        assert!((5..=25).contains(&explained.lines().count()), "{explained}");
        for parameter in method["parameters"].as_array().unwrap() {
            assert!(explained.contains(parameter["name"].as_str().unwrap()), "{explained}");
        }
    }
    assert_eq!(folder.run_json("methods nash(every=5) --json")["methods"][0]["name"], "nash");
    folder.run("methods nahs").code(2).stdout("");
}

#[test]
fn arms_have_methods() {
    let folder = folder();
    let arms = "single,mtl,mtl:nash,mtl:fixed(target=1,supports=0.25)";
    let compare = COMPARE.replace("help.toml,other.toml", "help.toml").replace("single,stilts,mtl", arms);
    folder.run(&format!("{compare} --out study")).success();
    let labels: Vec<String> = runs(&folder, "study").iter().map(|id| label(&folder, "study", id)).collect();
    for arm in ["single", "mtl with help", "mtl:nash with help", "mtl:fixed(supports=0.25) with help"] {
        let of_arm = labels.iter().filter(|label| label.starts_with(&format!("toy: {arm}, seed "))).count();
        assert_eq!(of_arm, 2, "{arm}: {labels:?}");
    }
    let found = folder.json("study/findings.json");
    let named: Vec<&Value> = found["arms"].as_array().unwrap().iter().map(|arm| &arm["arm"]).collect();
    assert_eq!(named, ["single", "mtl", "mtl:nash", "mtl:fixed(supports=0.25)"]);

    let weights = |arm: &str| -> Vec<Value> {
        let ids = runs(&folder, "study");
        let id =
            ids.iter().find(|id| label(&folder, "study", id).starts_with(&format!("toy: {arm}"))).unwrap();
        let log = folder.read(&format!("study/runs/{id}/steps.jsonl"));
        let steps = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        steps
            .flat_map(|step| step["tasks"].as_array().unwrap().clone())
            .map(|task| task["weight"].clone())
            .collect()
    };
    assert!(weights("mtl with").iter().all(Value::is_null));
    assert!(weights("mtl:nash").iter().all(|weight| weight.as_f64().is_some_and(|weight| weight > 0.0)));
    assert!(weights("mtl:fixed").iter().all(|weight| *weight == json!(1.0) || *weight == json!(0.25)));

    // More methods may be added later, and nothing is made twice.
    folder
        .run(&format!("{} --out study --resume", compare.replace("mtl:nash", "mtl:nash,mtl:uncertainty")))
        .success();
    assert_eq!(runs(&folder, "study").len(), labels.len() + 2);
}

/// Its commands use it, and the report says that others cannot.
#[test]
fn a_model_that_needs_the_other_heads_is_used() {
    let folder = folder();
    let compare = COMPARE
        .replace("help.toml,other.toml", "help.toml")
        .replace("single,stilts,mtl", "single,mtl:hierarchical,mtl:shared-private");
    folder.run(&format!("{compare} --out study")).success();
    let warnings = folder.json("study/findings.json")["warnings"].to_string();
    assert!(
        warnings.contains("mtl:hierarchical, mtl:shared-private: a head reads more than the encoder"),
        "{warnings}"
    );
    assert!(warnings.contains("mtl:shared-private: an analogue for text"), "{warnings}");
    assert!(
        folder
            .read("study/report.html")
            .contains("mtl:shared-private with help on toy: tasks told by the adversary")
    );
    let ids = runs(&folder, "study");
    let is_mixed = |id: &&String| label(&folder, "study", id).contains("hierarchical");
    let run = format!("study/runs/{}", ids.iter().find(is_mixed).unwrap());
    let result = folder.json(&format!("{run}/result.json"));
    let evaluated = folder.run_json(&format!("evaluate --model {run} --task task.toml --json"));
    assert_eq!(evaluated["metrics"], result["metrics"]);
    assert!(folder.path(&format!("{run}/model-toy/mtlift.safetensors")).is_file());
    let refused = folder.run(&format!("train --model {run}/model-toy --task task.toml --out again")).code(1);
    let stderr = String::from_utf8(refused.get_output().stderr.clone()).unwrap();
    assert!(stderr.contains("nothing is trained from it"), "{stderr}");
}

#[test]
fn a_method_that_an_arm_cannot_have_is_named() {
    let folder = folder();
    let with = |arms: &str| COMPARE.replace("single,stilts,mtl", arms) + " --out study";
    for (arms, message) in [
        (
            "single,stilts:nash",
            "stilts:nash combines the gradients of several tasks, and stilts trains on one at a time",
        ),
        ("mlt", "unknown arm `mlt`; did you mean mtl"),
        ("mtl:nahs", "unknown method `nahs`; did you mean nash? There are sum, pcgrad"),
        (
            "mtl:layers(hlep=1)",
            "layers names the task `hlep`, which is none here; did you mean help? There are toy, help, other",
        ),
        ("mtl:layers(help=9)", "layers puts help at layer 9, expected 1 to "),
        ("mtl-then-target:hierarchical", "nothing is trained from it; use mtl or mtl-all"),
        ("mtl:cagrad(c=-1)", "cagrad's parameter c is `-1`, expected a number from 0 to 100"),
    ] {
        let run = folder.run(&with(arms)).code(2);
        let stderr = String::from_utf8(run.get_output().stderr.clone()).unwrap();
        assert!(stderr.contains(message), "{stderr}");
    }
}
