//! Runs are made look by look until there is enough: what is made and what is not, what is said of it, and that neither a kill nor
//! another process nor finished runs of another study change where it ends.

use std::time::{Duration, Instant};

use mtlift_nn::random::Stream;
use serde_json::{Value, json};

use crate::folder::{Folder, below};
use crate::study::{COMPARE, folder, runs};
use crate::study_killed::{outcome, wait};

/// Four runs for each seed, with looks at three and five of them.
fn small(more: &str) -> String {
    with_looks("3,5", more)
}

fn with_looks(looks: &str, more: &str) -> String {
    let one_support = COMPARE.replace("help.toml,other.toml", "help.toml").replace(" --seeds 2", "");
    let words = format!("{one_support} --looks {looks} {more}");
    // As a command line is printed again.
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a command that succeeds prints, and says beside.
fn said(folder: &Folder, arguments: &str) -> (String, String) {
    let run = folder.run(arguments).success();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&run.get_output().stdout), text(&run.get_output().stderr))
}

#[test]
fn what_is_enough_is_made_and_the_rest_is_not_missing() {
    let folder = folder();
    let (stdout, stderr) = said(&folder, &small("--until regret:100 --out study"));
    assert!(stderr.contains("20 runs, 0 of them finished") && stderr.contains("[12/20] "), "{stderr}");
    let most = "this is the most that it may take: --until regret:100 stops as soon as it has enough";
    assert!(stderr.contains(most), "{stderr}");
    assert!(stderr.contains("toy: Stopped at look 1 of 2 (3 seeds): "), "{stderr}");
    assert!(stdout.contains("  Stopped at look 1 of 2 (3 seeds): "), "{stdout}");
    assert!(
        stdout.contains("\n12 of 20 runs, ") && stdout.contains("; the full grid of 5 seeds would have"),
        "{stdout}"
    );
    assert!(!stdout.contains("runs are finished"), "{stdout}");
    assert_eq!(runs(&folder, "study").len(), 12);

    let findings = folder.json("study/findings.json");
    let spending = &findings["spending"];
    assert_eq!(
        (&spending["runs"], &spending["grid_runs"], &spending["grid_seeds"]),
        (&json!(12), &json!(20), &json!(5))
    );
    assert!(spending["minutes"].as_f64() < spending["grid_minutes"].as_f64(), "{spending}");
    assert_eq!(findings["seeds"], json!([1, 2, 3, 4, 5]), "as many as the last look needs");
    let page = folder.read("study/report.html");
    assert!(page.contains("12 of 20 runs, ") && page.contains("12 of 12 runs finished"));
    let status = folder.run_json("study status study --json");
    assert_eq!((&status["total"], &status["left"]), (&json!(12), &json!(0)));

    // What is enough may be asked for again, and otherwise.
    let (_, stderr) = said(&folder, &small("--until regret:100 --out study --resume"));
    assert!(stderr.contains("12 runs, 12 of them finished: nothing is left to do"), "{stderr}");
    let (stdout, stderr) = said(&folder, &small("--until decided --out study --resume"));
    assert!(stderr.contains("the study grows: until: \"decided\" in place of \"regret:100\""), "{stderr}");
    assert!(stdout.contains("  Stopped "), "{stdout}");
    let (stdout, _) = said(&folder, &small("--seeds 5 --out study --resume"));
    assert!(!stdout.contains("Stopped") && !stdout.contains("the full grid"), "{stdout}");
    assert_eq!(runs(&folder, "study").len(), 20, "without a rule all runs are made");
    let (stdout, _) = said(&folder, &small("--until regret:100 --out study --resume"));
    assert!(stdout.contains("warning: 8 finished runs are not looked at"), "{stdout}");
    assert!(stdout.contains("\n12 of 20 runs, "), "{stdout}");
}

#[test]
fn runs_of_another_study_are_taken_over_and_count() {
    let folder = folder();
    folder.run(&small("--seeds 5 --out whole")).success();
    folder.run(&small("--until regret:100 --out made")).success();
    let (stdout, _) = said(&folder, &small("--until regret:100 --reuse whole --out taken"));
    assert!(stdout.contains("\n12 of 20 runs, "), "{stdout}");
    outcome(&folder, "taken").assert_same(&outcome(&folder, "made"), "runs made, and runs taken over");
    let lines = |study: &str| folder.json(&format!("{study}/findings.json"))["verdicts"][0]["lines"].clone();
    let without_times = |lines: Value| -> Vec<String> {
        let lines = lines.as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned());
        lines.filter(|line| !line.starts_with("It took ")).collect()
    };
    assert_eq!(without_times(lines("taken")), without_times(lines("made")));
}

#[test]
fn two_processes_that_are_killed_end_where_one_does_that_is_not() {
    let folder = folder();
    let command = |study: &str| with_looks("3,4,6", &format!("--until decided --out {study} --resume"));
    let started = Instant::now();
    folder.run(&command("whole")).success();
    let (whole, once) = (outcome(&folder, "whole"), started.elapsed());
    let verdict = folder.json("whole/findings.json")["spending"]["targets"].clone();

    let mut rng = Stream::new(5, "moments").at(0);
    let mut processes = [0; 2].map(|_| folder.start(&command("killed")));
    for _ in 0..6 {
        std::thread::sleep(once.mul_f64(rng.uniform() / 4.0));
        let victim = below(&mut rng, 2) as usize;
        processes[victim].kill().unwrap();
        processes[victim].wait().unwrap();
        processes[victim] = folder.start(&command("killed"));
    }
    assert!(processes.into_iter().all(wait), "both end well");
    folder.run(&command("killed")).success();
    outcome(&folder, "killed").assert_same(&whole, "after kills");
    assert_eq!(folder.json("killed/findings.json")["spending"]["targets"], verdict);
}

#[test]
fn a_spent_budget_ends_with_what_there_is_and_the_command_to_go_on() {
    let folder = folder();
    // A look that takes longer than the budget, however fast the machine.
    let command = with_looks("40", "--until decided --budget 1s --out study");
    let started = Instant::now();
    let (stdout, stderr) = said(&folder, &command);
    assert!(started.elapsed() < Duration::from_secs(40), "it goes on");
    let going_on = stderr.split_once("the budget is spent; go on with --resume:\n  ").unwrap().1;
    let going_on = going_on.lines().next().unwrap().split_once(' ').unwrap().1.to_owned();
    assert_eq!(going_on, format!("{command} --resume"));
    assert!(
        stdout.contains("  Not there yet: the runs at look 1 of 1 (40 seeds) are incomplete."),
        "{stdout}"
    );
    assert!(stdout.contains(&format!("and go on:\n    mtlift {command} --resume\n")), "{stdout}");
    let finished =
        |study: &str| folder.json(&format!("{study}/findings.json"))["spending"]["runs"].as_u64().unwrap();
    let first = finished("study");
    assert!((1..160).contains(&first), "{first}");
    folder.run(&going_on).success();
    assert!(finished("study") > first);
    let status = folder.run_json("study status study --json");
    assert_eq!(status["total"], 160, "{status}");
}

#[test]
fn each_target_ends_by_itself() {
    let folder = folder();
    folder.write(
        "two.toml",
        "targets = [\"task.toml\", \"other.toml\"]\nsupports = [\"help.toml\"]\nuntil = \"regret:100\"\n",
    );
    let command =
        "compare two.toml --model model --epochs 1 --batch 16 --lr 1e-2 --jobs 2 --looks 3,5 --out study";
    let (stdout, stderr) = said(&folder, command);
    assert!(stderr.contains("toy: Stopped at") && stderr.contains("other: Stopped at"), "{stderr}");
    assert_eq!(stdout.matches("  Stopped at look 1 of 2 (3 seeds): ").count(), 2, "{stdout}");
    // Three singles, two times STILTs and two times MTL for each of three seeds.
    assert!(stdout.contains("\n21 of 35 runs, "), "{stdout}");
}

/// Each target is the other's support, so a model of the one that goes on waits for arms of the one that has enough: it stayed on the disk.
#[test]
fn models_that_only_given_up_arms_would_start_from_are_removed() {
    let folder = folder();
    // Nobody can tell arms apart where all rows are of one class.
    let rows: String = (0..64).map(|row| format!("{row}\tword {row}\tno\n")).collect();
    for split in ["train", "dev"] {
        folder.write(&format!("one-{split}.tsv"), format!("id\ttext\tlabel\n{rows}"));
    }
    folder.write(
        "one.toml",
        "name = \"one\"\nkind = \"classification\"\nlabels = [\"no\", \"yes\"]\ntext = \"text\"\nlabel = \"label\"\n\
         [files]\ntrain = \"one-train.tsv\"\ndev = \"one-dev.tsv\"\n",
    );
    folder.write(
        "two.toml",
        "targets = [\"task.toml\", \"one.toml\"]\nsupports = [\"task.toml\", \"one.toml\"]\nuntil = \"decided\"\n",
    );
    let command = "compare two.toml --model model --arms single,stilts --epochs 1 --batch 16 --lr 1e-2 --jobs 1 --looks 3,5 \
                   --keep-models needed --out study";
    let (stdout, stderr) = said(&folder, command);
    let look_of = |name: &str| stderr.lines().rfind(|line| line.starts_with(&format!("{name}: Stopped ")));
    assert!(look_of("one").is_some_and(|line| line.contains("(3 seeds)")), "{stderr}");
    assert!(look_of("toy").is_some_and(|line| line.contains("(5 seeds)")), "{stderr}");
    assert!(stdout.contains("\n18 of 20 runs, "), "{stdout}");
    let kept = |id: &String| folder.path(&format!("study/runs/{id}/model")).exists();
    assert!(!runs(&folder, "study").iter().any(kept), "nothing starts from them");
    let (_, stderr) = said(&folder, &format!("{command} --resume"));
    assert!(stderr.contains("nothing is left to do"), "{stderr}");
}

#[test]
fn a_dry_run_says_the_most_that_it_may_take_and_writes_nothing() {
    let folder = folder();
    let (stdout, stderr) = said(&folder, &small("--until decided --out study --dry-run"));
    assert_eq!(stdout, "");
    assert!(
        stderr.contains("20 runs, 0 of them") && stderr.contains("this is the most that it may take"),
        "{stderr}"
    );
    assert!(!folder.path("study").exists());
    let (file, _) = said(&folder, &small("--until decided --print-study"));
    assert!(file.contains("until = \"decided\"") && file.contains("seeds = [1, 2, 3, 4, 5]"), "{file}");
}

#[test]
fn a_rule_that_cannot_be_followed_is_refused() {
    let folder = folder();
    for (more, why) in [
        ("--until sometimes", "until is `sometimes`, expected `decided`, or `regret:0.5`"),
        ("--until decided --budget 90", "expected a number of hours, minutes or seconds: 2h, 90m, 45s"),
        ("--budget 90m", "--budget needs --until"),
        ("--until decided --seeds 2", "`until` needs the 3 seeds of the first look, and the study has 2"),
        ("--until decided --support-seed best", "use the support seed `paired` (--support-seed paired)"),
    ] {
        let run = folder.run(&small(&format!("{more} --out study"))).code(2).stdout("");
        let stderr = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
        assert!(stderr.contains(why), "{stderr}");
    }
    folder.write("sweep.toml", "until = \"decided\"\n");
    let sweep = "sweep sweep.toml --model model --tasks task.toml,help.toml --out study";
    let run = folder.run(sweep).code(2).stdout("");
    let stderr = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(stderr.contains("`until` is for `mtlift compare`"), "{stderr}");
    assert!(!folder.path("study").exists(), "nothing was written");
}
