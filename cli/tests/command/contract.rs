//! What scripts rely on: one JSON object on standard output and nothing else, what is in it, and the files' form.

use std::process::Stdio;

use serde_json::Value;

use crate::folder::{Folder, TASK, TRAIN, rows};

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// A folder with a finished run in `out`.
fn trained() -> Folder {
    let folder = Folder::new();
    folder.run(&format!("{TRAIN} --out out")).success();
    folder
}

#[test]
fn train_prints_one_json_object() {
    let folder = Folder::new();
    let run = folder.run(&format!("{TRAIN} --out out --seed 5")).success();
    let result: Value = serde_json::from_slice(&run.get_output().stdout).unwrap();
    assert_eq!(
        keys(&result),
        [
            "instructions",
            "metrics",
            "parameters",
            "peak_rss_mib",
            "protocol",
            "seconds",
            "seed",
            "seen",
            "selected_score",
            "selected_step",
            "steps",
            "task",
            "threads",
            "tokens",
            "tokens_per_s",
            "train_rows",
            "training_seconds",
        ]
    );
    assert_eq!((&result["task"], &result["protocol"]), (&"toy".into(), &"held-out".into()));
    assert_eq!((&result["seed"], &result["steps"]), (&5.into(), &72.into()));
    assert_eq!(keys(&result["metrics"]), ["accuracy", "f1", "headline"]);
    assert!(result["metrics"]["accuracy"].as_f64().unwrap() > 0.7, "the task is learnt: {result}");
    assert!(
        ["seconds", "tokens_per_s", "peak_rss_mib"].iter().all(|key| result[*key].as_f64().unwrap() > 0.0)
    );

    // Notes are for people, on the other stream: what was loaded, what is trained, a line an evaluation.
    let stderr = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    let lines: Vec<&str> = stderr.lines().collect();
    assert_eq!(
        lines[..2],
        [
            "model model: 37 applied; 4 missing: bert.pooler.dense.bias, bert.pooler.dense.weight, classifier.bias, ..",
            "task toy: 144 rows to train on, 72 steps; head for no, yes drawn fresh",
        ]
    );
    assert_eq!(lines[2..].len(), 16, "{stderr}");
    assert!(
        lines[2].starts_with("step 5, epoch 0.28: accuracy ")
            && lines[2].ends_with(" on held out of train, the best so far")
    );
}

#[test]
fn train_leaves_the_files_it_promises() {
    let folder = trained();
    let snapshot = folder.snapshot("out");
    assert_eq!(
        snapshot.0.keys().collect::<Vec<_>>(),
        [
            "evals.jsonl",
            "model/config.json",
            "model/model.safetensors",
            "model/vocab.txt",
            "predictions-dev.tsv",
            "result.json",
            "run.json",
            "steps.jsonl",
        ]
    );
    let lines = |name: &str| {
        folder.read(name).lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>()
    };
    let steps = lines("out/steps.jsonl");
    assert_eq!(steps.len(), 72);
    assert_eq!(keys(&steps[0]), ["epoch", "grad_norm", "learning_rate", "loss", "step", "tasks", "tokens"]);
    let evaluations = lines("out/evals.jsonl");
    assert_eq!(evaluations.len(), 16);
    // The best evaluation is the one whose model was exported, the first of its score.
    let score = |evaluation: &Value| evaluation["scores"]["headline"].as_f64().unwrap();
    let best = evaluations.iter().map(score).fold(0.0, f64::max);
    let first = evaluations.iter().find(|evaluation| score(evaluation) == best).unwrap();
    assert_eq!(folder.json("out/result.json")["selected_step"], first["step"]);
}

#[test]
fn train_without_json_prints_a_summary() {
    let folder = Folder::new();
    let run = folder.run(&format!("{} --out out", TRAIN.replace(" --json", ""))).success();
    let stdout = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{stdout}");
    assert!(lines[0].starts_with("toy dev: accuracy ") && lines[0].ends_with(" of 72)"), "{stdout}");
    assert!(lines[0].contains("(protocol held-out, seed 42, model of step "), "{stdout}");
    assert_eq!(lines[2], "model: out/model");
}

#[test]
fn every_protocol_says_its_name() {
    let folder = Folder::new();
    for protocol in ["held-out", "paper", "fixed"] {
        let train = format!("{TRAIN} --max-steps 10 --protocol {protocol} --out {protocol}");
        let result = folder.run_json(&train);
        assert_eq!(result["protocol"], protocol);
        let evaluations = folder.read(&format!("{protocol}/evals.jsonl"));
        let rows = if protocol == "held-out" { "held out of train" } else { "dev" };
        assert!(
            evaluations.lines().all(|line| line.contains(&format!("\"rows\":\"{rows}\""))),
            "{evaluations}"
        );
        let selected = evaluations.contains("\"selected\":true");
        assert_eq!(selected, protocol != "fixed", "{evaluations}");
    }
    assert_eq!(folder.json("fixed/result.json")["selected_step"], 10);
}

/// Of the forward passes over dev: `[CLS]`, the words of [`rows`] and `[SEP]`, and no padding.
fn assert_speed(printed: &Value) {
    let words: usize = rows(40, "dev", true)
        .lines()
        .skip(1)
        .map(|row| row.split('\t').next().unwrap().split(' ').count())
        .sum();
    assert_eq!(printed["tokens"], words + 2 * 40);
    let [seconds, speed] = ["seconds", "tokens_per_s"].map(|key| printed[key].as_f64().unwrap());
    assert!(seconds > 0.0 && (speed * seconds / (words + 80) as f64 - 1.0).abs() < 1e-9, "{printed}");
}

#[test]
fn evaluate_finds_the_metrics_that_the_run_reported() {
    let folder = trained();
    let evaluation = folder.run_json("evaluate --model out/model --task task.toml --json");
    assert_eq!(keys(&evaluation), ["metrics", "rows", "seconds", "split", "task", "tokens", "tokens_per_s"]);
    assert_speed(&evaluation);
    assert_eq!(evaluation["metrics"], folder.json("out/result.json")["metrics"]);
    assert_eq!((&evaluation["split"], &evaluation["rows"]), (&"dev".into(), &40.into()));
    let text = folder.run("evaluate --model out/model --task task.toml --split train").success().stderr("");
    let stdout = String::from_utf8_lossy(&text.get_output().stdout).into_owned();
    assert!(
        stdout.starts_with("toy train, 160 rows: accuracy ") && stdout.contains(", headline "),
        "{stdout}"
    );
}

#[test]
fn evaluate_finds_the_metrics_of_a_regression() {
    let folder = Folder::new();
    folder.write(
        "task.toml",
        TASK.replace("classification", "regression")
            .replace("labels = [\"no\", \"yes\"]\n", "")
            .replace("\"accuracy\", \"f1\"", "\"pearson\", \"spearman\""),
    );
    for (name, count) in [("train", 160), ("dev", 40)] {
        let numbers = rows(count, name, true).replace("\tno\n", "\t0.25\n").replace("\tyes\n", "\t3.5\n");
        folder.write(&format!("{name}.tsv"), numbers);
    }
    let result = folder.run_json(&format!("{TRAIN} --out out"));
    assert!(result["metrics"]["pearson"].as_f64().unwrap() > 0.5, "{result}");
    let evaluation = folder.run_json("evaluate --model out/model --task task.toml --json");
    assert_eq!(evaluation["metrics"], result["metrics"]);
    let predictions = folder.read("out/predictions-dev.tsv");
    assert!(predictions.starts_with("index\tprediction\n0\t"), "{predictions}");
    let config = folder.json("out/model/config.json");
    assert_eq!(
        (&config["problem_type"], &config["id2label"]["0"]),
        (&"regression".into(), &"LABEL_0".into())
    );
}

#[test]
fn predict_writes_a_line_for_each_row() {
    let folder = trained();
    let written =
        folder.run_json("predict --model out/model --task task.toml --split dev --out dev.txt --json");
    assert_eq!(keys(&written), ["predictions", "rows", "seconds", "task", "tokens", "tokens_per_s"]);
    assert_eq!((&written["task"], &written["rows"]), (&"toy".into(), &40.into()));
    assert_eq!(written["predictions"], "dev.txt");
    assert_speed(&written);
    assert_eq!(folder.read("dev.txt"), folder.read("out/predictions-dev.tsv"), "as in the run");
    let lines: Vec<Vec<String>> =
        folder.read("dev.txt").lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect();
    assert_eq!(lines[0], ["index", "prediction", "no", "yes"]);
    assert_eq!(lines.len(), 41);
    for (row, line) in lines[1..].iter().enumerate() {
        assert_eq!(line[0], row.to_string());
        let logits: Vec<f32> = line[2..].iter().map(|logit| logit.parse().unwrap()).collect();
        assert_eq!(line[1], if logits[1] > logits[0] { "yes" } else { "no" });
    }
}

#[test]
fn predict_takes_rows_of_the_users_own() {
    let folder = trained();
    let run = folder.run("predict --model out/model --task task.toml --out test.txt").success();
    run.stdout("toy: 10 predictions in test.txt\n");
    folder.write("mine.tsv", folder.read("test.tsv"));
    folder.run("predict --model out/model --task task.toml --input mine.tsv --out mine.txt").success();
    assert_eq!(folder.read("mine.txt"), folder.read("test.txt"));
    // In another format, and in another order of columns.
    let quoted: Vec<String> =
        folder.read("test.tsv").lines().skip(1).map(|text| format!("x,\"{text}\"")).collect();
    folder.write("mine.csv", format!("id,text\n{}\n", quoted.join("\n")));
    folder
        .run("predict --model out/model --task task.toml --input mine.csv --force --out mine.txt")
        .success();
    assert_eq!(folder.read("mine.txt"), folder.read("test.txt"));
    folder.write("mine.tsv", "sentence\nw1 w2\n");
    folder.fails(
        "predict --model out/model --task task.toml --input mine.tsv --force --out mine.txt",
        "mine.tsv: there is no column `text`; the columns are `sentence`",
    );
    assert_eq!(folder.read("mine.txt"), folder.read("test.txt"), "a failure leaves the old file");
}

#[test]
fn splits_that_are_not_there_or_have_no_labels() {
    let folder = trained();
    folder.fails(
        "evaluate --model out/model --task task.toml --split nope",
        "task toy has no split `nope`; it has train, dev, test",
    );
    folder.fails(
        "evaluate --model out/model --task task.toml --split test",
        "task toy: the rows of `test` have no labels, and they are needed here",
    );
}

#[test]
fn data_commands_print_json() {
    let folder = Folder::new();
    let list = folder.run_json("data list --json");
    let names: Vec<&str> =
        list["tasks"].as_array().unwrap().iter().map(|task| task["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["CoLA", "SST-2", "MRPC", "STS-B", "QQP", "MNLI", "QNLI", "RTE", "WNLI", "AX"]);
    assert_eq!(list["tasks"][7]["files"][0]["found"], false);
    let check = folder.run_json("data check task.toml --model model --max-tokens 8 --json");
    assert_eq!(check["task"], "toy");
    let splits = check["splits"].as_array().unwrap();
    assert_eq!(splits.iter().map(|split| split["rows"].as_u64().unwrap()).collect::<Vec<_>>(), [160, 40, 10]);
    folder.run("data list").success().stderr("");
    folder.run("data check task.toml").success().stderr("");
}

#[test]
fn data_home_is_found_by_flag_and_environment() {
    let folder = Folder::new();
    let rte = |split: &str, count| {
        let lines = rows(count, split, true)
            .replace("\tno\n", "\tw1\tentailment\n")
            .replace("\tyes\n", "\tw2\tnot_entailment\n");
        let body = lines
            .lines()
            .skip(1)
            .enumerate()
            .map(|(index, line)| format!("{index}\t{line}\n"))
            .collect::<String>();
        folder.write(
            &format!("home/glue/RTE/{split}.tsv"),
            format!("index\tsentence1\tsentence2\tlabel\n{body}"),
        );
    };
    rte("train", 40);
    rte("dev", 10);
    folder.write_model("home/models/tiny", crate::folder::bert());
    let train = "train --model tiny --task rte --max-steps 2 --json";
    let by_flag = folder.run_json(&format!("{train} --data-home home --out one"));
    let mut command = folder.command(&format!("{train} --out two"));
    let by_environment = command.env("MTLIFT_HOME", "home").stderr(Stdio::null()).output().unwrap();
    let by_environment: Value = serde_json::from_slice(&by_environment.stdout).unwrap();
    assert_eq!(by_flag["parameters"], by_environment["parameters"]);
    assert_eq!(by_flag["task"], "RTE");
}

#[test]
fn reader_that_goes_away_is_no_error() {
    let folder = Folder::new();
    let mut process =
        folder.command("data list").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(process.stdout.take());
    let output = process.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}
