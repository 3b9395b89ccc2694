//! Parquet files that `datasets` and pandas wrote (`tests/parquet/make.py`): values and labels to the letter.

use crate::common::Folder;
use mtlift_glue_data::{Error, Split, Target, Task, registry};
use std::fs;
use std::path::{Path, PathBuf};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parquet")
}

/// A task whose train and dev are copies of a fixture, described by these lines.
fn task_of(fixture: &str, lines: &str) -> (Folder, Result<Task, Error>) {
    let content = fs::read(fixtures().join(fixture)).unwrap();
    let folder = Folder::with(&[("rows.parquet", &content)]);
    let toml =
        format!("name = \"own\"\n{lines}\nfiles = {{ train = \"rows.parquet\", dev = \"rows.parquet\" }}\n");
    let task = folder.task(&toml);
    (folder, task)
}

fn train(fixture: &str, lines: &str) -> Split {
    task_of(fixture, lines).1.unwrap().read("train").unwrap()
}

const TEXTS: [&str; 6] =
    ["A fine lamp.", "Never again", "Café “closed”, 5 €", "two\nlines\tand a tab", "", "A fine lamp."];
const VERDICTS: &str = "kind = \"classification\"\ntext = \"review\"\nlabel = \"verdict\"\nindex = \"id\"";

fn texts(split: &Split) -> Vec<&str> {
    split.examples.iter().map(|row| row.text_a.as_str()).collect()
}

#[test]
fn every_codec_and_page_has_the_same_values() {
    for name in ["own", "own-zstd", "own-gzip", "own-lz4", "own-none", "own-pages-v2"] {
        let (_folder, task) = task_of(&format!("{name}.parquet"), VERDICTS);
        let task = task.unwrap();
        assert_eq!(task.labels, ["so so", "good", "bad"], "{name}: the names and order of the file");
        let split = task.read("train").unwrap();
        assert_eq!(texts(&split), TEXTS, "{name}");
        assert_eq!(split.targets().unwrap(), [1, 2, 2, 0, 0, 1].map(Target::Class), "{name}");
        let indices: Vec<&str> = split.examples.iter().map(|row| row.index.as_str()).collect();
        assert_eq!(indices, ["10", "11", "12", "13", "14", "9007199254740993"], "{name}");
        assert_eq!(split.examples[3].line, 4, "{name}: rows count from 1");
    }
}

/// The order of the model's outputs is the description's; which class an integer means is the file's.
#[test]
fn labels_go_by_name_and_not_by_position() {
    let listed = format!("labels = [\"bad\", \"good\", \"so so\"]\n{VERDICTS}");
    let targets = train("own.parquet", &listed).targets().unwrap();
    assert_eq!(targets, [1, 0, 0, 2, 2, 1].map(Target::Class));
    let (folder, task) = task_of("own.parquet", &format!("labels = [0, 1, 2]\n{VERDICTS}"));
    assert_eq!(
        folder.message(task.unwrap().read("train")),
        "DIR/rows.parquet, row 1: unknown label `good`; the labels are `0`, `1`, `2`"
    );
}

#[test]
fn numbers_are_exact() {
    let split = train("own.parquet", "kind = \"regression\"\ntext = \"review\"\nlabel = \"stars\"");
    let values: Vec<f32> = split.examples.iter().filter_map(|row| row.target?.value()).collect();
    assert_eq!(values, [4.5, 1.0, 0.1, 3.0, -2.25, 4.5]);
}

#[test]
fn what_pandas_writes() {
    let classes = |label: &str, labels: &str| {
        let lines =
            format!("kind = \"classification\"\nlabels = {labels}\ntext = \"text\"\nlabel = \"{label}\"");
        let (folder, task) = task_of("pandas.parquet", &lines);
        let read = task.and_then(|task| task.read("train"));
        read.map(|split| split.targets().unwrap()).map_err(|fault| folder.message::<()>(Err(fault)))
    };
    let of = |targets: [usize; 6]| Ok(targets.map(Target::Class).to_vec());
    assert_eq!(classes("kind", "[\"a\", \"b\"]"), of([1, 0, 0, 1, 1, 0]));
    assert_eq!(classes("truth", "[false, true]"), of([1, 0, 1, 1, 0, 0]));
    assert_eq!(classes("small", "[0, 1, 2, 3, 7, 255]"), of([1, 2, 3, 5, 0, 4]));
    let row = |row| {
        format!("DIR/rows.parquet, row {row}: there is no label; only rows of a test file may be without one")
    };
    assert_eq!(classes("count", "[0, 1]"), Err(row(3)));
    assert_eq!(classes("meta.label", "[\"no\", \"yes\"]"), Err(row(5)));
    let refused = |column| {
        format!(
            "DIR/rows.parquet: cannot be read as Parquet: column `{column}` holds neither texts nor numbers nor truth \
             values; write it as text"
        )
    };
    assert_eq!(classes("when", "[0, 1]"), Err(refused("when")));
    assert_eq!(classes("meta.words.list.element", "[0, 1]"), Err(refused("meta.words.list.element")));
    assert_eq!(
        classes("meta", "[0, 1]"),
        Err("DIR/rows.parquet: there is no column `meta`; the columns are `text`, `kind`, `truth`, `count`, `small`, \
             `when`, `meta.label`, `meta.words.list.element`"
            .to_owned())
    );
}

#[test]
fn rows_of_a_test_file_may_be_without_a_label() {
    let content = fs::read(fixtures().join("pandas.parquet")).unwrap();
    let folder =
        Folder::with(&[("rows.parquet", &content), ("train.csv", b"text,meta.label\na,no\nb,yes\n")]);
    let toml = "name = \"t\"\nkind = \"classification\"\nlabels = [\"no\", \"yes\"]\ntext = \"text\"\nlabel = \"meta.label\"\n\
                files = { train = \"train.csv\", dev = \"train.csv\", test = \"rows.parquet\" }\n";
    let test = folder.task(toml).unwrap().read("test").unwrap();
    let targets: Vec<_> = test.examples.iter().map(|row| row.target).collect();
    let [no, yes] = [Some(Target::Class(0)), Some(Target::Class(1))];
    assert_eq!(targets, [yes, no, no, yes, None, no]);
    assert_eq!(test.targets(), None);
}

/// It would bring two crates for what no one writes by default.
#[test]
fn brotli_is_refused_by_name() {
    let (folder, task) =
        task_of("own-brotli.parquet", &format!("labels = [\"good\", \"bad\", \"so so\"]\n{VERDICTS}"));
    let message = folder.message(task.unwrap().read("train"));
    assert!(message.to_lowercase().contains("brotli"), "{message}");
}

/// Every task of the registry, from the hub's files as from GLUE's own: the same labels, kinds, metrics and splits.
#[test]
fn glue_from_the_hub_is_the_glue_of_the_registry() {
    for glue in registry() {
        let task = Task::from_hub_glue(&glue.name.to_lowercase(), &fixtures().join("glue")).unwrap();
        let own = glue.at(Some(Path::new("home"))).unwrap();
        assert_eq!((&task.name, task.kind, &task.labels), (&own.name, own.kind, &own.labels));
        assert_eq!((&task.metrics, task.positive, task.splits()), (&own.metrics, own.positive, own.splits()));
        for file in &task.files {
            let split = task.read(&file.split).unwrap();
            assert_eq!(split.examples.len(), 3, "{} {}", glue.name, file.split);
            assert_eq!(split.examples[2].index, "2");
            assert_eq!(split.examples[0].text_b.is_some(), !["CoLA", "SST-2"].contains(&glue.name));
            assert_eq!(
                split.targets().is_none(),
                file.split.starts_with("test"),
                "{} {}",
                glue.name,
                file.split
            );
        }
    }
}

#[test]
fn labels_of_glue_from_the_hub() {
    let targets = |name: &str, split: &str| {
        let task = Task::from_hub_glue(name, &fixtures().join("glue")).unwrap();
        let targets = task.read(split).unwrap().targets().unwrap();
        let word = |target: Target| match target {
            Target::Class(class) => task.labels[class].clone(),
            Target::Value(value) => value.to_string(),
        };
        targets.into_iter().map(word).collect::<Vec<_>>()
    };
    // `equivalent` is MRPC's 1, and WNLI's classes stand the other way round than RTE's.
    assert_eq!(targets("MRPC", "train"), ["0", "1", "0"]);
    assert_eq!(targets("WNLI", "dev"), ["0", "1", "0"]);
    assert_eq!(targets("RTE", "dev"), ["entailment", "not_entailment", "entailment"]);
    assert_eq!(targets("MNLI", "dev-mismatched"), ["entailment", "neutral", "contradiction"]);
    assert_eq!(targets("STS-B", "dev"), ["0", "2.75", "5"]);
    let task = Task::from_hub_glue("MNLI", &fixtures().join("glue")).unwrap();
    let dev = &task.read("dev-mismatched").unwrap().examples[1];
    let texts = (dev.text_a.as_str(), dev.text_b.as_deref());
    assert_eq!(
        texts,
        ("mnli validation_mismatched premise 1", Some("mnli validation_mismatched hypothesis 1"))
    );
}

#[test]
fn files_that_the_hub_must_give() {
    let files = Task::hub_glue_files("ax").unwrap();
    assert_eq!(files, ["ax/test-00000-of-00001.parquet"]);
    assert_eq!(Task::hub_glue_files("MNLI").unwrap().len(), 5);
    let missing = Task::from_hub_glue("rte", Path::new("nowhere")).unwrap().read("dev").unwrap_err();
    assert_eq!(
        missing.to_string(),
        "the dev split of RTE is missing: there is no file nowhere/rte/validation-00000-of-00001.parquet"
    );
}
