//! The real GLUE files, against numbers that were counted by other means: a few lines of Python that split on `\n` and `\t`.

use crate::common::{Folder, data_home};
use mtlift_glue_data::{Example, Kind, Split, Target, Task, check, registry};
use mtlift_tokenizer::Tokenizer;
use std::collections::HashSet;
use std::path::Path;

/// Task, split, rows, and for the labelled ones how many rows have each label in the registry's order.
const COUNTS: [(&str, &str, usize, &[usize]); 27] = [
    ("CoLA", "train", 8551, &[2528, 6023]),
    ("CoLA", "dev", 1043, &[322, 721]),
    ("CoLA", "test", 1063, &[]),
    ("SST-2", "train", 67_349, &[29_780, 37_569]),
    ("SST-2", "dev", 872, &[428, 444]),
    ("SST-2", "test", 1821, &[]),
    ("MRPC", "train", 3668, &[1194, 2474]),
    ("MRPC", "dev", 408, &[129, 279]),
    ("MRPC", "test", 1725, &[]),
    ("STS-B", "train", 5749, &[]),
    ("STS-B", "dev", 1500, &[]),
    ("STS-B", "test", 1379, &[]),
    ("QQP", "train", 8999, &[5747, 3252]),
    ("QQP", "dev", 1000, &[623, 377]),
    ("MNLI", "train", 22_641, &[7664, 7538, 7439]),
    ("MNLI", "dev", 9815, &[3479, 3123, 3213]),
    ("MNLI", "dev-mismatched", 1000, &[346, 319, 335]),
    ("QNLI", "train", 9999, &[5027, 4972]),
    ("QNLI", "dev", 5463, &[2702, 2761]),
    ("QNLI", "test", 5463, &[]),
    ("RTE", "train", 2490, &[1249, 1241]),
    ("RTE", "dev", 277, &[146, 131]),
    ("RTE", "test", 3000, &[]),
    ("WNLI", "train", 635, &[323, 312]),
    ("WNLI", "dev", 71, &[40, 31]),
    ("WNLI", "test", 146, &[]),
    ("AX", "test", 1104, &[]),
];

#[test]
#[ignore = "needs the data home: set MTLIFT_HOME and run with --include-ignored"]
fn every_file_has_its_rows_and_labels() {
    let home = data_home();
    for (name, split, rows, labels) in COUNTS {
        let task = Task::find(name, Some(&home)).unwrap();
        let examples = task.read(split).unwrap().examples;
        assert_eq!(examples.len(), rows, "{name} {split}");
        let count = |class| examples.iter().filter(|row| row.target == Some(Target::Class(class))).count();
        let counts: Vec<usize> = (0..labels.len()).map(count).collect();
        assert_eq!(counts, labels, "{name} {split}");
        assert_eq!(examples[0].target.is_some(), split != "test", "{name} {split}");
        let indices: HashSet<_> = examples.iter().map(|row| &row.index).collect();
        assert_eq!(indices.len(), rows, "{name} {split}: every row has its own index");
        let texts = examples.iter().map(|row| row.text_b.is_some()).collect::<HashSet<_>>();
        assert_eq!(texts, HashSet::from([!["CoLA", "SST-2"].contains(&name)]), "{name} {split}");
    }
}

fn read(home: &Path, task: &str, split: &str) -> Split {
    Task::find(task, Some(home)).unwrap().read(split).unwrap()
}

#[test]
#[ignore = "needs the data home: set MTLIFT_HOME and run with --include-ignored"]
fn oddities_of_the_files() {
    let home = data_home();
    assert!(read(&home, "MRPC", "train").byte_order_mark);
    assert_eq!(
        read(&home, "CoLA", "dev").examples.last(),
        Some(&Example {
            text_a: "John talked to Bill about himself.".to_owned(),
            text_b: None,
            target: Some(Target::Class(1)),
            group: None,
            index: "1042".to_owned(),
            line: 1043,
        })
    );
    let sst = read(&home, "sst-2", "train").examples;
    assert_eq!(sst[0].text_a, "hide new secretions from the parental units ");
    let rte = read(&home, "RTE", "test").examples;
    assert!(rte.iter().any(|row| row.text_a.contains('\u{a0}')), "non-breaking spaces are kept");
    let sts = read(&home, "STS-B", "train");
    assert_eq!(sts.targets().unwrap()[..3], [5.0, 3.8, 3.8].map(Target::Value));
    let first = &read(&home, "MNLI", "dev").examples[0];
    assert_eq!(
        (first.text_a.as_str(), first.target),
        ("The new rights are nice enough", Some(Target::Class(1)))
    );
    let first = &read(&home, "QQP", "train").examples[0];
    assert!(first.text_a.starts_with("How do I get inside") && first.line == 2);
}

#[test]
fn the_registry_is_glue() {
    let names: Vec<_> = registry().iter().map(|task| task.name).collect();
    assert_eq!(names, ["CoLA", "SST-2", "MRPC", "STS-B", "QQP", "MNLI", "QNLI", "RTE", "WNLI", "AX"]);
    for task in registry() {
        assert!(task.metrics.iter().all(|metric| task.kind.metrics().contains(metric)), "{}", task.name);
        assert_eq!(task.labels.is_empty(), task.kind == Kind::Regression, "{}", task.name);
    }
    let mnli = Task::find("mnli", Some(Path::new("home"))).unwrap();
    assert_eq!(mnli.splits(), ["train", "dev", "dev-mismatched", "test", "test-mismatched"]);
    assert_eq!(mnli.dev_splits(), ["dev", "dev-mismatched"]);
    assert_eq!(mnli.labels, ["entailment", "neutral", "contradiction"]);
    assert_eq!(Task::find("AX", Some(Path::new("home"))).unwrap().splits(), ["test"]);
}

/// QQP as GLUE publishes it has rows broken over lines; they are left out and on record.
#[test]
fn broken_rows_of_qqp_are_left_out() {
    let header = "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate";
    let rows = format!("{header}\n0\t1\t2\ta\tb\t0\n1\t3\t4\tc\n d\te\t1\n2\t5\t6\tf\tg\t1\n");
    let folder = Folder::with(&[("glue/QQP/train.tsv", rows.as_bytes())]);
    let split = read(folder.path(), "QQP", "train");
    assert_eq!(split.examples.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 5]);
    assert_eq!(split.skipped, [3, 4]);
}

#[test]
#[ignore = "needs the data home: set MTLIFT_HOME and run with --include-ignored"]
fn the_report_on_wnli() {
    let home = data_home();
    let report = check(&Task::find("WNLI", Some(&home)).unwrap(), None).unwrap();
    let dev_in_train = &report.overlaps[0];
    assert_eq!((dev_in_train.split.as_str(), dev_in_train.with.as_str()), ("dev", "train"));
    assert_eq!((dev_in_train.rows, dev_in_train.first_texts), (0, Some(65)));
    assert!(report.splits.iter().all(|split| Some(split.rows) == split.official_rows));
}

#[test]
#[ignore = "needs the data home: set MTLIFT_HOME and run with --include-ignored"]
fn the_report_on_parts_of_a_task() {
    let home = data_home();
    let tokenizer = Tokenizer::open(&home.join("models/bert-tiny-splade"), 128).unwrap();
    let report = check(&Task::find("MNLI", Some(&home)).unwrap(), Some(&tokenizer)).unwrap();
    let text = report.to_string();
    assert!(text.contains("part of 392702"), "{text}");
    assert!(text.contains("all"), "{text}");
    assert_eq!(report.absent.len(), 2);
}
