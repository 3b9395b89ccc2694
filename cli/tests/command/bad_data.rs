//! Faulty task files: the message at the user's end names file, row and what to do, and nothing is written.

use crate::folder::{Folder, TASK};

const COMMAND: &str = "train --model model --task task.toml --out out";

/// The whole command's message for a train file with this content.
#[track_caller]
fn refused(train: &[u8], message: &str) {
    let folder = Folder::new();
    folder.write("train.tsv", train);
    folder.fails(COMMAND, message);
    assert!(!folder.path("out").exists(), "found before anything is written");
}

#[test]
fn missing_column() {
    refused(
        b"sentence\tlabel\nw1\tno\n",
        "train.tsv: there is no column `text`; the columns are `sentence`, `label`",
    );
}

#[test]
fn unknown_label() {
    refused(
        b"text\tlabel\nw1\tno\nw2\tmaybe\n",
        "train.tsv, row 3: unknown label `maybe`; the labels are `no`, `yes`",
    );
}

#[test]
fn empty_file() {
    refused(b"", "train.tsv is empty: expected at least one row of data");
    refused(b"text\tlabel\n", "train.tsv is empty: expected at least one row of data");
}

#[test]
fn row_with_too_few_fields() {
    refused(b"text\tlabel\nw1\tno\nw2\tyes\nw3 w4\n", "train.tsv, row 4: expected 2 fields, found 1");
}

#[test]
fn invalid_utf8() {
    refused(
        b"text\tlabel\nw1 \xE9\tno\n",
        "train.tsv, row 2: byte 4 of the row (0xE9) is not UTF-8; convert the file to UTF-8",
    );
}

#[test]
fn faults_of_dev_are_found_before_training() {
    let folder = Folder::new();
    folder.write("dev.tsv", "text\tlabel\nw1\tno\nw2\tperhaps\n");
    folder.fails(COMMAND, "dev.tsv, row 3: unknown label `perhaps`; the labels are `no`, `yes`");
    assert!(!folder.path("out").exists());
}

#[test]
fn missing_file() {
    let folder = Folder::new();
    std::fs::remove_file(folder.path("dev.tsv")).unwrap();
    folder.fails(COMMAND, "the dev split of toy is missing: there is no file dev.tsv");
}

#[test]
fn too_few_rows() {
    refused(
        b"text\tlabel\nw1\tno\n",
        "task toy has too few rows: expected at least 1 to train on and 1 to hold out, found 1 to train on",
    );
}

#[test]
fn target_that_is_no_number() {
    let folder = Folder::new();
    let regression = TASK.replace("classification", "regression").replace("labels = [\"no\", \"yes\"]\n", "");
    folder.write("task.toml", regression.replace("\"accuracy\", \"f1\"", "\"pearson\""));
    folder.fails(COMMAND, "train.tsv, row 2: the target `no` is not a finite number");
}

#[test]
fn task_file_that_makes_no_sense() {
    let folder = Folder::new();
    folder.write("task.toml", TASK.replace("metrics", "metric"));
    folder.fails(
        COMMAND,
        "task.toml, line 4: unknown field `metric`, expected one of `name`, `kind`, `labels`, `positive`, `metrics`, `format`, \
         `delimiter`, `header`, `text`, `text_a`, `text_b`, `label`, `index`, `group`, `groups`, `files`, `split`, `relations`, `heads`",
    );
    folder.write("task.toml", TASK.replace("\"f1\"", "\"pearson\""));
    folder.fails(
        COMMAND,
        "task.toml: unknown metric `pearson` for a classification task; the metrics are `accuracy`, `f1`, `mcc`, `macro-f1`",
    );
    folder.write("task.toml", TASK.replace("labels = [\"no\", \"yes\"]\n", ""));
    folder.fails(
        COMMAND,
        "task.toml: `labels` is not given; the train file has `no`, `yes`; list them, in the order the model shall use",
    );
    folder.fails(
        "train --model model --task tusk.toml --out out",
        "cannot read tusk.toml: No such file or directory (os error 2)",
    );
}

#[test]
fn output_that_cannot_be_written() {
    let folder = Folder::new();
    folder.write("out", "a file");
    folder.fails_at_last(COMMAND, "cannot write out: File exists (os error 17)");
    folder.fails_at_last(
        "train --model model --task task.toml --out out/below",
        "cannot write out/below: Not a directory (os error 20)",
    );
    assert_eq!(folder.read("out"), "a file");
    folder.run("train --model model --task task.toml --max-steps 1 --out run").success();
    folder.fails(
        "predict --model run/model --task task.toml --out nowhere/predictions.tsv",
        "cannot write nowhere/predictions.tsv: No such file or directory (os error 2)",
    );
}

#[test]
fn cache_that_cannot_be_written_is_a_warning() {
    let folder = Folder::new();
    folder.write("cache", "a file");
    let run = folder.run(&format!("{COMMAND} --max-steps 1")).success();
    let stderr = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(stderr.starts_with("warning: "), "{stderr}");
}
