//! The task files of the README, with the data shown there, mean what the README says.

use crate::common::Folder;
use mtlift_glue_data::{Kind, Target, Task, check};
use std::fs;
use std::path::Path;

/// The README's examples: each `toml` block with the blocks of data that follow it, as a folder and its task.
fn readme() -> Vec<(Folder, Task)> {
    let mut examples: Vec<(Folder, &str)> = Vec::new();
    let blocks = include_str!("../../README.md").split("```").skip(1).step_by(2);
    for block in blocks {
        let (kind, content) = block.split_once('\n').unwrap();
        if kind == "toml" {
            examples.push((Folder::new(), content));
        } else if let Some((_, file)) = kind.split_once("text ") {
            examples.last().unwrap().0.write(file, content);
        }
    }
    let tasks = examples.into_iter().map(|(folder, toml)| {
        let task = folder.task(toml).unwrap();
        (folder, task)
    });
    tasks.collect()
}

#[test]
fn eight_lines_for_a_csv_file() {
    let (_folder, task) = &readme()[0];
    let rows = |split: &str| task.read(split).unwrap().examples.len();
    assert_eq!((task.name.as_str(), rows("train"), rows("dev")), ("lamps", 3, 1));
}

/// The examples of the page on task files are as strict as any: each is one.
#[test]
fn examples_of_the_page_on_task_files() {
    let mut names = Vec::new();
    for block in include_str!("../../../docs/task-files.md").split("```toml\n").skip(1) {
        let toml = block.split("```").next().unwrap();
        let labels = fs::read(
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parquet/glue/rte/train-00000-of-00001.parquet"),
        );
        let folder = Folder::with(&[("train.parquet", &labels.unwrap())]);
        names.extend(folder.heads(toml).unwrap().into_iter().map(|task| task.name));
    }
    let heads = ["shop:stars", "shop:verdict", "shop:topic"];
    assert_eq!(
        names,
        [&["reviews", "entailment", "snippets", "inference", "spam", "topics", "negation"][..], &heads]
            .concat()
    );
}

#[test]
fn classification_from_tsv_with_a_carved_dev_split() {
    let (_folder, task) = &readme()[1];
    assert_eq!((task.name.as_str(), task.kind, task.positive), ("reviews", Kind::Classification, 1));
    assert_eq!(task.labels, ["bad", "good"]);
    assert_eq!(task.metrics, ["accuracy", "f1"]);
    assert_eq!(task.splits(), ["train", "dev"]);
    assert_eq!(task.dev_splits(), ["dev"]);
    let (train, dev) = (task.read("train").unwrap(), task.read("dev").unwrap());
    let mut rows: Vec<_> = train.examples.iter().chain(&dev.examples).collect();
    rows.sort_by_key(|row| row.line);
    assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), (2..10).collect::<Vec<_>>());
    assert_eq!((rows[0].text_a.as_str(), rows[0].target), ("\"Quite\" good", Some(Target::Class(1))));
    let classes = |class| dev.examples.iter().filter(|row| row.target == Some(Target::Class(class))).count();
    assert_eq!([classes(0), classes(1)], [1, 1]);
}

/// The draw must never change between versions: a carved dev set is part of what a result means.
#[test]
fn a_carved_split_is_fixed_for_good() {
    let (_folder, task) = &readme()[1];
    let dev = task.read("dev").unwrap();
    assert_eq!(dev.examples.iter().map(|row| row.line).collect::<Vec<_>>(), CARVED_LINES);
}
const CARVED_LINES: [usize; 2] = [5, 6];

#[test]
fn pairs_from_csv_by_column_number() {
    let (_folder, task) = &readme()[2];
    let train = task.read("train").unwrap();
    let first = &train.examples[0];
    assert_eq!((first.text_a.as_str(), first.text_b.as_deref()), ("Well, yes.", Some("He said \"yes\".")));
    assert_eq!((first.target, first.index.as_str(), first.line), (Some(Target::Class(1)), "a1", 1));
    let second = &train.examples[1];
    assert_eq!((second.text_a.as_str(), second.index.as_str(), second.line), ("Two\nlines", "a2", 2));
    assert_eq!(task.read("dev").unwrap().examples[0].text_b.as_deref(), Some("Why, indeed"));
}

#[test]
fn regression_from_json_lines() {
    let (_folder, task) = &readme()[3];
    assert_eq!((task.kind, task.labels.len()), (Kind::Regression, 0));
    assert_eq!(task.splits(), ["train", "dev", "test"]);
    let train = task.read("train").unwrap();
    assert_eq!(train.examples[0].text_a, "Café closed");
    assert_eq!(train.targets().unwrap(), [Target::Value(1.0), Target::Value(3.5)]);
    let test = task.read("test").unwrap();
    assert_eq!((test.targets(), test.examples[0].index.as_str()), (None, "0"));
}

/// Test rows of a carved test set do not move when the dev fraction changes, and no row is in two splits.
#[test]
fn carved_splits_do_not_overlap() {
    let rows: String = (0..50).map(|i| format!("text {i}\t{}\n", ["a", "b"][i % 2])).collect();
    let folder = Folder::with(&[("train.tsv", rows.as_bytes())]);
    let task = |dev: f64| {
        let toml = format!(
            "name = \"t\"\nkind = \"classification\"\nlabels = [\"a\", \"b\"]\nheader = false\ntext = 0\nlabel = 1\n\
             files = {{ train = \"train.tsv\" }}\nsplit = {{ dev = {dev}, test = 0.2 }}\n"
        );
        folder.task(&toml).unwrap()
    };
    let lines = |dev, split: &str| -> Vec<usize> {
        task(dev).read(split).unwrap().examples.iter().map(|row| row.line).collect()
    };
    let [train, dev, test] = ["train", "dev", "test"].map(|split| lines(0.1, split));
    assert_eq!([train.len(), dev.len(), test.len()], [35, 5, 10]);
    let mut all = [train, dev, test.clone()].concat();
    all.sort_unstable();
    assert_eq!(all, (1..=50).collect::<Vec<_>>());
    assert_eq!(lines(0.3, "test"), test);
}

/// Labels are matched by name, also where the file or the description writes them as numbers or truth values.
#[test]
fn labels_that_are_not_strings() {
    let folder = Folder::with(&[("rows.jsonl", b"{\"t\": \"x\", \"y\": 1}\n{\"t\": \"z\", \"y\": 0}\n")]);
    let toml = |labels: &str| {
        format!(
            "name = \"t\"\nkind = \"classification\"\nlabels = {labels}\ntext = \"t\"\nlabel = \"y\"\n\
             files = {{ train = \"rows.jsonl\", dev = \"rows.jsonl\" }}\n"
        )
    };
    let targets =
        |labels: &str| folder.task(&toml(labels)).unwrap().read("train").unwrap().targets().unwrap();
    assert_eq!(targets("[0, 1]"), [Target::Class(1), Target::Class(0)]);
    assert_eq!(targets("[1, 0]"), [Target::Class(0), Target::Class(1)]);
    folder.write("rows.jsonl", "{\"t\": \"x\", \"y\": true}\n");
    assert_eq!(targets("[false, true]"), [Target::Class(1)]);
}

/// A test file of its own may lack labels. One that is carved out of train may not: it once ended in a panic.
#[test]
fn a_test_split_carved_out_of_rows_without_labels() {
    let folder = Folder::with(&[("train.tsv", b"text\nx\nz\n")]);
    let toml = "name = \"t\"\nkind = \"classification\"\nlabels = [\"n\", \"y\"]\ntext = 0\nlabel = \"answer\"\n\
                [files]\ntrain = \"train.tsv\"\n[split]\ndev = 0.2\ntest = 0.2\n";
    let task = folder.task(toml).unwrap();
    for split in ["train", "dev", "test"] {
        let error = task.read(split).unwrap_err().to_string();
        assert!(error.contains("train.tsv: there is no column "), "{split}: {error}");
    }
}

/// The report on a split without rows once ended in a panic.
#[test]
fn a_split_that_is_too_small_to_be_carved() {
    let folder = Folder::with(&[("train.tsv", b"text\tlabel\nx\ta\n")]);
    let toml = "name = \"t\"\nkind = \"classification\"\nlabels = [\"a\", \"b\"]\ntext = \"text\"\nlabel = \"label\"\n\
                [files]\ntrain = \"train.tsv\"\n[split]\ndev = 0.25\n";
    let task = folder.task(toml).unwrap();
    assert_eq!(task.read("train").unwrap().examples.len(), 1);
    for error in [task.read("dev").map(drop), check(&task, None).map(drop)].map(Result::unwrap_err) {
        let expected =
            "train.tsv: no row is left for the dev split: give more rows, or a larger fraction under [split]";
        assert!(error.to_string().ends_with(expected), "{error}");
    }
}
