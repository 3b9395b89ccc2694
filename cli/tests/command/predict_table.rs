//! `mtlift predict` on rows of the user's own: where they come from, what stands beside the predictions, and in which form.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::folder::{Folder, TRAIN};
use crate::study::{COMPARE, folder};

const PREDICT: &str = "predict --model out --task task.toml";

fn trained() -> Folder {
    let folder = Folder::new();
    folder.run(&format!("{TRAIN} --max-steps 20 --out out")).success();
    folder
}

/// Standard output of `predict` with this on standard input.
fn piped(folder: &Folder, arguments: &str, input: &str) -> String {
    let mut process = folder.command(&format!("{PREDICT} --input - --out - {arguments}"));
    let mut process =
        process.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = process.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn standard_input_in_every_format_gives_the_same_predictions() {
    let folder = trained();
    folder.run(&format!("{PREDICT} --split test --out expected.tsv")).success();
    let expected = folder.read("expected.tsv");
    let texts: Vec<String> =
        crate::folder::rows(10, "test", false).lines().skip(1).map(str::to_owned).collect();
    assert_eq!(piped(&folder, "", &format!("text\n{}\n", texts.join("\n"))), expected);
    assert_eq!(piped(&folder, "--input-format csv", &format!("text\n{}\n", texts.join("\n"))), expected);
    let objects: Vec<String> = texts.iter().map(|text| json!({"text": text}).to_string()).collect();
    assert_eq!(piped(&folder, "--input-format jsonl", &objects.join("\n")), expected);

    let run = folder.run(&format!("{PREDICT} --input - --out -")).code(1).stdout("");
    run.stderr("error: - is empty: expected at least one row of data\n");
}

#[test]
fn columns_are_kept_in_order_and_escaped() {
    let folder = trained();
    let rows = "id,text,note\n7,w1 w46 w47,\"a, \"\"b\"\"\"\n8,w2 w51,\"two\nlines\"\n9,w3,\n";
    folder.write("mine.csv", rows);
    folder.run(&format!("{PREDICT} --input mine.csv --keep-columns --out kept.csv")).success();
    let kept = folder.read("kept.csv");
    let plain = folder.run(&format!("{PREDICT} --input mine.csv --out -")).success();
    let plain = String::from_utf8_lossy(&plain.get_output().stdout).into_owned();
    let predicted: Vec<&str> = plain.lines().skip(1).map(|line| line.split_once('\t').unwrap().1).collect();
    let of = |row: usize| predicted[row].replace('\t', ",");
    assert_eq!(
        kept,
        format!(
            "id,text,note,prediction,no,yes\n7,w1 w46 w47,\"a, \"\"b\"\"\",{}\n8,w2 w51,\"two\nlines\",{}\n9,w3,,{}\n",
            of(0),
            of(1),
            of(2)
        )
    );
    folder.fails(
        &format!("{PREDICT} --input mine.csv --keep-columns --out kept.tsv"),
        "row 1 (from 0), column `note`, holds a tab or a line break, which TSV cannot: give --format csv or jsonl",
    );
    folder.fails(
        &format!("{PREDICT} --input kept.csv --keep-columns --out again.csv"),
        "--keep-columns: the input has a column `prediction`, which the output adds: rename it, or leave out --keep-columns",
    );
    assert!(!folder.path("kept.tsv").exists() && !folder.path("again.csv").exists());
}

#[test]
fn fields_of_json_lines_keep_their_order_and_spelling() {
    let folder = trained();
    let input = "{\"zebra\": 1.50, \"text\": \"w1 w46\", \"id\": 12345678901234567890123, \"tags\": [1, {\"b\": 2, \"a\": null}]}\n\
                 {\"text\": \"tab\\tand \\u00e9\", \"zebra\": null}\n";
    let printed = piped(&folder, "--input-format jsonl --format jsonl --keep-columns --probabilities", input);
    let first = printed.lines().next().unwrap();
    let kept = "{\"zebra\":1.50,\"text\":\"w1 w46\",\"id\":12345678901234567890123,\"tags\":[1, {\"b\": 2, \"a\": null}],\"prediction\":\"";
    assert!(first.starts_with(kept), "{first}");
    let both = lines(&printed);
    let [one, two] = &both[..] else { panic!("{printed}") };
    assert_eq!(two["text"], "tab\tand é");
    assert_eq!((two.get("id"), &two["zebra"]), (None, &Value::Null));
    for line in [one, two] {
        let of = |label: &str| line["probabilities"][label].as_f64().unwrap();
        assert!((of("no") + of("yes") - 1.0).abs() < 1e-6, "{line}");
        assert_eq!(line["prediction"], if of("yes") > of("no") { "yes" } else { "no" });
    }
    // As a table: what a row does not have is empty.
    let table = piped(&folder, "--input-format jsonl --format csv --keep-columns", input);
    let mut table = table.lines();
    assert_eq!(table.next().unwrap(), "zebra,text,id,tags,prediction,no,yes");
    let first = "1.50,w1 w46,12345678901234567890123,\"[1, {\"\"b\"\": 2, \"\"a\"\": null}]\",";
    assert!(table.next().unwrap().starts_with(first));
    assert!(table.next().unwrap().starts_with(",tab\tand é,,,"));

    // Without the columns: the row's number, the prediction, and the logits by label.
    let plain = lines(&piped(&folder, "--input-format jsonl --format jsonl", input));
    assert_eq!((&plain[0]["index"], &plain[1]["index"]), (&json!(0), &json!(1)));
    assert!(plain[0]["logits"]["yes"].is_f64());
}

#[test]
fn as_many_predictions_as_rows_or_none() {
    let folder = trained();
    folder.write("mine.tsv", "text\tid\nw1\t1\nw2\nw3\t3\n");
    folder.fails(
        &format!("{PREDICT} --input mine.tsv --out out.tsv"),
        "mine.tsv, row 3: expected 2 fields, found 1",
    );
    let many: Vec<String> = (0..500).map(|row| format!("w{} w{}\t{row}", row % 50, row % 7)).collect();
    folder.write("many.tsv", format!("text\tid\n{}\n", many.join("\n")));
    folder.run(&format!("{PREDICT} --input many.tsv --keep-columns --out many-out.tsv")).success();
    let out = folder.read("many-out.tsv");
    let kept: Vec<String> =
        out.lines().skip(1).map(|line| line.splitn(3, '\t').take(2).collect::<Vec<_>>().join("\t")).collect();
    assert_eq!(kept, many);
}

#[test]
fn a_study_stands_for_its_winner_and_a_run_for_its_model() {
    let folder = folder();
    let compare = folder.run_json(&format!("{COMPARE} --out study --json"));
    let recommended = &compare["recommendation"];
    let [model, directory] = ["model", "directory"].map(|key| recommended[key].as_str().unwrap());
    let predict = |model: &str| {
        let run =
            folder.run(&format!("predict --model {model} --task task.toml --split dev --out -")).success();
        let output = run.get_output();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&output.stdout), text(&output.stderr))
    };
    let (by_model, _) = predict(model);
    assert_eq!(predict(directory).0, by_model);
    let (by_study, said) = predict("study");
    assert_eq!(by_study, by_model);
    let arm = recommended["arm"].as_str().unwrap();
    assert!(said.contains(&format!("model: {model}, {arm} under seed ")), "{said}");

    // The command that the verdict prints is a command.
    folder.write("input.tsv", folder.read("test.tsv"));
    let printed = folder.run("report study").success();
    let printed = String::from_utf8_lossy(&printed.get_output().stdout).into_owned();
    let command = recommended["predict"].as_str().unwrap();
    assert!(printed.contains(&format!("    {directory}\n    {command}\n")), "{printed}");
    let escaped = format!("{directory}\n{command}").replace('/', "&#x2f;");
    assert!(folder.read("study/report.html").contains(&escaped));
    folder.run(command.strip_prefix("mtlift ").unwrap()).success();
    assert_eq!(folder.read("predictions.tsv").lines().count(), 11);

    folder.run("evaluate --model study --task task.toml").success();
    std::fs::remove_dir_all(folder.path(model)).unwrap();
    folder.fails(
        "evaluate --model study --task task.toml",
        &format!(
            "{directory} has no model for toy any more: remove this directory, and give the study's command with --keep-models \
             all --resume to make the run again"
        ),
    );
    // Which is true.
    std::fs::remove_dir_all(folder.path(directory)).unwrap();
    folder.run(&format!("{COMPARE} --out study --keep-models all --resume")).success();
    assert_eq!(predict("study").0, by_model);
}
