//! `--class-weights`: what is said of a task that would want them, what they change, and weights that no task has.

use std::collections::BTreeMap;

use crate::folder::{Folder, TRAIN, rows};
use crate::study::{label, runs, stderr};

const PAIR: &str = "compare --model model --target task.toml --support values.toml --arms single,stilts,mtl --seeds 1 \
                    --epochs 1 --batch 16 --jobs 1";

/// A folder whose task has few rows of `yes`, and a regression.
fn imbalanced() -> Folder {
    let folder = Folder::new();
    let (mut text, mut seen) = (String::new(), 0);
    for line in rows(160, "train", true).lines() {
        seen += u64::from(line.ends_with("\tyes"));
        if !line.ends_with("\tyes") || seen % 8 == 0 {
            text += &format!("{line}\n");
        }
    }
    folder.write("train.tsv", text);
    for split in ["train", "dev"] {
        let values = rows(48, split, true).replace("\tno", "\t0.5").replace("\tyes", "\t2");
        folder.write(&format!("values-{split}.tsv"), values);
    }
    folder.write(
        "values.toml",
        "name = \"values\"\nkind = \"regression\"\ntext = \"text\"\nlabel = \"label\"\n[files]\n\
         train = \"values-train.tsv\"\ndev = \"values-dev.tsv\"\n",
    );
    folder
}

#[test]
fn an_imbalanced_task_is_said_once_unless_its_classes_are_weighed() {
    let folder = imbalanced();
    let said = |arguments: &str| stderr(&folder, arguments).matches("task toy is imbalanced: ").count();
    assert_eq!(said(&format!("{TRAIN} --max-steps 1 --out plain")), 1);
    assert_eq!(said(&format!("{TRAIN} --max-steps 1 --class-weights balanced --out weighed")), 0);
    let study = stderr(&folder, &format!("{PAIR} --out study"));
    let line = study.lines().find(|line| line.contains("imbalanced")).unwrap();
    assert!(
        line.ends_with(
            "rows to train on are `no`; `--class-weights balanced` lets every class count the same in the loss"
        ),
        "{line}"
    );
    assert_eq!(study.matches("imbalanced").count(), 1, "{study}");
    assert_eq!(said(&format!("{PAIR} --class-weights yes=8 --out weighed-study")), 0);
    let balanced = Folder::new();
    assert!(!stderr(&balanced, &format!("{TRAIN} --max-steps 1 --out out")).contains("imbalanced"));
}

#[test]
fn weights_change_the_model_and_are_part_of_the_run() {
    let folder = imbalanced();
    let parameters = |flags: &str, out: &str| {
        folder.run(&format!("{TRAIN} {flags} --out {out}")).success();
        let settings = folder.json(&format!("{out}/run.json"))["settings"].clone();
        let result = folder.json(&format!("{out}/result.json"));
        (result["parameters"].as_str().unwrap().to_owned(), settings["class_weights"].clone())
    };
    let (plain, setting) = parameters("", "plain");
    assert!(setting.is_null(), "the default is not listed: {setting}");
    let (same, setting) = parameters("--class-weights yes=1,no=1", "same");
    assert_eq!((&same, setting["yes"].as_f64()), (&plain, Some(1.0)), "weights of 1 change no bit");
    let (balanced, setting) = parameters("--class-weights balanced", "balanced");
    assert_eq!(setting, "balanced");
    assert_ne!(balanced, plain);
    let run = folder.run(&format!("{TRAIN} --class-weights balanced --out plain --resume")).code(1);
    let stderr = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(
        stderr.contains("differs in settings.class_weights (null there, \"balanced\" asked)"),
        "{stderr}"
    );
}

/// A study of a regression and a classification: the weights are of the one, and the other's own runs stay what they are.
#[test]
fn a_run_without_the_classes_is_the_same_run() {
    let folder = imbalanced();
    let ids = |flags: &str, out: &str| -> BTreeMap<String, String> {
        folder.run(&format!("{PAIR}{flags} --out {out}")).success();
        runs(&folder, out).into_iter().map(|id| (label(&folder, out, &id), id)).collect()
    };
    let (plain, weighed) = (ids("", "plain"), ids(" --class-weights balanced", "weighed"));
    let same: Vec<&String> = plain.keys().filter(|&label| plain.get(label) == weighed.get(label)).collect();
    assert_eq!(same, ["values: single, seed 1"]);
    assert_eq!(plain.len(), weighed.len());
    let settings = folder.json("weighed/findings.json")["settings"].to_string();
    assert!(settings.contains("[\"class weights\",\"balanced\"]"), "{settings}");
}

#[test]
fn weights_in_a_study_file() {
    let folder = imbalanced();
    folder.write("study.toml", "[settings.class_weights]\nyes = 4\n");
    let command = PAIR.replace("compare", "compare study.toml");
    let print = |flags: &str| -> toml::Table {
        let run = folder.run(&format!("{command} --print-study{flags}")).success();
        String::from_utf8_lossy(&run.get_output().stdout).parse().unwrap()
    };
    assert_eq!(print("")["settings"]["class_weights"].to_string(), "{ yes = 4.0 }");
    assert_eq!(print(" --class-weights none")["settings"]["class_weights"].as_str(), Some("none"));
    folder.write("study.toml", "[settings]\nclass_weights = \"equal\"\n");
    let run = folder.run(&format!("{command} --out study")).code(2).stdout("");
    let stderr = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(stderr.contains("expected none, balanced, or a table of labels and weights"), "{stderr}");
}

#[test]
fn weights_that_cannot_be_meant() {
    let folder = imbalanced();
    let train = "train --model model --task task.toml --out out --class-weights";
    let refused = |arguments: &str, message: &str| {
        let run = folder.run(arguments).code(2).stdout("");
        let stderr = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
        assert!(stderr.starts_with(&format!("error: {message}\n")), "{stderr}");
        assert!(!folder.path("out").exists(), "a refused command writes nothing");
    };
    refused(
        &format!("{train} maybe=2"),
        "class-weights names the label `maybe`, which no task has: toy has no, yes",
    );
    refused(
        &format!("{PAIR} --out out --class-weights yes=2,maybe=2"),
        "class-weights names the label `maybe`, which no task has: toy has no, yes",
    );
    for (weights, shown) in [("yes=0", "yes=0"), ("yes=-1,no=1", "no=1,yes=-1"), ("yes=inf", "yes=inf")] {
        let message = format!("class-weights is {shown}, expected a finite number above 0 for each label");
        refused(&format!("{train} {weights}"), &message);
    }
    for weights in ["equal", "yes", "yes=x", "yes=1,yes=2", "yes=1,", "=,"] {
        let message = format!(
            "invalid value '{weights}' for '--class-weights <balanced|LABEL=W,...>': class-weights is {weights}, expected none, \
             balanced, or LABEL=WEIGHT,... with each label once"
        );
        refused(&format!("{train} {weights}"), &message);
    }
    let regression = train.replace("task.toml", "values.toml");
    refused(
        &format!("{regression} balanced"),
        "class-weights is balanced, expected a classification to weigh the classes of; a regression has none: leave it out",
    );
}
