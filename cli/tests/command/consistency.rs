//! `single:consistency`: the arm that compares rows without labels with twins, as a whole command, killed, on other threads, and where it cannot be.

use serde_json::json;

use crate::infilling::{NO_HEAD, with_head, write_numbers};
use crate::merge_arms::run;
use crate::self_training::{assert_goes_on, compare, result};
use crate::study::{folder, stderr};
use crate::study_killed::outcome;

/// What a model of a few steps is sure enough for.
const EASY: &str = "single:consistency(threshold=0.5)";

#[test]
fn twins_are_written_and_compared() {
    let folder = with_head();
    let arms = format!("single,{EASY},single:consistency(weight=0)");
    let asked = |out: &str| compare(&arms, &format!("--max-train 60 --out {out}"));
    let before = stderr(&folder, &format!("{} --dry-run", asked("study")));
    assert!(before.contains(&format!("toy: {EASY}")), "the estimate has the arm: {before}");
    folder.run(&asked("study")).success();

    let found = result(&folder, "study", &format!("toy: {EASY}, seed 1"));
    let record = &found["consistency"];
    // Of 160 rows 60 are used; 40 steps of 16 show the others.
    assert_eq!((&record["of_gold"], &record["twins"]), (&json!(false), &json!(100)));
    assert_eq!((&record["from"][0]["split"], &record["from"][0]["rows"]), (&json!("train"), &json!(100)));
    let directory = format!("study/runs/{}", run(&folder, "study", &format!("toy: {EASY}, seed 1")));
    assert_eq!(folder.read(&format!("{directory}/twins.tsv")).lines().count(), 1 + 100);
    let again = folder.run_json(&format!("evaluate --model {directory}/model --task task.toml --json"));
    assert_eq!(again["metrics"]["headline"], found["metrics"]["headline"]);

    let plain = result(&folder, "study", "toy: single, seed 1");
    assert_eq!(plain, result(&folder, "study", "toy: single:consistency(weight=0), seed 1"));
    assert_ne!(plain["parameters"], found["parameters"]);
    assert_eq!(folder.json("study/findings.json")["arms"][1]["compared"][0]["twins"], 100);
    assert!(folder.read("study/report.html").contains("An analogue of UDA"));

    // The same by hand.
    let train = "train --model model --task task.toml --max-train 60 --seed 1 --epochs 10 --batch 16 --lr 1e-2 --json";
    let by_hand = folder.run_json(&format!("{train} --auxiliary consistency(threshold=0.5) --out by-hand"));
    assert_eq!(by_hand["parameters"], found["parameters"]);

    folder.run(&format!("{} --threads 3", asked("threads"))).success();
    outcome(&folder, "threads").assert_same(&outcome(&folder, "study"), "three threads");
}

/// Twins are written again when a killed run goes on, and it ends with the same bits.
#[test]
fn a_killed_run_goes_on_to_the_same_bits() {
    assert_goes_on(&with_head(), EASY);
}

#[test]
fn what_has_no_twins_is_refused() {
    let folder = folder();
    let asked = compare("single,single:consistency", "--out study");
    folder.fails(&asked, NO_HEAD);
    let folder = with_head();
    for (arms, more, arm) in [
        ("single,stilts:consistency", "--support help.toml", "stilts:consistency"),
        ("single,adapt", "--auxiliary consistency", "adapt"),
    ] {
        let run = folder.run(&compare(arms, &format!("{more} --out study"))).code(2);
        let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
        let expected = format!("{arm} cannot be trained with consistency, which is for the target alone");
        assert!(said.contains(&expected), "{said}");
    }
    write_numbers(&folder);
    folder.fails(
        &asked.replace("task.toml", "number.toml"),
        "task toy is a regression, and consistency compares probabilities of classes: leave out the arm or the auxiliary objective",
    );
    assert!(!folder.path("study").exists(), "nothing was written");
}
