//! Faulty input: each fault has its message, and the message says where it is and what to do.

use crate::common::Folder;
use mtlift_glue_data::{Error, Split, Task};
use std::path::Path;

const TASK: &str = r#"
name = "reviews"
kind = "classification"
labels = ["bad", "good"]
text = "review"
label = "verdict"
files = { train = "train.tsv", dev = "dev.tsv" }
"#;

const REGRESSION: &str = r#"
name = "stars"
kind = "regression"
text = "review"
label = "stars"
files = { train = "train.jsonl", dev = "dev.jsonl" }
"#;

/// What reading the train file of a task says.
fn reading(toml: &str, file: &str, content: impl AsRef<[u8]>) -> String {
    let folder = Folder::with(&[(file, content.as_ref())]);
    let split: Result<Split, Error> = folder.task(toml).unwrap().read("train");
    folder.message(split)
}

fn reading_reviews(content: impl AsRef<[u8]>) -> String {
    reading(TASK, "train.tsv", content)
}

fn describing(toml: &str) -> String {
    let folder = Folder::new();
    folder.message(folder.task(toml))
}

#[test]
fn missing_file() {
    let folder = Folder::new();
    let split = folder.task(TASK).unwrap().read("dev");
    assert_eq!(folder.message(split), "the dev split of reviews is missing: there is no file DIR/dev.tsv");
}

#[test]
fn unreadable_file() {
    let folder = Folder::new();
    folder.write("train.tsv/inside", "a folder in the file's place");
    let message = folder.message(folder.task(TASK).unwrap().read("train"));
    assert!(message.starts_with("cannot read DIR/train.tsv: "), "{message}");
}

#[test]
fn missing_column() {
    assert_eq!(
        reading_reviews("text\tverdict\nfine\tgood\n"),
        "DIR/train.tsv: there is no column `review`; the columns are `text`, `verdict`"
    );
    let numbered = TASK.replace("text = \"review\"", "text = 2").replace("label = \"verdict\"", "label = -1");
    assert_eq!(
        reading(&numbered.replace("labels", "header = false\nlabels"), "train.tsv", "fine\tgood\n"),
        "DIR/train.tsv: there is no column 2; without a header the columns are the numbers 0 to 1"
    );
}

#[test]
fn repeated_column() {
    assert_eq!(
        reading_reviews("review\treview\tverdict\na\tb\tgood\n"),
        "DIR/train.tsv: there are 2 columns named `review`; name it by its number"
    );
}

#[test]
fn unknown_label() {
    assert_eq!(
        reading_reviews("review\tverdict\nfine\tgood\nso so\tmeh\n"),
        "DIR/train.tsv, row 3: unknown label `meh`; the labels are `bad`, `good`"
    );
}

#[test]
fn target_not_a_number() {
    for found in ["five", "NaN", "inf", "1e60", ""] {
        let content =
            format!("{{\"review\": \"a\", \"stars\": 4}}\n{{\"review\": \"b\", \"stars\": \"{found}\"}}\n");
        assert_eq!(
            reading(REGRESSION, "train.jsonl", content),
            format!("DIR/train.jsonl, row 2: the target `{found}` is not a finite number")
        );
    }
}

#[test]
fn empty_file() {
    let message = "DIR/train.tsv is empty: expected at least one row of data";
    for content in ["", "\n", "\r\n\n", "review\tverdict\n", "\u{feff}review\tverdict"] {
        assert_eq!(reading_reviews(content), message, "{content:?}");
    }
    let message = "DIR/train.jsonl is empty: expected at least one row of data";
    assert_eq!(reading(REGRESSION, "train.jsonl", "\n"), message);
    let csv = TASK.replace("train.tsv", "train.csv");
    assert_eq!(
        reading(&csv, "train.csv", "review,verdict\n"),
        "DIR/train.csv is empty: expected at least one row of data"
    );
}

#[test]
fn too_few_fields() {
    assert_eq!(
        reading_reviews("review\tverdict\nfine\tgood\nfine\n"),
        "DIR/train.tsv, row 3: expected 2 fields, found 1"
    );
    let csv = TASK.replace("train.tsv", "train.csv");
    assert_eq!(
        reading(&csv, "train.csv", "review,verdict\n\"two\nlines\",good\nfine\n"),
        "DIR/train.csv, row 4: expected 2 fields, found 1"
    );
}

/// The CSV reader's own count of lines is one behind after `\r\n`, and more after empty lines.
#[test]
fn rows_of_csv_files_with_windows_line_ends_are_numbered_rightly() {
    let csv = TASK.replace("train.tsv", "train.csv");
    for (content, row) in [
        ("review,verdict\r\nfine,good\r\nfine\r\n", 3),
        ("review,verdict\n\nfine,good\n\n\nfine\n", 6),
        ("\r\nreview,verdict\r\n\r\n\"two\r\nlines\",good\r\n\r\nfine\r\n", 7),
    ] {
        let expected = format!("DIR/train.csv, row {row}: expected 2 fields, found 1");
        assert_eq!(reading(&csv, "train.csv", content), expected);
    }
}

/// It would swallow the rest of the file as one text.
#[test]
fn unclosed_quote_in_csv() {
    let csv = TASK.replace("train.tsv", "train.csv");
    assert_eq!(
        reading(&csv, "train.csv", "verdict,review\ngood,fine\ngood,\"so\nbad,poor\nbad,awful\n"),
        "DIR/train.csv, row 3: a quote opened in this row is never closed"
    );
}

/// A tab too many moves the label column's text: never to be guessed.
#[test]
fn too_many_fields() {
    assert_eq!(
        reading_reviews("review\tverdict\nvery\tfine\tgood\n"),
        "DIR/train.tsv, row 2: expected 2 fields, found 3"
    );
}

#[test]
fn empty_line_within_a_file() {
    assert_eq!(
        reading_reviews("review\tverdict\nfine\tgood\n\nfine\tgood\n"),
        "DIR/train.tsv, row 3: the line is empty"
    );
}

#[test]
fn invalid_utf8() {
    assert_eq!(
        reading_reviews(b"review\tverdict\nfine\tgood\ncaf\xe9\tgood\n"),
        "DIR/train.tsv, row 3: byte 4 of the row (0xE9) is not UTF-8; convert the file to UTF-8"
    );
}

#[test]
fn faulty_json() {
    let read = |content: &str| reading(REGRESSION, "train.jsonl", content);
    assert_eq!(
        read("{\"review\": \"a\", \"stars\": 4}\n{\"review\": \"b\", stars: 4}\n"),
        "DIR/train.jsonl, row 2: not a JSON object (column 17): key must be a string"
    );
    assert_eq!(
        read("{\"review\": \"a\", \"stars\": 4}\n{\"review\": \"b\"}\n"),
        "DIR/train.jsonl, row 2: there is no `stars`; the keys are `review`"
    );
    assert_eq!(read("{\"review\": null, \"stars\": 4}\n"), "DIR/train.jsonl, row 1: there is no text (null)");
    assert_eq!(
        read("{\"text\": \"a\"}\n"),
        "DIR/train.jsonl: there is no column `review`; the columns are `text`"
    );
}

/// Rows and keys multiply: 300 kB would become gigabytes.
#[test]
fn json_lines_with_many_keys_and_many_rows() {
    let row = "{\"text\": \"a\", \"label\": \"x\"";
    let keys: String = (0..20_000).map(|key| format!(", \"k{key}\": 0")).collect();
    let toml = "name = \"toy\"\nkind = \"classification\"\nlabels = [\"x\", \"y\"]\nmetrics = [\"accuracy\"]\n\
                text = \"text\"\nlabel = \"label\"\nfiles = { train = \"r.jsonl\", dev = \"r.jsonl\" }\n";
    let folder = Folder::with(&[(
        "r.jsonl",
        format!("{row}{keys}}}\n{}", format!("{row}}}\n").repeat(20_000)).as_bytes(),
    )]);
    let task = folder.task(toml).unwrap();
    for message in [folder.message(task.read("train")), folder.message(task.source_table("train"))] {
        let (row, end) = message.split_once(": up to here ").unwrap();
        assert!(row.starts_with("DIR/r.jsonl, row "), "{message}");
        assert!(
            end.ends_with("rows have a field for each of 20002 keys, which takes more than 268435456 bytes"),
            "{message}"
        );
    }

    let own: String = (0..20_000).map(|key| format!("{row}, \"k{key}\": 0}}\n")).collect();
    let folder = Folder::with(&[("r.jsonl", own.as_bytes())]);
    let message = folder.message(folder.task(toml).unwrap().source_table("train"));
    assert!(message.ends_with(" keys, which takes more than 268435456 bytes"), "{message}");
}

#[test]
fn unknown_split() {
    let folder = Folder::new();
    let split = folder.task(TASK).unwrap().read("test");
    assert_eq!(folder.message(split), "reviews has no split `test`; its splits are `train`, `dev`");
}

#[test]
fn unknown_task() {
    let message = |name| Task::find(name, Some(Path::new("home"))).unwrap_err().to_string();
    let known = "the tasks are `CoLA`, `SST-2`, `MRPC`, `STS-B`, `QQP`, `MNLI`, `QNLI`, `RTE`, `WNLI`, `AX`, \
                 or give the path of a .toml file";
    assert_eq!(message("sst2"), format!("unknown task `sst2`; did you mean `SST-2`?; {known}"));
    assert_eq!(message("imdb-reviews"), format!("unknown task `imdb-reviews`; {known}"));
}

#[test]
fn no_data_home() {
    assert_eq!(
        Task::find("RTE", None).unwrap_err().to_string(),
        "RTE is read from a data home, and none is given: name the folder that holds glue/RTE"
    );
}

#[test]
fn unknown_key() {
    assert_eq!(
        describing(&TASK.replace("labels =", "lables =")),
        "DIR/task.toml, line 4: unknown field `lables`, expected one of `name`, `kind`, `labels`, `positive`, \
         `metrics`, `format`, `delimiter`, `header`, `text`, `text_a`, `text_b`, `label`, `index`, `group`, \
         `groups`, `files`, `split`, `relations`, `heads`"
    );
    assert_eq!(
        describing(&TASK.replace("dev =", "valid =")),
        "DIR/task.toml, line 7: unknown field `valid`, expected one of `train`, `dev`, `test`, `unlabelled`"
    );
}

#[test]
fn unknown_metric() {
    assert_eq!(
        describing(&TASK.replace("text =", "metrics = [\"accuracy\", \"F1\"]\ntext =")),
        "DIR/task.toml: unknown metric `F1` for a classification task; the metrics are `accuracy`, `f1`, `mcc`, \
         `macro-f1`"
    );
    assert_eq!(
        describing(&REGRESSION.replace("text =", "metrics = [\"accuracy\"]\ntext =")),
        "DIR/task.toml: unknown metric `accuracy` for a regression task; the metrics are `pearson`, `spearman`, `mse`"
    );
}

#[test]
fn labels_not_listed() {
    let folder =
        Folder::with(&[("train.tsv", b"review\tverdict\nfine\tgood\nhm\tso so\nno\tbad\nyes\tgood\n")]);
    assert_eq!(
        folder.message(folder.task(&TASK.replace("labels = [\"bad\", \"good\"]", ""))),
        "DIR/task.toml: `labels` is not given; the train file has `bad`, `good`, `so so`; \
         list them, in the order the model shall use"
    );
}

#[test]
fn faulty_descriptions() {
    let cases: [(&str, &str, &str); 15] = [
        ("text = \"review\"", "", "give either `text`, or both `text_a` and `text_b`"),
        ("text = \"review\"", "text_a = \"review\"", "give either `text`, or both `text_a` and `text_b`"),
        ("\"review\"", "\"verdict\"", "column `verdict` is both the label and a text"),
        ("[\"bad\", \"good\"]", "[\"good\"]", "a classification task needs at least two `labels`"),
        ("[\"bad\", \"good\"]", "[\"a\", \"b\", \"a\"]", "label `a` is listed twice"),
        (
            "text =",
            "positive = \"yes\"\ntext =",
            "`positive` is `yes`, which is not one of the labels `bad`, `good`",
        ),
        ("text =", "metrics = []\ntext =", "`metrics` is empty: name at least one, or leave it out"),
        ("classification", "regression", "a regression task has no `labels`"),
        (
            "train.tsv",
            "train.txt",
            "`train.txt` does not end in .tsv, .csv, .jsonl or .parquet (or that and .gz): give `format`",
        ),
        (
            "text =",
            "format = \"jsonl\"\nindex = 0\ntext =",
            "JSON lines have keys, not column numbers: give names",
        ),
        (
            "text =",
            "split = { dev = 0.1 }\ntext =",
            "`dev` is under both [files] and [split]; keep one of them",
        ),
        ("text =", "split = { test = 1.0 }\ntext =", "[split] test must be a fraction between 0 and 1"),
        ("text =", "split = { test = nan }\ntext =", "[split] test must be a fraction between 0 and 1"),
        ("text =", "split = { test = 0 }\ntext =", "[split] test must be a fraction between 0 and 1"),
        (
            ", dev = \"dev.tsv\" }",
            " }\nsplit = { dev = 0.5, test = 0.5 }",
            "[split] leaves nothing to train on: dev and test make up 1 or more",
        ),
    ];
    for (there, instead, message) in cases {
        assert_eq!(describing(&TASK.replace(there, instead)), format!("DIR/task.toml: {message}"));
    }
    assert_eq!(
        describing(&REGRESSION.replace("text =", "positive = 1\ntext =")),
        "DIR/task.toml: a regression task has no `positive` label"
    );
}

#[test]
fn faulty_toml() {
    let cases = [
        (
            "classification",
            "sorting",
            "line 3: unknown variant `sorting`, expected `classification` or `regression`",
        ),
        ("\"review\"", "true", "line 5: expected a column's name or its number from zero"),
        ("\"bad\"", "0.5", "line 4: expected a label: a string, an integer, or true or false"),
        ("name = \"reviews\"", "", "line 1: missing field `name`"),
    ];
    for (there, instead, message) in cases {
        assert_eq!(describing(&TASK.replace(there, instead)), format!("DIR/task.toml, {message}"));
    }
}
