//! Commands that cannot be meant: exit status 2, and words that say what to write instead.

use crate::folder::{Folder, TRAIN};
use crate::help::COMMANDS;

/// Standard error of a command that is refused before anything is read.
#[track_caller]
fn misuse(folder: &Folder, arguments: &str) -> String {
    let run = folder.run(arguments).code(2).stdout("");
    assert!(!folder.path("out").exists(), "a refused command writes nothing");
    String::from_utf8(run.get_output().stderr.clone()).unwrap()
}

#[test]
fn every_command_shows_an_example() {
    let folder = Folder::new();
    for command in COMMANDS {
        let run = folder.run(&format!("{command} --help")).success().stderr("");
        let help = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
        let (_, examples) =
            help.split_once("Example").unwrap_or_else(|| panic!("`{command}` has no example:\n{help}"));
        assert!(examples.contains(&format!("\n  mtlift {command}")), "`{command}`:\n{help}");
        assert!(help.contains("Usage: mtlift"), "{help}");
    }
}

#[test]
fn flags_that_the_command_does_not_use() {
    let folder = Folder::new();
    for (arguments, flag) in [
        ("predict --model m --task t --out out --seed 1", "--seed"),
        ("predict --model m --task t --out out --epochs 1", "--epochs"),
        ("evaluate --model m --task t --out out", "--out"),
        ("evaluate --model m --task t --resume", "--resume"),
        ("verify --model m --task t", "--task"),
        ("verify --model m --cache-dir c", "--cache-dir"),
        ("train --model m --task t --out out --split dev", "--split"),
        ("train --model m --task t --out out --labels a,b", "--labels"),
        ("data list --threads 1", "--threads"),
        ("data check t --seed 1", "--seed"),
    ] {
        let stderr = misuse(&folder, arguments);
        assert!(
            stderr.starts_with(&format!("error: unexpected argument '{flag}' found\n")),
            "{arguments}: {stderr}"
        );
    }
}

#[test]
fn flags_that_do_not_go_together() {
    let folder = Folder::new();
    assert_eq!(
        misuse(&folder, &format!("{TRAIN} --out out --protocol fixed --patience 2")),
        "error: --patience cannot be used with --protocol fixed, which selects no checkpoint\n"
    );
    for protocol in ["fixed", "paper"] {
        assert_eq!(
            misuse(&folder, &format!("{TRAIN} --out out --protocol {protocol} --held-out 0.2")),
            "error: --held-out can only be used with --protocol held-out\n"
        );
    }
    let stderr = misuse(&folder, "predict --model m --task t --out out --split dev --input mine.tsv");
    assert!(
        stderr.starts_with("error: the argument '--split <SPLIT>' cannot be used with '--input <FILE>'\n"),
        "{stderr}"
    );
    assert_eq!(
        misuse(&folder, "data check task.toml --max-tokens 64"),
        "error: --max-tokens needs a model, whose tokens it counts: give --model\n"
    );
}

#[test]
fn settings_out_of_their_range() {
    let folder = Folder::new();
    for (flag, message) in [
        ("--epochs 0", "epochs is 0, expected 1 to 1000000"),
        ("--batch 0", "batch is 0, expected 1 to 1000000"),
        ("--micro-batch 0", "micro-batch is 0, expected at least 1"),
        ("--lr 0", "peak learning rate is 0, expected a finite number above 0"),
        ("--lr NaN", "peak learning rate is NaN, expected a finite number above 0"),
        ("--warmup 1", "warm-up is 1, expected a share of the steps: at least 0 and below 1"),
        ("--weight-decay inf", "weight decay is inf, expected 0 or more"),
        ("--clip 0", "clip is 0, expected more than 0"),
        ("--dropout 1", "dropout is 1, expected 0 or more and less than 1"),
        ("--evaluate-every 0", "evaluation every 0 epochs, expected a finite number above 0"),
        ("--patience 0", "patience is 0, expected at least 1 evaluation, or never"),
        ("--held-out 0.6", "held-out is 0.6, expected more than 0 and at most 0.5"),
        ("--max-train 1", "max-train is 1, expected at least 2"),
        ("--max-steps 0", "max-steps is 0, expected at least 1"),
        (
            "--max-tokens 2",
            "the limit is 2 tokens, expected at least 5: the special tokens and one token of each text",
        ),
        ("--max-tokens 33", "--max-tokens 33 is more than the 32 that the model's position table takes"),
    ] {
        let stderr = misuse(&folder, &format!("train --model model --task task.toml --out out {flag}"));
        assert_eq!(stderr, format!("error: {message}\n"), "{flag}");
    }
    let stderr = misuse(&folder, "train --model model --task task.toml --out out --threads 0");
    assert!(stderr.starts_with("error: invalid value '0' for '--threads <N>': "), "{stderr}");
    assert_eq!(
        misuse(&folder, "verify --model model --tolerance -1").lines().next(),
        Some("error: unexpected argument '-1' found")
    );
    assert_eq!(
        misuse(&folder, "verify --model model --tolerance=-1"),
        "error: --tolerance is -1, expected 0 or more\n"
    );
}

#[test]
fn unknown_names() {
    let folder = Folder::new();
    folder.write_model("home/models/tiny", crate::folder::bert());
    folder.write_model("home/models/small", crate::folder::bert());
    assert_eq!(
        misuse(&folder, "train --model model --task RTF --out out --data-home home"),
        "error: unknown task `RTF`; did you mean `RTE`?; the tasks are `CoLA`, `SST-2`, `MRPC`, `STS-B`, `QQP`, `MNLI`, `QNLI`, \
         `RTE`, `WNLI`, `AX`, or give the path of a .toml file\n"
    );
    assert_eq!(
        misuse(&folder, "train --model model --task RTE --out out"),
        "error: RTE is read from a data home, and none is given: name the folder that holds glue/RTE; \
         to fetch it from the hub: mtlift fetch glue RTE\n"
    );
    assert_eq!(
        misuse(&folder, "train --model tony --task task.toml --out out --data-home home"),
        "error: model tony: there is no such directory here or in home/models, which has small, tiny; \
         to fetch it from the hub: mtlift fetch model tony\n"
    );
    assert_eq!(
        misuse(&folder, "evaluate --model tony --task task.toml"),
        "error: model tony: there is no such directory, and no data home to look in: set MTLIFT_HOME or --data-home; \
         to fetch it from the hub: mtlift fetch model tony\n"
    );
    let stderr = misuse(&folder, "trian");
    assert!(stderr.contains("unrecognized subcommand 'trian'") && stderr.contains("'train'"), "{stderr}");
}
