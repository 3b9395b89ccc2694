//! `mtlift submit`: the archive's files row by row, and everything for which none is written.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Read;

use serde_json::{Value, json};
use zip::ZipArchive;

use crate::folder::{Folder, rows};

const TRAIN: &str = "train --model model --data-home home --protocol fixed --epochs 12 --batch 8";

/// A text for each row.
fn texts(count: u64, name: &str) -> Vec<String> {
    rows(count, name, false).lines().skip(1).map(str::to_owned).collect()
}

/// Writes a test file of GLUE's with two texts, or one, to a row.
fn write_test(folder: &Folder, file: &str, columns: &str, count: u64) {
    let pair = columns.split('\t').count() == 3;
    let mut lines = vec![columns.to_owned()];
    for (row, text) in texts(count, file).iter().enumerate() {
        lines.push(if pair { format!("{row}\t{text}\t{text} w1") } else { format!("{row}\t{text}") });
    }
    folder.write(&format!("home/glue/{file}"), lines.join("\n") + "\n");
}

/// Writes the files of a task that can be trained on, with the labels in turn, as the texts tell them.
fn write_labelled(folder: &Folder, task: &str, column: &str, labels: &[&str; 2]) {
    let dev = if task == "MNLI" { "dev_matched" } else { "dev" };
    for (split, count) in [("train", 96), (dev, 24), ("dev_mismatched", 24)] {
        let mut lines = vec![format!("index\tsentence1\tsentence2\t{column}")];
        for (row, text) in texts(count, split).iter().enumerate() {
            lines.push(format!("{row}\t{text}\t{text} w1\t{}", labels[row % 2]));
        }
        folder.write(&format!("home/glue/{task}/{split}.tsv"), lines.join("\n") + "\n");
    }
}

/// A folder whose data home has a test file of three rows for everything that GLUE's server asks.
fn home() -> Folder {
    let folder = Folder::new();
    for (file, columns) in [
        ("CoLA/test.tsv", "index\tsentence"),
        ("SST-2/test.tsv", "index\tsentence"),
        ("MRPC/test.tsv", "index\t#1 String\t#2 String"),
        ("STS-B/test.tsv", "index\tsentence1\tsentence2"),
        ("QQP/test.tsv", "id\tquestion1\tquestion2"),
        ("MNLI/test_matched.tsv", "index\tsentence1\tsentence2"),
        ("MNLI/test_mismatched.tsv", "index\tsentence1\tsentence2"),
        ("QNLI/test.tsv", "index\tquestion\tsentence"),
        ("RTE/test.tsv", "index\tsentence1\tsentence2"),
        ("WNLI/test.tsv", "index\tsentence1\tsentence2"),
        ("diagnostic/diagnostic.tsv", "index\tsentence1\tsentence2"),
    ] {
        write_test(&folder, file, columns, 3);
    }
    write_labelled(&folder, "WNLI", "label", &["0", "1"]);
    write_labelled(&folder, "RTE", "label", &["entailment", "not_entailment"]);
    write_labelled(&folder, "MNLI", "gold_label", &["contradiction", "neutral"]);
    // Beyond the scale, so that predictions are as well.
    write_labelled(&folder, "STS-B", "score", &["-30", "40"]);
    folder
}

/// Trains a model for each of some tasks, in `runs/TASK`.
fn train(folder: &Folder, tasks: &[&str]) {
    for task in tasks {
        // A regression's predictions go as far as the rate lets them.
        let rate = if *task == "STS-B" { 3e-2 } else { 5e-3 };
        folder.run(&format!("{TRAIN} --task {task} --lr {rate} --out runs/{task}")).success();
    }
}

/// The files of an archive, in its order.
fn archive(folder: &Folder, name: &str) -> Vec<(String, String)> {
    let mut zip = ZipArchive::new(File::open(folder.path(name)).unwrap()).unwrap();
    let mut files = Vec::new();
    for place in 0..zip.len() {
        let mut file = zip.by_index(place).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        files.push((file.name().to_owned(), text));
    }
    files
}

/// What `mtlift predict` says of the test rows of a task: the predictions.
fn predicted(folder: &Folder, model: &str, task: &str) -> Vec<String> {
    let out =
        format!("--model {model} --task {task} --split test --data-home home --force --out predicted.tsv");
    folder.run(&format!("predict {out}")).success();
    let table = folder.read("predicted.tsv");
    table.lines().skip(1).map(|line| line.split('\t').nth(1).unwrap().to_owned()).collect()
}

/// A file of the archive with these answers.
fn answers(words: impl IntoIterator<Item = String>) -> String {
    let lines = words.into_iter().enumerate().map(|(row, word)| format!("{row}\t{word}\n"));
    format!("index\tprediction\n{}", lines.collect::<String>())
}

#[test]
fn test_files_that_are_not_glues() {
    let folder = home();
    train(&folder, &["WNLI", "RTE", "MNLI", "STS-B"]);
    for (task, model, file, path, official) in [
        ("CoLA", "WNLI", "CoLA.tsv", "CoLA/test.tsv", 1063),
        ("SST-2", "WNLI", "SST-2.tsv", "SST-2/test.tsv", 1821),
        ("MRPC", "WNLI", "MRPC.tsv", "MRPC/test.tsv", 1725),
        ("STS-B", "STS-B", "STS-B.tsv", "STS-B/test.tsv", 1379),
        ("QQP", "WNLI", "QQP.tsv", "QQP/test.tsv", 390_965),
        ("MNLI", "MNLI", "MNLI-m.tsv", "MNLI/test_matched.tsv", 9796),
        ("QNLI", "RTE", "QNLI.tsv", "QNLI/test.tsv", 5463),
        ("RTE", "RTE", "RTE.tsv", "RTE/test.tsv", 3000),
        ("WNLI", "WNLI", "WNLI.tsv", "WNLI/test.tsv", 146),
        ("AX", "MNLI", "AX.tsv", "diagnostic/diagnostic.tsv", 1104),
    ] {
        folder.fails(
            &format!("submit {task}=runs/{model}/model --partial --data-home home --out out.zip"),
            &format!("{file}, home/glue/{path}: 3 rows, GLUE's own file has {official}"),
        );
    }
    assert!(!folder.path("out.zip").exists());
}

#[test]
fn the_files_that_the_server_takes() {
    let folder = home();
    train(&folder, &["WNLI", "RTE", "MNLI", "STS-B"]);
    for (file, count) in [
        ("WNLI/test.tsv", 146),
        ("RTE/test.tsv", 3000),
        ("STS-B/test.tsv", 1379),
        ("diagnostic/diagnostic.tsv", 1104),
    ] {
        write_test(&folder, file, "index\tsentence1\tsentence2", count);
    }
    fs::remove_file(folder.path("home/glue/MNLI/test_matched.tsv")).unwrap();
    fs::remove_file(folder.path("home/glue/MNLI/test_mismatched.tsv")).unwrap();
    // Runs by their directories, one model by its task in any case.
    let submit = "submit runs/WNLI runs/RTE runs/MNLI sts-b=runs/STS-B/model --data-home home --out out.zip";
    let absent = [
        ("CoLA.tsv", "no model for CoLA"),
        ("MNLI-m.tsv", "MNLI has no test file here"),
        ("MNLI-mm.tsv", "MNLI has no test-mismatched file here"),
        ("MRPC.tsv", "no model for MRPC"),
        ("QNLI.tsv", "no model for QNLI"),
        ("QQP.tsv", "no model for QQP"),
        ("SST-2.tsv", "no model for SST-2"),
    ];
    let listed = absent.map(|(file, why)| format!("{file} ({why})")).join(", ");
    let refused = format!("error: these files would be missing: {listed}; --partial leaves them out\n");
    folder.run(submit).code(2).stdout("").stderr(refused);
    assert!(!folder.path("out.zip").exists());

    let run = folder.run(&format!("{submit} --partial --json")).success();
    let stderr = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert_eq!(stderr, absent.map(|(file, why)| format!("warning: {file} is left out: {why}\n")).concat());
    let written: Value = serde_json::from_slice(&run.get_output().stdout).unwrap();
    assert_eq!(
        written,
        json!({
            "archive": "out.zip",
            "files": {"STS-B.tsv": 1379, "RTE.tsv": 3000, "WNLI.tsv": 146, "AX.tsv": 1104},
            "missing": absent.into_iter().collect::<BTreeMap<_, _>>(),
        })
    );

    let printed = folder.run(&format!("{submit} --partial").replace("out.zip", "-")).success();
    assert!(printed.get_output().stdout == fs::read(folder.path("out.zip")).unwrap(), "the same archive");
    let files = archive(&folder, "out.zip");
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["STS-B.tsv", "RTE.tsv", "WNLI.tsv", "AX.tsv"]);
    let text = |name: &str| files.iter().find(|(there, _)| there == name).unwrap().1.clone();
    for (file, task, words) in [
        ("RTE.tsv", "RTE", &["entailment", "not_entailment"][..]),
        ("WNLI.tsv", "WNLI", &["0", "1"]),
        ("AX.tsv", "AX", &["entailment", "neutral", "contradiction"]),
    ] {
        let model = if task == "AX" { "MNLI" } else { task };
        let expected = predicted(&folder, &format!("runs/{model}/model"), task);
        let said: BTreeSet<&str> = expected.iter().map(String::as_str).collect();
        let words: BTreeSet<&str> = words.iter().copied().collect();
        assert!(said.len() > 1 && said.is_subset(&words), "the label words of {task}: {said:?}");
        assert_eq!(text(file), answers(expected), "{file}");
    }
    let values: Vec<f32> =
        predicted(&folder, "runs/STS-B/model", "STS-B").iter().map(|value| value.parse().unwrap()).collect();
    assert!(values.iter().any(|&value| value > 5.0) && values.iter().any(|&value| value < 0.0), "{values:?}");
    assert_eq!(
        text("STS-B.tsv"),
        answers(values.iter().map(|value| format!("{:.3}", value.clamp(0.0, 5.0))))
    );
}

#[test]
fn a_study_gives_its_best_arms_best_seed() {
    let folder = home();
    write_test(&folder, "WNLI/test.tsv", "index\tsentence1\tsentence2", 146);
    folder
        .run(
            "compare --model model --data-home home --target WNLI --support RTE --seeds 2 --epochs 1 --batch 8 --lr 3e-2 \
             --jobs 2 --out study",
        )
        .success();
    let submit = "submit study --partial --data-home home --force --out out.zip";
    let mut findings = folder.json("study/findings.json");
    let mut seen = BTreeSet::new();
    for arm in 0..3 {
        // Whatever they have learnt: this arm is the one to use, and of its seeds the second.
        findings["verdicts"][0]["choice"]["arm"] = findings["arms"][arm]["label"].clone();
        findings["arms"][arm]["scores"][0]["selected"] = 0.5.into();
        findings["arms"][arm]["scores"][1]["selected"] = 0.6.into();
        folder.write("study/findings.json", findings.to_string());
        folder.run(submit).success();
        let run = findings["arms"][arm]["scores"][1]["run"].as_str().unwrap();
        let model = if arm == 2 { "model-WNLI" } else { "model" };
        let expected = answers(predicted(&folder, &format!("study/runs/{run}/{model}"), "WNLI"));
        assert_eq!(archive(&folder, "out.zip"), [("WNLI.tsv".to_owned(), expected.clone())]);
        seen.insert(expected);
    }
    assert!(seen.len() > 1, "the arms' answers differ, or it would not matter whose they are");

    let run = findings["arms"][2]["scores"][1]["run"].as_str().unwrap();
    fs::remove_dir_all(folder.path(&format!("study/runs/{run}/model-WNLI"))).unwrap();
    folder.fails(
        submit,
        &format!(
            "study/runs/{run} has no model for WNLI any more: remove this directory, and give the study's command with \
             --keep-models all --resume to make the run again"
        ),
    );
}

#[test]
fn what_is_no_answer() {
    let folder = home();
    write_test(&folder, "RTE/test.tsv", "index\tsentence1\tsentence2", 3000);
    train(&folder, &["WNLI", "STS-B"]);
    folder.run("train --model model --task task.toml --max-steps 2 --out runs/toy").success();
    let submit = |from: &str| format!("submit {from} --partial --data-home home --out out.zip");
    let misuse = |from: &str, said: &str| {
        folder.run(&submit(from)).code(2).stdout("").stderr(said.to_owned());
    };
    misuse("RTF=runs/WNLI/model", "error: RTF=runs/WNLI/model: `RTF` is not a GLUE task\n");
    misuse("nowhere", "error: nowhere: neither a study nor a finished run; for a model, give TASK=nowhere\n");
    let run = folder.run(&submit("runs/toy")).code(2).stdout("");
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(
        said.starts_with("warning: toy is not a GLUE task: runs/toy/model is not used\nerror: these files would be missing: ")
            && said.ends_with("WNLI.tsv (no model for WNLI); no file is left\n"),
        "{said}"
    );
    let labels = "the labels entailment, not_entailment";
    for (from, found) in [("WNLI", "the labels 0, 1"), ("STS-B", "a number")] {
        folder.fails(
            &submit(&format!("RTE=runs/{from}/model")),
            &format!(
                "RTE.tsv, home/glue/RTE/test.tsv: the model in runs/{from}/model predicts {found}, task RTE has {labels}"
            ),
        );
    }
    let mut config = folder.json("runs/WNLI/model/config.json");
    config["id2label"] = json!({"0": "LABEL_0", "1": "LABEL_1"});
    config["label2id"] = json!({"LABEL_0": 0, "LABEL_1": 1});
    folder.write("runs/WNLI/model/config.json", config.to_string());
    folder.fails(
        &submit("RTE=runs/WNLI/model"),
        "RTE.tsv, home/glue/RTE/test.tsv: the labels of runs/WNLI/model are only placeholders (LABEL_0, LABEL_1): say what \
         they mean in its config.json, id2label and label2id",
    );
    assert!(!folder.path("out.zip").exists());
}
