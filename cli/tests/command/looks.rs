//! The plan of looks: it is part of a study's question, names no run, and its end is said with the command that goes on.

use serde_json::json;

use crate::folder::{Folder, rows};
use crate::study::{COMPARE, folder, runs, stderr};

/// Four runs for each seed.
fn small(seeds: usize) -> String {
    COMPARE.replace("help.toml,other.toml", "help.toml").replace("--seeds 2", &format!("--seeds {seeds}"))
}

fn plan(folder: &Folder, study: &str) -> serde_json::Value {
    folder.json(&format!("{study}/study.json"))["looks"].clone()
}

#[test]
fn a_study_keeps_its_plan_of_looks_and_no_run_depends_on_it() {
    let folder = folder();
    folder.run(&format!("{} --out usual", small(1))).success();
    folder.run(&format!("{} --looks 4,8 --out own", small(1))).success();
    assert_eq!((plan(&folder, "usual"), plan(&folder, "own")), (json!([3, 5, 10, 20]), json!([4, 8])));
    assert_eq!(runs(&folder, "usual"), runs(&folder, "own"));
    folder.fails_at_last(
        &format!("{} --out own --resume", small(1)),
        "own holds another study, which differs in looks ([4,8] there, [3,5,10,20] asked): ask the same, or give another --out",
    );
    folder.write("looks.toml", "looks = [4, 8]\n");
    let from_file = small(1).replace("compare", "compare looks.toml");
    let said = stderr(&folder, &format!("{from_file} --out own --resume"));
    assert!(said.contains("4 runs, 4 of them finished") && !said.contains("grows"), "{said}");

    // A study of before there were plans has the usual one.
    let mut spec = folder.json("usual/study.json");
    spec.as_object_mut().unwrap().remove("looks").unwrap();
    folder.write("usual/study.json", spec.to_string());
    let said = stderr(&folder, &format!("{} --out usual --resume", small(1)));
    assert!(said.contains("4 runs, 4 of them finished") && !said.contains("grows"), "{said}");
}

#[test]
fn a_plan_that_is_none_is_refused() {
    let folder = folder();
    for looks in ["5,3", "2", "3,3"] {
        let run = folder.run(&format!("{} --looks {looks} --out study", small(1))).code(2).stdout("");
        let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
        assert!(said.starts_with("error: --looks: ") && said.contains("ascending"), "{said}");
    }
    assert!(!folder.path("study").exists(), "nothing was written");
}

#[test]
fn an_undecided_verdict_prints_the_command_of_the_next_look() {
    let folder = folder();
    let first = folder.run(&format!("{} --out study", small(1))).success();
    let stdout = String::from_utf8_lossy(&first.get_output().stdout).into_owned();
    assert!(stdout.contains("before the first look (1 of 3 seeds)"), "{stdout}");
    let verdict = folder.json("study/findings.json")["verdicts"][0].clone();
    assert_eq!((&verdict["decided"], &verdict["next"]["seeds"]), (&json!(false), &json!(3)));
    let command = verdict["next"]["command"].as_str().unwrap();
    assert!(stdout.contains(&format!("  The first look is at 3 seeds:\n    {command}\n")), "{stdout}");
    assert!(command.ends_with("--out study --seeds 3 --resume"), "{command}");

    // The command is one.
    folder.run(command.strip_prefix("mtlift ").unwrap()).success();
    let findings = folder.json("study/findings.json");
    assert_eq!(findings["seeds"], json!([1, 2, 3]));
    for arm in &findings["arms"].as_array().unwrap()[1..] {
        assert_eq!(arm["gain"]["seeds"], 3, "{arm}");
        assert!(
            arm["gain"]["tied"] == json!(true) || arm["gain"]["looks"][0]["planned"] == json!(true),
            "{arm}"
        );
    }
    assert!(folder.read("study/tables/arms.csv").contains("gain_seeds_least"));
}

/// It failed after all training.
#[test]
fn a_dev_set_of_one_row_is_refused_before_any_training() {
    let folder = folder();
    folder.write("dev.tsv", rows(1, "dev", true));
    let run = folder.run(&format!("{} --out study", small(1))).code(1).stdout("");
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    let why = "dev.tsv: task toy has 1 dev row, and arms cannot be compared on it: give it at least 2, better some hundreds\n";
    assert!(said.ends_with(why), "{said}");
    assert!(!folder.path("study").exists(), "nothing was written");
}
