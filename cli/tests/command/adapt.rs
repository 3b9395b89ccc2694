//! The arm `adapt`: a phase on the target's texts, shared and counted, that a kill does not change.

use mtlift_nn::random::Stream;

use crate::folder::{Folder, below};
use crate::killed::{kill_when, steps};
use crate::study::{COMPARE, folder, label, runs, stderr};
use crate::study_killed::outcome;

fn compare(arms: &str) -> String {
    COMPARE.replace("--support help.toml,other.toml", "").replace("single,stilts,mtl", arms)
}

fn run(folder: &Folder, of: &str) -> String {
    let mut ids = runs(folder, "study").into_iter();
    ids.find(|id| label(folder, "study", id) == of).unwrap_or_else(|| panic!("no run {of}"))
}

#[test]
fn a_target_is_trained_from_a_model_that_knows_its_texts() {
    let folder = folder();
    let arms = "single,adapt,adapt:sam,adapt(epochs=2,lr=0.005),single:steps";
    let before = stderr(&folder, &format!("{} --out study --dry-run", compare(arms)));
    assert!(before.contains("toy: adapt(epochs=2,lr=0.005)"), "the estimate has the arm: {before}");
    assert!(before.contains("14 runs"), "{before}");
    let said = stderr(&folder, &format!("{} --out study", compare(arms)));
    assert!(said.contains("toy: adapt on its texts, seed 2 ("), "{said}");

    let result = |of: &str| folder.json(&format!("study/runs/{}/result.json", run(&folder, of)));
    let texts = result("toy: adapt on its texts, seed 1");
    assert!(texts["adapted"]["loss"].as_f64().is_some_and(|loss| loss > 0.0), "{texts}");
    assert!(texts["metrics"].is_null());
    let of_steps = |of: &str| result(&format!("toy: {of}, seed 1"))["steps"].as_u64().unwrap();
    assert_eq!(of_steps("adapt(epochs=2,lr=0.005) on its texts"), 2 * of_steps("adapt on its texts"));
    assert_eq!(of_steps("single:steps"), 3 * of_steps("single"), "as many as the longest arm");

    let arms = folder.json("study/findings.json")["arms"].clone();
    let arms = arms.as_array().unwrap();
    let (single, adapt) = (&arms[0]["cost"], &arms[1]["cost"]);
    assert_eq!(adapt["steps"].as_f64().unwrap(), 2.0 * single["steps"].as_f64().unwrap());
    assert!(arms.iter().all(|arm| arm["scores"].as_array().unwrap().len() == 2));
    assert!(folder.read("study/report.html").contains("adapt(epochs=2,lr=0.005)"));

    // The model is a model like any other.
    let model = format!("study/runs/{}", run(&folder, "toy: adapt, seed 1"));
    let again = folder.run_json(&format!("evaluate --model {model} --task task.toml --json"));
    assert_eq!(again["metrics"], result("toy: adapt, seed 1")["metrics"]);
}

#[test]
fn killed_again_and_again() {
    let folder = folder();
    let compare = compare("adapt(epochs=6)").replace("--seeds 2", "--seeds 1,") + " --evaluate-every 0.3";
    folder.run(&format!("{compare} --out study")).success();
    let whole = outcome(&folder, "study");
    let out =
        folder.path(&format!("killed/runs/{}", run(&folder, "toy: adapt(epochs=6) on its texts, seed 1")));
    let mut rng = Stream::new(5, "moments").at(0);
    let mut kills = 0;
    while !out.join("result.json").exists() {
        let until = steps(&out) + 4 + below(&mut rng, 12);
        let process = folder.start(&format!("{compare} --out killed --resume"));
        kills += u64::from(kill_when(process, || steps(&out) >= until || out.join("result.json").exists()));
    }
    assert!(kills >= 2, "killed only {kills} times");
    folder.run(&format!("{compare} --out killed --resume")).success();
    outcome(&folder, "killed").assert_same(&whole, "killed again and again");
}

#[test]
fn what_cannot_be_adapted_is_said_before_the_first_run() {
    let folder = folder();
    let words = folder.read("model/vocab.txt").replace("[MASK]", "w99");
    folder.write("model/vocab.txt", words);
    let run = folder.run(&format!("{} --out study", compare("single,adapt"))).code(1).stdout("");
    let stderr = String::from_utf8(run.get_output().stderr.clone()).unwrap();
    assert!(stderr.contains("the tokenizer cannot mask"), "{stderr}");
    let refused = |arm: &str, message: &str| {
        let run = folder.run(&format!("{} --out study", compare(&format!("single,{arm}")))).code(2);
        let stderr = String::from_utf8(run.get_output().stderr.clone()).unwrap();
        assert!(stderr.contains(message), "{stderr}");
    };
    refused("adapt(epoch=3)", "adapt has no parameter `epoch`: it takes epochs=0, lr=0");
    refused(
        "adapt:nash",
        "adapt:nash combines the gradients of several tasks, and adapt trains on one at a time",
    );
    refused(
        "adapt(epochs=-1)",
        "adapt's parameter epochs is `-1`, expected a whole number from 0 to 1000000",
    );
}

/// One command does both phases; a kill in either changes nothing, and the arm under the same settings comes to the same.
#[test]
fn train_adapts_first_if_it_is_asked_to() {
    let folder = folder();
    let train = "train --model model --task task.toml --epochs 1 --batch 16 --lr 1e-2 --seed 1 --adapt 6";
    let run_of = folder.run(&format!("{train} --out whole")).success();
    let said = String::from_utf8(run_of.get_output().stderr.clone()).unwrap();
    assert!(said.contains("adapted to the texts of toy: "), "{said}");
    let out = folder.path("killed");
    let (first, mut kills) = (out.join("adapted"), 0);
    while !out.join("result.json").exists() {
        let done = || steps(&first) + steps(&out);
        let until = done() + 7;
        let process = folder.start(&format!("{train} --out killed --resume"));
        kills += u64::from(kill_when(process, || done() >= until || out.join("result.json").exists()));
    }
    assert!(kills >= 2, "killed only {kills} times");
    folder.run(&format!("{train} --out killed --resume")).success();
    folder.snapshot("killed").assert_same(&folder.snapshot("whole"), "killed again and again");

    folder
        .run(&format!("{} --out study", compare("adapt(epochs=6)").replace("--seeds 2", "--seeds 1,")))
        .success();
    let parameters = |result: &str| folder.json(result)["parameters"].clone();
    for (of_arm, of_command) in
        [("adapt(epochs=6) on its texts", "whole/adapted"), ("adapt(epochs=6)", "whole")]
    {
        let id = run(&folder, &format!("toy: {of_arm}, seed 1"));
        assert_eq!(
            parameters(&format!("study/runs/{id}/result.json")),
            parameters(&format!("{of_command}/result.json")),
            "{of_arm}"
        );
    }
    let refused = folder.run(&format!("{train} --adapt few --out out").replace("--adapt 6 ", "")).code(2);
    let said = String::from_utf8(refused.get_output().stderr.clone()).unwrap();
    assert!(said.contains("adapt has no parameter `few`"), "{said}");
}
