//! `single:mlm`: arms that learn of texts beside labels.

use crate::study::{COMPARE, folder, label, runs, stderr};

fn compare(arms: &str) -> String {
    COMPARE.replace("help.toml,other.toml", "help.toml").replace("single,stilts,mtl", arms)
}

#[test]
fn arms_learn_of_texts_in_every_phase() {
    let folder = folder();
    let arms = "single,single:mlm,stilts:mlm,adapt:mlm(weight=0.3,l1=0.1),single:mlm(weight=0)";
    let said = stderr(&folder, &format!("{} --out study", compare(arms)));
    assert!(said.contains("toy: single:mlm, seed 1: toy "), "{said}");
    let mut labels: Vec<String> =
        runs(&folder, "study").iter().map(|id| label(&folder, "study", id)).collect();
    labels.retain(|label| label.ends_with("seed 1"));
    labels.sort();
    let expected = [
        "help: single:mlm, seed 1",
        "toy: adapt on its texts, seed 1",
        "toy: adapt:mlm(weight=0.3,l1=0.1), seed 1",
        "toy: single, seed 1",
        "toy: single:mlm(weight=0), seed 1",
        "toy: single:mlm, seed 1",
        "toy: stilts:mlm from help, seed 1",
    ];
    assert_eq!(labels, expected);

    let result = |of: &str| {
        let mut ids = runs(&folder, "study").into_iter();
        let id = ids.find(|id| label(&folder, "study", id) == of).unwrap();
        folder.json(&format!("study/runs/{id}/result.json"))
    };
    let (plain, nothing) = (result("toy: single, seed 1"), result("toy: single:mlm(weight=0), seed 1"));
    assert_eq!(plain, nothing, "what counts nothing changes nothing");
    assert_ne!(plain["parameters"], result("toy: single:mlm, seed 1")["parameters"]);

    // The same by hand.
    let train = "train --model model --task task.toml --seed 1 --epochs 1 --batch 16 --lr 1e-2 --auxiliary mlm --json";
    let by_hand = folder.run_json(&format!("{train} --out by-hand"));
    assert_eq!(by_hand["parameters"], result("toy: single:mlm, seed 1")["parameters"]);
}

#[test]
fn an_arm_that_mixes_tasks_has_no_such_objective() {
    let folder = folder();
    for (arms, more) in [("single,mtl:mlm", ""), ("single,mtl", " --auxiliary mlm")] {
        let run = folder.run(&format!("{}{more} --out study", compare(arms))).code(2);
        let stderr = String::from_utf8(run.get_output().stderr.clone()).unwrap();
        assert!(stderr.contains("learns of texts beside the labels of several tasks"), "{stderr}");
    }
}
