//! What a study is asked, by flags, files and protocols: what is refused, and what comes of each setting.

use serde_json::Value;

use crate::folder::Folder;
use crate::study::{COMPARE, folder, label, runs};

const PAIR: &str = "compare --model model --target task.toml --support help.toml";

/// The study file that a command prints.
fn printed(folder: &Folder, arguments: &str) -> toml::Table {
    let run = folder.run(&format!("{arguments} --print-study")).success();
    String::from_utf8_lossy(&run.get_output().stdout).parse().unwrap()
}

#[test]
fn a_study_has_all_the_training_settings_of_a_run() {
    let folder = folder();
    let flags = "--epochs 2 --min-steps 30 --batch 8 --micro-batch 4 --lr 1e-3 --schedule cosine --warmup 0.2 --weight-decay 0.5 --clip 2 \
                 --dropout 0.3 --max-tokens 16 --max-train 40 --evaluate-every 0.25 --patience 3 --held-out 0.2 \
                 --class-weights balanced";
    let study = printed(&folder, &format!("{PAIR} {flags}"));
    let mut settings = study["settings"].as_table().unwrap().clone();
    // A run lists what it selects by only where that is no default.
    for own in ["protocol", "seed", "select"] {
        settings.remove(own).unwrap();
    }
    let train = format!("train --model model --task task.toml --out run {flags}");
    folder.run(&train).success();
    let mut of_a_run = folder.json("run/run.json")["settings"].as_object().unwrap().clone();
    for own in ["protocol", "seed", "max_steps"] {
        of_a_run.remove(own);
    }
    assert_eq!(serde_json::to_value(&settings).unwrap(), Value::Object(of_a_run));
    // A study file has them too, and what is not given stays.
    folder.write("study.toml", study.to_string());
    let again = printed(&folder, "compare study.toml --dropout 0.1");
    let mut expected = study.clone();
    expected["settings"]["dropout"] = 0.1.into();
    assert_eq!(again, expected);
}

#[test]
fn a_study_refuses_what_it_does_not_use() {
    let folder = folder();
    let refused = |flags: &str, message: &str| {
        let run = folder.run(&format!("{PAIR} --out study {flags}")).code(2).stdout("");
        let stderr = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
        assert!(stderr.starts_with(&format!("error: {message}\n")), "{stderr}");
    };
    refused("--max-steps 5", "unexpected argument '--max-steps' found");
    refused("--seed 5", "unexpected argument '--seed' found");
    refused("--protocol paper --held-out 0.2", "--held-out can only be used with --protocol held-out");
    folder.write("steps.toml", "[settings]\nmax_steps = 5\n");
    folder
        .run(&format!("{} --out study", PAIR.replace("compare", "compare steps.toml")))
        .code(2)
        .stdout("")
        .stderr(
            "error: `max-steps` cannot be used in a study, because phases differ in length; use `max-train` or `epochs`.\n",
        );
    assert!(!folder.path("study").exists(), "nothing was written");
}

#[test]
fn help_shows_the_default_of_every_setting() {
    let folder = folder();
    for (command, default) in
        [("train", "[default: 5e-5]"), ("compare", "[default: 5e-5; with --protocol paper 2e-5]")]
    {
        let help = folder.run(&format!("{command} --help")).success();
        let help = String::from_utf8_lossy(&help.get_output().stdout).into_owned();
        let words = help.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(&format!("--lr <RATE> The greatest learning rate {default}")), "{help}");
        assert!(words.contains("[default: linear] [possible values: constant, linear, cosine]"), "{help}");
    }
}

#[test]
fn a_study_needs_what_it_needs() {
    let folder = folder();
    let misuse = |arguments: &str, message: &str| {
        folder.run(arguments).code(2).stdout("").stderr(format!("error: {message}\n"));
    };
    misuse("compare --target task.toml --support help.toml --out study", "missing --model MODEL");
    misuse("compare --target task.toml --support help.toml --model model", "missing --out DIR");
    misuse(
        "compare --model model --target task.toml --out study",
        "stilts, mtl, mtl-then-target, merge and self-train:support need a support that is not the target: name one, or leave out these arms",
    );
    misuse(
        "size-curve --model model --target other.toml --support help.toml --ratios 1,3 --out study",
        "ratio 3 asks for 192 rows of help, which has 96: cut the target with --max-train",
    );
    misuse(
        "compare --model model --target task.toml --support help.toml --arms mtl --sampler dynamic --out study",
        "the sampler looks at the scores of single tasks: add the arm `single`, or choose another sampler",
    );
    assert!(!folder.path("study").exists(), "nothing was written");
}

#[test]
fn plan_prints_what_an_epoch_shows() {
    let folder = folder();
    let run = folder.run(
        "plan --model model --target task.toml --support other.toml --arms mtl --epochs 2 --batch 16 \
         --exposure truncating --sampler uniform",
    );
    // 144 and 58 rows are left to train on: 8 of each in a batch of 16, 7 batches until the smaller is used up.
    run.success().stdout(
        "toy: mtl with other, seed 1: 14 steps in 2 epochs\n    other    56 of 58 rows an epoch: 96.6 % on average\n    \
         toy      56 of 144 rows an epoch: 38.9 % on average\n",
    );
}

#[test]
fn the_support_phase_of_stilts_has_a_pace_of_its_own() {
    let folder = folder();
    let stilts =
        COMPARE.replace("single,stilts,mtl", "single,stilts").replace("help.toml,other.toml", "help.toml");
    let stilts = stilts.replace("--seeds 2", "--seeds 1");
    // 86 rows of help are left to train on, in batches of 16: 5 or 6 steps an epoch.
    for (pace, epochs, max_steps, rate, steps) in [
        ("--support-epochs 2", 2, Value::Null, 1e-2, 12),
        ("--support-steps 7 --support-lr 1e-3", 2, 7.into(), 1e-3, 7),
    ] {
        let out = pace.replace(' ', "").replace("--", "");
        folder.run(&format!("{stilts} {pace} --out {out}")).success();
        let of = |name: &str| {
            let ids = runs(&folder, &out);
            ids.into_iter().find(|id| label(&folder, &out, id) == name).unwrap_or_else(|| panic!("{name}"))
        };
        let support = of("help: single as support, seed 1");
        let settings = folder.json(&format!("{out}/runs/{support}.json"))["description"]["settings"].clone();
        assert_eq!((&settings["epochs"], &settings["max_steps"]), (&epochs.into(), &max_steps));
        assert_eq!(settings["learning_rate"], rate);
        assert_eq!(folder.json(&format!("{out}/runs/{support}/result.json"))["steps"], steps);
        let after = folder.json(&format!("{out}/runs/{}.json", of("toy: stilts from help, seed 1")));
        assert_eq!(after["description"]["start"]["best_of"], serde_json::json!([support]));
        assert_eq!(after["description"]["settings"]["epochs"], 1);
        assert_eq!(after["description"]["settings"]["learning_rate"], 1e-2);
        let findings = folder.json(&format!("{out}/findings.json"));
        assert!(findings["settings"].to_string().contains("STILTs' support phase"), "{findings}");
        let plan = format!("{stilts} {pace}").replace("compare", "plan").replace("--jobs 1", "");
        let planned = folder.run(&plan).success();
        let planned = String::from_utf8_lossy(&planned.get_output().stdout).into_owned();
        assert!(
            planned.contains(&format!("help: single as support, seed 1: {steps} steps in {epochs} epochs\n")),
            "{planned}"
        );
    }
    folder.fails_at_last(
        &format!("{stilts} --support-epochs 3 --out support-epochs2 --resume"),
        "support-epochs2 holds another study, which differs in support_phase.epochs (2 there, 3 asked): ask the same, or \
         give another --out",
    );
}

#[test]
fn advise_needs_no_training() {
    let folder = folder();
    let advice = folder.run_json("advise --target task.toml --support help.toml,other.toml --json");
    assert_eq!(advice["target_rows"], 160);
    assert_eq!(advice["supports"][0]["rule"], "stilts");
    let paper = &advice["records"][0];
    assert_eq!((&paper["right"], &paper["decided"]), (&49.into(), &53.into()));
    let advice = folder.run_json("advise --target other.toml --support task.toml --json");
    assert_eq!(advice["supports"][0]["rule"], "mtl");
}

#[test]
fn the_paper_protocol_runs_whole() {
    let folder = folder();
    let paper = "compare --model model --target task.toml --support help.toml --protocol paper --arms \
                 single,stilts,mtl --seeds 2 --epochs 2 --batch 16 --lr 1e-2 --jobs 1 --out study";
    folder.run(paper).success();
    let spec = folder.json("study/study.json");
    assert_eq!(spec["seeds"], serde_json::json!([42, 544_460]));
    assert_eq!(spec["mixing"]["mix"]["exposure"], "truncating");
    assert_eq!(spec["support_seed"], "best");
    // Both target phases of STILTs start from the same support run.
    let starts: Vec<Value> = runs(&folder, "study")
        .iter()
        .filter(|id| label(&folder, "study", id).starts_with("toy: stilts from help"))
        .map(|id| folder.json(&format!("study/runs/{id}.json"))["description"]["start"].clone())
        .collect();
    assert_eq!(starts.len(), 2);
    assert_eq!(starts[0], starts[1]);
    assert_eq!(starts[0]["best_of"].as_array().unwrap().len(), 2);
}
