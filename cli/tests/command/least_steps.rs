//! How long runs train when nobody says so: at least so many steps, and until the score stops improving.

use crate::folder::Folder;
use crate::study::{COMPARE, folder, stderr};

const PLAN: &str = "plan --model model --target task.toml --support help.toml,other.toml --batch 16 --seeds 1 --arms single,mtl";

fn printed(folder: &Folder, arguments: &str) -> String {
    let run = folder.run(arguments).success();
    String::from_utf8_lossy(&run.get_output().stdout).into_owned()
}

#[test]
fn every_phase_has_least_steps_unless_its_epochs_are_given() {
    let folder = folder();
    // 144 rows to train on, and 86 or 58 of the support.
    let planned = printed(&folder, PLAN);
    assert!(
        planned.contains("toy: single, seed 1: 603 steps in 67 epochs, or fewer by --patience\n"),
        "{planned}"
    );
    assert!(planned.contains("toy: mtl with help, seed 1: 600 steps in 40 epochs, or fewer"), "{planned}");
    for flags in ["--epochs 3", "--min-steps 0 --patience never", "--protocol paper --epochs 3 --batch 16"] {
        let plan = if flags.contains("--batch") { PLAN.replace("--batch 16 ", "") } else { PLAN.to_owned() };
        // The paper's protocol holds no rows out, and its first seed is another.
        let said = if flags.contains("paper") { "seed 42: 30 steps" } else { "seed 1: 27 steps" };
        let planned = printed(&folder, &format!("{plan} {flags}"));
        assert!(planned.contains(&format!("toy: single, {said} in 3 epochs\n")), "{flags}: {planned}");
    }
    let planned = printed(&folder, &format!("{PLAN} --epochs 3 --min-steps 50"));
    assert!(planned.contains("toy: single, seed 1: 54 steps in 6 epochs\n"), "{planned}");
    // A length that the support phase has of its own is that length; the target's phase goes on having the least steps.
    let stilts = PLAN.replace("single,mtl", "stilts").replace(",other.toml", "");
    let planned = printed(&folder, &format!("{stilts} --support-epochs 2"));
    assert!(planned.contains("help: single as support, seed 1: 12 steps in 2 epochs\n"), "{planned}");
    assert!(planned.contains("toy: stilts from help, seed 1: 603 steps in 67 epochs, or"), "{planned}");
}

#[test]
fn a_printed_study_file_asks_the_same() {
    let folder = folder();
    let pair = "compare --model model --target task.toml --support help.toml --print-study";
    for flags in ["", "--epochs 4", "--patience never", "--min-steps 50", "--protocol paper"] {
        let study = printed(&folder, &format!("{pair} {flags}"));
        folder.write("study.toml", &study);
        assert_eq!(printed(&folder, "compare study.toml --print-study"), study, "{flags}");
    }
    // A file of before there were least steps means its epochs.
    folder.write("study.toml", "model = \"model\"\ntargets = [\"task.toml\"]\n[settings]\nepochs = 3\n");
    let study: toml::Table = printed(&folder, "compare study.toml --print-study").parse().unwrap();
    let settings = study["settings"].as_table().unwrap();
    assert_eq!((settings["min_steps"].as_integer(), settings.get("patience")), (Some(0), None));
    // The question of the tour has its own epochs.
    let tour: toml::Table = printed(&folder, "compare --print-study").parse().unwrap();
    assert_eq!(tour["settings"]["min_steps"].as_integer(), Some(0));
    assert_eq!(tour["settings"].get("patience"), None);
}

/// A mixed run of a sweep is made once for all of its tasks, which patience would not let it be.
#[test]
fn a_sweep_has_no_patience() {
    let folder = folder();
    let sweep = "sweep --model model --tasks task.toml,help.toml --print-study";
    let study: toml::Table = printed(&folder, sweep).parse().unwrap();
    assert_eq!(study["settings"].get("patience"), None);
    assert_eq!(study["settings"]["min_steps"].as_integer(), Some(600));
    let study: toml::Table = printed(&folder, &format!("{sweep} --patience 4")).parse().unwrap();
    assert_eq!(study["settings"]["patience"].as_integer(), Some(4));
}

#[test]
fn a_cost_that_patience_may_lower_is_an_upper_bound() {
    let folder = folder();
    let lowered = "fewer steps and minutes where the score stops improving before (--patience)";
    let compare = format!("{COMPARE} --out study --dry-run");
    let said = stderr(&folder, &compare.replace("--epochs 1 ", ""));
    assert!(said.contains(lowered) && said.contains(": at most about "), "{said}");
    let said = stderr(&folder, &compare);
    assert!(!said.contains(lowered) && said.contains(": about "), "{said}");
}

#[test]
fn a_run_alone_has_them_too() {
    let folder = folder();
    let train = "train --model model --task task.toml --batch 16 --lr 1e-2";
    folder.run(&format!("{train} --patience never --out long")).success();
    assert_eq!(folder.json("long/result.json")["steps"], 603);
    folder.run(&format!("{train} --patience 2 --out patient")).success();
    assert!(folder.json("patient/result.json")["steps"].as_u64().unwrap() < 603);
    folder.run(&format!("{train} --protocol fixed --out fixed")).success();
    assert_eq!(folder.json("fixed/result.json")["steps"], 30);
    folder.run(&format!("{train} --max-steps 4 --out short")).success();
    assert_eq!(folder.json("short/result.json")["steps"], 4);
    let run = folder.run(&format!("{train} --patience always --out out")).code(2);
    let stderr = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(stderr.contains("expected a number of evaluations, or never"), "{stderr}");
}
