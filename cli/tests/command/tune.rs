//! `compare --tune`: every arm is trained with the settings that its own trials scored best with, whenever the study is killed, and in
//! whichever study the runs were made.

use mtlift_nn::random::Stream;
use serde_json::{Value, json};

use crate::folder::{Folder, below};
use crate::study::{COMPARE, folder, label, runs};
use crate::study_killed::{outcome, wait};

/// A rate at which nothing is learnt, and one at which the tiny model learns.
const RATES: [f64; 2] = [1e-7, 1e-2];

fn tuned(more: &str) -> String {
    let compare = COMPARE
        .replace("help.toml,other.toml", "help.toml")
        .replace("--epochs 1 --batch 16", "--epochs 4 --batch 8");
    format!("{compare} --tune lr=1e-7/1e-2 {more}")
}

/// Settings as they are named.
fn rate_of(settings: &Value) -> f64 {
    settings.as_str().unwrap().strip_prefix("lr=").unwrap().parse().unwrap()
}

/// What a command that succeeds prints, and says beside.
fn said(folder: &Folder, arguments: &str) -> (String, String) {
    let run = folder.run(arguments).success();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&run.get_output().stdout), text(&run.get_output().stderr))
}

/// What a run scored on the held-out rows of the target, which a mixed run may have as its second task.
fn selected(result: &Value) -> f64 {
    let mut all = [result].into_iter().chain(result["supports"].as_array().into_iter().flatten());
    all.find(|task| task["task"] == "toy").unwrap()["selected_score"].as_f64().unwrap()
}

/// The learning rate with which a run was really trained.
fn rate(folder: &Folder, study: &str, id: &str) -> Value {
    folder.json(&format!("{study}/runs/{id}/run.json"))["settings"]["learning_rate"].clone()
}

#[test]
fn every_arm_is_trained_with_what_its_trials_scored_best_with() {
    let folder = folder();
    let (stdout, stderr) = said(&folder, &tuned("--out study"));
    // Three arms with four trials each, two support phases for them; under two seeds three runs and a support phase.
    assert!(stderr.contains("22 runs, 0 of them finished"), "{stderr}");
    assert!(stderr.contains("of them 14 runs and "), "{stderr}");
    assert!(
        stdout.contains("  Settings by --tune, the best of 2 on held-out rows under 2 other seeds: "),
        "{stdout}"
    );

    let found = folder.run_json("report study --json");
    for arm in found["arms"].as_array().unwrap() {
        let tuned = &arm["tuned"];
        let score = |place: usize| tuned["tried"][place]["score"].as_f64().unwrap();
        let best = usize::from(score(1) > score(0));
        assert_eq!(rate_of(&tuned["chosen"]), RATES[best], "{tuned}");
        let of_trials = arm["arm"].as_str().unwrap();
        let ids = runs(&folder, "study");
        for place in 0..2 {
            let setting = &tuned["tried"][place]["settings"];
            assert_eq!(rate_of(setting), RATES[place]);
            let start = format!("toy: {of_trials} trying {}, seed ", setting.as_str().unwrap());
            let trials: Vec<f64> = ids
                .iter()
                .filter(|id| label(&folder, "study", id).starts_with(&start))
                .map(|id| selected(&folder.json(&format!("study/runs/{id}/result.json"))))
                .collect();
            assert!(
                trials.len() == 2 && (trials.iter().sum::<f64>() / 2.0 - score(place)).abs() < 1e-12,
                "{tuned}"
            );
        }
        for run in arm["runs"].as_array().unwrap() {
            let id = run["directory"].as_str().unwrap().rsplit('/').next().unwrap();
            assert_eq!(rate(&folder, "study", id), RATES[best], "{arm}");
        }
    }
    assert_eq!(rate_of(&found["arms"][0]["tuned"]["chosen"]), RATES[1], "single needs the greater rate");
    let kept = |id: &String| folder.path(&format!("study/runs/{id}/model")).exists();
    let trials: Vec<String> = runs(&folder, "study")
        .into_iter()
        .filter(|id| label(&folder, "study", id).contains("trying"))
        .collect();
    assert!(trials.len() == 12 && !trials.iter().any(kept), "nobody uses the model of a trial");

    let table = folder.read("study/tables/tuned.csv");
    assert!(
        table.starts_with("target,arm,support,sampler,label,settings,held_out_score,chosen\n"),
        "{table}"
    );
    assert_eq!(table.lines().filter(|line| line.ends_with(",true")).count(), 3, "{table}");
    let page = folder.read("study/report.html");
    assert!(
        page.contains("score on held-out rows") && page.contains("lr=1e-7&#x2f;0.01,seeds=2"),
        "the page says it"
    );
}

#[test]
fn a_tuned_study_that_is_killed_ends_where_one_does_that_is_not() {
    let folder = folder();
    let whole = tuned("--until regret:100 --looks 3").replace("--seeds 2", "--seeds 3");
    let started = std::time::Instant::now();
    folder.run(&format!("{whole} --out whole")).success();
    let once = started.elapsed();
    let mut rng = Stream::new(7, "moments").at(0);
    let command = format!("{whole} --out killed --resume");
    let mut processes = [0; 2].map(|_| folder.start(&command));
    for _ in 0..6 {
        std::thread::sleep(once.mul_f64(rng.uniform() / 4.0));
        let victim = below(&mut rng, 2) as usize;
        processes[victim].kill().unwrap();
        processes[victim].wait().unwrap();
        processes[victim] = folder.start(&command);
    }
    assert!(processes.into_iter().all(wait), "both end well");
    folder.run(&command).success();
    outcome(&folder, "killed").assert_same(&outcome(&folder, "whole"), "after kills");

    // Another study of the same search takes all of them, and one of another search what it has in common.
    let (_, stderr) = said(&folder, &tuned("--out again --reuse whole --dry-run"));
    assert!(stderr.contains("22 runs, 0 of them finished, 22 to be taken from the other study"), "{stderr}");
    let wider = tuned("--out again --reuse whole --dry-run").replace("1e-7/1e-2", "1e-7/1e-2/1e-3");
    let (_, stderr) = said(&folder, &wider);
    // But for the trials of the third rate and the support phases that they start from, whose models were not kept.
    assert!(stderr.contains("28 runs, 0 of them finished, 14 to be taken from the other study"), "{stderr}");
    let other = tuned("--out whole --resume").replace("1e-7/1e-2", "1e-7/1e-3");
    let stderr = folder.run(&other).code(1).get_output().stderr.clone();
    let stderr = String::from_utf8_lossy(&stderr);
    assert!(stderr.contains("tune.lr ([1e-7,0.01] there, [1e-7,0.001] asked)"), "{stderr}");
}

#[test]
fn a_study_file_has_the_search_as_a_table() {
    let folder = folder();
    let (file, _) = said(&folder, &tuned("--print-study"));
    assert!(file.contains("[tune]\nseeds = 2\nlr = [0.0000001, 0.01]"), "{file}");
    folder.write("study.toml", &file);
    let estimate = |command: &str| folder.run_json(&format!("{command} --out study --dry-run --json"));
    let from_file = estimate("compare study.toml");
    assert_eq!((&from_file["runs"], &from_file["trials"]), (&json!(22), &json!(14)));
    assert!(from_file["trial_minutes"].as_f64() < from_file["minutes"].as_f64());
    folder.write("sweep.toml", "[tune]\nlr = [1e-5, 1e-4]\n");
    folder
        .run("sweep sweep.toml --model model --tasks task.toml,help.toml --out study")
        .code(2)
        .stdout("")
        .stderr("error: `tune` is for `mtlift compare`: leave it out\n");
    let stderr =
        folder.run(&tuned("--out study").replace("lr=", "rate=")).code(2).get_output().stderr.clone();
    let stderr = String::from_utf8_lossy(&stderr);
    assert!(stderr.starts_with("error: `tune` cannot try `rate`: there are lr, epochs, "), "{stderr}");
}
