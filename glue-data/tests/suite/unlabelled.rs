//! Rows without labels: their texts alone are read, and whatever is wrong with these is an error as in any split.

use crate::common::Folder;
use mtlift_glue_data::{Task, UNLABELLED, check};

const TASK: &str = r#"
name = "reviews"
kind = "classification"
labels = ["bad", "good"]
index = "id"
text = "review"
label = "verdict"
files = { train = "train.tsv", unlabelled = "more.tsv" }
"#;

const TRAIN: &str = "id\treview\tverdict\na\tfine\tgood\nb\tpoor\tbad\n";

fn folder(more: impl AsRef<[u8]>) -> (Folder, Task) {
    let folder = Folder::with(&[("train.tsv", TRAIN.as_bytes()), ("more.tsv", more.as_ref())]);
    let task = folder.task(TASK).unwrap();
    (folder, task)
}

/// What reading the rows says.
fn reading(more: impl AsRef<[u8]>) -> String {
    let (folder, task) = folder(more);
    folder.message(task.read(UNLABELLED))
}

#[test]
fn texts_are_read_and_nothing_else() {
    for more in [
        "review\nfine\nso so\n",
        "verdict\treview\tid\ngood\tfine\t1\nmeh\tso so\t1\n",
        "\u{feff}review\r\nfine\r\nso so",
    ] {
        let (_folder, task) = folder(more);
        assert_eq!(task.splits(), ["train", UNLABELLED]);
        assert!(task.dev_splits().is_empty());
        let split = task.read(UNLABELLED).unwrap();
        let rows: Vec<(&str, &str)> =
            split.examples.iter().map(|row| (row.text_a.as_str(), row.index.as_str())).collect();
        assert_eq!(rows, [("fine", "0"), ("so so", "1")]);
        assert!(
            split.examples.iter().all(|row| row.target.is_none()),
            "a label that stands there is not read"
        );
    }
}

#[test]
fn a_file_of_another_format_has_the_same_columns() {
    let folder = Folder::with(&[
        ("train.tsv", TRAIN.as_bytes()),
        ("more.jsonl", b"{\"review\": \"fine\", \"verdict\": null}\n{\"review\": \"so so\"}\n"),
    ]);
    let task = folder.task(&TASK.replace("more.tsv", "more.jsonl")).unwrap();
    assert_eq!(task.read(UNLABELLED).unwrap().examples[1].text_a, "so so");
}

#[test]
fn both_texts_of_a_pair_are_needed() {
    let folder = Folder::with(&[("more.tsv", b"a\nfine\n")]);
    let pairs = TASK.replace("text = \"review\"", "text_a = \"a\"\ntext_b = \"b\"");
    let message = folder.message(folder.task(&pairs).unwrap().read(UNLABELLED));
    assert_eq!(message, "DIR/more.tsv: there is no column `b`; the columns are `a`");
}

#[test]
fn what_is_wrong_is_named() {
    assert_eq!(reading("text\nfine\n"), "DIR/more.tsv: there is no column `review`; the columns are `text`");
    assert_eq!(reading("review\n"), "DIR/more.tsv is empty: expected at least one row of data");
    assert_eq!(reading(""), "DIR/more.tsv is empty: expected at least one row of data");
    assert_eq!(reading("review\tid\nfine\t1\nfine\n"), "DIR/more.tsv, row 3: expected 2 fields, found 1");
    assert_eq!(
        reading(b"review\ncaf\xe9\n"),
        "DIR/more.tsv, row 2: byte 4 of the row (0xE9) is not UTF-8; convert the file to UTF-8"
    );
    let (folder, _) = folder(TRAIN);
    let elsewhere = folder.task(&TASK.replace("more.tsv", "none.tsv")).unwrap();
    assert_eq!(
        folder.message(elsewhere.read(UNLABELLED)),
        "the unlabelled split of reviews is missing: there is no file DIR/none.tsv"
    );
    let part = TASK.replace(", unlabelled = \"more.tsv\" }", " }\nsplit = { unlabelled = 0.5 }");
    assert_eq!(
        folder.message(folder.task(&part)),
        "DIR/task.toml, line 9: unknown field `unlabelled`, expected one of `dev`, `test`, `seed`"
    );
    let nameless = TASK.replace("more.tsv", "more.txt");
    assert_eq!(
        folder.message(folder.task(&nameless)),
        "DIR/task.toml: `more.txt` does not end in .tsv, .csv, .jsonl or .parquet (or that and .gz): give `format`"
    );
}

/// `data check` counts them, and says which of them are known.
#[test]
fn a_report_has_them() {
    let (_folder, task) = folder("review\nfine\nso so\nso so\n");
    let report = check(&task, None).unwrap();
    let rows = report.splits.iter().find(|split| split.split == UNLABELLED).unwrap();
    assert_eq!((rows.rows, rows.duplicates, rows.labels.len()), (3, 1, 0));
    let overlap = report.overlaps.iter().find(|overlap| overlap.split == UNLABELLED).unwrap();
    assert_eq!((overlap.with.as_str(), overlap.rows, overlap.conflicting), ("train", 1, 0));
    assert!(rows.notes.is_empty(), "{:?}", rows.notes);
    assert!(report.to_string().contains("unlabelled        3"), "{report}");
}

/// Rows of the user's own are in the form of rows with labels, wherever rows without stand.
#[test]
fn input_is_like_rows_with_labels() {
    let folder = Folder::with(&[("train.tsv", TRAIN.as_bytes())]);
    let task = folder.task(&TASK.replace("more.tsv", "more.jsonl")).unwrap();
    let task = task.with_input("-".as_ref(), None, b"review\nfine\n".to_vec());
    assert_eq!(task.read("input").unwrap().examples[0].text_a, "fine");
}
