//! The nine GLUE tasks and the AX diagnostic, as data: one table of files, columns, labels, metrics and official counts.
//! Columns go by name wherever a file has a header, because MNLI's train and dev differ in the number of columns.

use crate::error::{Error, listed, suggestion};
use crate::task::{Column, Columns, Format, Kind, Source, SplitFile, Task};
use std::collections::BTreeMap;
use std::path::Path;

/// One of GLUE's tasks.
#[derive(Clone, Copy, Debug)]
pub struct GlueTask {
    /// The name, e.g. `SST-2`.
    pub name: &'static str,
    /// The folder under the data home's `glue`.
    pub folder: &'static str,
    /// What it asks, in a few words.
    pub about: &'static str,
    /// Whether the target is a label or a number.
    pub kind: Kind,
    /// The labels as they stand in the files, in the order checkpoints of this task usually have.
    pub labels: &'static [&'static str],
    /// The metrics GLUE reports.
    pub metrics: &'static [&'static str],
    /// The splits.
    pub files: &'static [GlueFile],
}

/// One split of a GLUE task.
#[derive(Clone, Copy, Debug)]
pub struct GlueFile {
    /// The split's name.
    pub split: &'static str,
    /// The file's name in the task's folder.
    pub file: &'static str,
    /// The number of rows in GLUE's own file (for QQP without its broken rows).
    pub rows: usize,
    header: bool,
    text_a: At,
    text_b: Option<At>,
    label: Option<At>,
    index: Option<At>,
}

/// A column of a GLUE file: by name, or by number in the files without a header.
#[derive(Clone, Copy, Debug)]
enum At {
    Name(&'static str),
    Number(i64),
}
use At::{Name, Number};

const INDEX: Option<At> = Some(Name("index"));
const ENTAILMENT: &[&str] = &["entailment", "not_entailment"];
const THREE_WAY: &[&str] = &["entailment", "neutral", "contradiction"];

/// A file with a header and two sentences.
const fn pair(split: &'static str, file: &'static str, rows: usize, texts: [&'static str; 2]) -> GlueFile {
    let [text_a, text_b] = [Name(texts[0]), Name(texts[1])];
    GlueFile { split, file, rows, header: true, text_a, text_b: Some(text_b), label: None, index: INDEX }
}

/// A file with a header and one sentence.
const fn single(split: &'static str, file: &'static str, rows: usize) -> GlueFile {
    let text_a = Name("sentence");
    GlueFile { split, file, rows, header: true, text_a, text_b: None, label: None, index: INDEX }
}

/// CoLA's labelled files: source, label, the author's own mark, sentence; no header.
const fn cola(split: &'static str, file: &'static str, rows: usize) -> GlueFile {
    let (text_a, label) = (Number(3), Some(Number(1)));
    GlueFile { split, file, rows, header: false, text_a, text_b: None, label, index: None }
}

impl GlueFile {
    const fn label(mut self, column: &'static str) -> GlueFile {
        self.label = Some(Name(column));
        self
    }

    const fn index(mut self, column: Option<At>) -> GlueFile {
        self.index = column;
        self
    }
}

const SENTENCES: [&str; 2] = ["sentence1", "sentence2"];
const STRINGS: [&str; 2] = ["#1 String", "#2 String"];
const QUESTIONS: [&str; 2] = ["question1", "question2"];
const QUESTION_SENTENCE: [&str; 2] = ["question", "sentence"];

static TASKS: [GlueTask; 10] = [
    GlueTask {
        name: "CoLA",
        folder: "CoLA",
        about: "is the sentence acceptable English?",
        kind: Kind::Classification,
        labels: &["0", "1"],
        metrics: &["mcc"],
        files: &[
            cola("train", "train.tsv", 8551),
            cola("dev", "dev.tsv", 1043),
            single("test", "test.tsv", 1063),
        ],
    },
    GlueTask {
        name: "SST-2",
        folder: "SST-2",
        about: "is the review positive?",
        kind: Kind::Classification,
        labels: &["0", "1"],
        metrics: &["accuracy"],
        files: &[
            single("train", "train.tsv", 67_349).label("label").index(None),
            single("dev", "dev.tsv", 872).label("label").index(None),
            single("test", "test.tsv", 1821),
        ],
    },
    GlueTask {
        name: "MRPC",
        folder: "MRPC",
        about: "do the sentences say the same?",
        kind: Kind::Classification,
        labels: &["0", "1"],
        metrics: &["accuracy", "f1"],
        files: &[
            pair("train", "train.tsv", 3668, STRINGS).label("Quality").index(None),
            pair("dev", "dev.tsv", 408, STRINGS).label("Quality").index(None),
            pair("test", "test.tsv", 1725, STRINGS),
        ],
    },
    GlueTask {
        name: "STS-B",
        folder: "STS-B",
        about: "how similar are the sentences, from 0 to 5?",
        kind: Kind::Regression,
        labels: &[],
        metrics: &["pearson", "spearman"],
        files: &[
            pair("train", "train.tsv", 5749, SENTENCES).label("score"),
            pair("dev", "dev.tsv", 1500, SENTENCES).label("score"),
            pair("test", "test.tsv", 1379, SENTENCES),
        ],
    },
    GlueTask {
        name: "QQP",
        folder: "QQP",
        about: "do the questions ask the same?",
        kind: Kind::Classification,
        labels: &["0", "1"],
        metrics: &["accuracy", "f1"],
        files: &[
            pair("train", "train.tsv", 363_846, QUESTIONS).label("is_duplicate").index(Some(Name("id"))),
            pair("dev", "dev.tsv", 40_430, QUESTIONS).label("is_duplicate").index(Some(Name("id"))),
            pair("test", "test.tsv", 390_965, QUESTIONS).index(Some(Name("id"))),
        ],
    },
    GlueTask {
        name: "MNLI",
        folder: "MNLI",
        about: "does the premise entail or contradict the hypothesis, or neither?",
        kind: Kind::Classification,
        labels: THREE_WAY,
        metrics: &["accuracy"],
        files: &[
            pair("train", "train.tsv", 392_702, SENTENCES).label("gold_label"),
            pair("dev", "dev_matched.tsv", 9815, SENTENCES).label("gold_label"),
            pair("dev-mismatched", "dev_mismatched.tsv", 9832, SENTENCES).label("gold_label"),
            pair("test", "test_matched.tsv", 9796, SENTENCES),
            pair("test-mismatched", "test_mismatched.tsv", 9847, SENTENCES),
        ],
    },
    GlueTask {
        name: "QNLI",
        folder: "QNLI",
        about: "does the sentence answer the question?",
        kind: Kind::Classification,
        labels: ENTAILMENT,
        metrics: &["accuracy"],
        files: &[
            pair("train", "train.tsv", 104_743, QUESTION_SENTENCE).label("label"),
            pair("dev", "dev.tsv", 5463, QUESTION_SENTENCE).label("label"),
            pair("test", "test.tsv", 5463, QUESTION_SENTENCE),
        ],
    },
    GlueTask {
        name: "RTE",
        folder: "RTE",
        about: "does the text entail the hypothesis?",
        kind: Kind::Classification,
        labels: ENTAILMENT,
        metrics: &["accuracy"],
        files: &[
            pair("train", "train.tsv", 2490, SENTENCES).label("label"),
            pair("dev", "dev.tsv", 277, SENTENCES).label("label"),
            pair("test", "test.tsv", 3000, SENTENCES),
        ],
    },
    GlueTask {
        name: "WNLI",
        folder: "WNLI",
        about: "is the pronoun resolved rightly?",
        kind: Kind::Classification,
        labels: &["0", "1"],
        metrics: &["accuracy"],
        files: &[
            pair("train", "train.tsv", 635, SENTENCES).label("label"),
            pair("dev", "dev.tsv", 71, SENTENCES).label("label"),
            pair("test", "test.tsv", 146, SENTENCES),
        ],
    },
    GlueTask {
        name: "AX",
        folder: "diagnostic",
        about: "MNLI's question on sentences made to test understanding; answered by an MNLI model",
        kind: Kind::Classification,
        labels: THREE_WAY,
        metrics: &["mcc"],
        files: &[pair("test", "diagnostic.tsv", 1104, SENTENCES)],
    },
];

/// GLUE's nine tasks and the AX diagnostic.
pub fn registry() -> &'static [GlueTask] {
    &TASKS
}

/// Finds a task by its name in any case.
pub(crate) fn find(name: &str) -> Result<&'static GlueTask, Error> {
    TASKS.iter().find(|task| task.name.eq_ignore_ascii_case(name)).ok_or_else(|| Error::UnknownTask {
        name: name.to_owned(),
        suggestion: suggestion(name, TASKS.iter().map(|task| task.name)),
        known: listed(TASKS.iter().map(|task| task.name)),
    })
}

impl GlueTask {
    /// The task with its files under `data_home/glue/<folder>`.
    ///
    /// # Errors
    /// If there is no data home.
    pub fn at(&self, data_home: Option<&Path>) -> Result<Task, Error> {
        let home = data_home.ok_or_else(|| Error::NoDataHome { task: self.name.to_owned() })?;
        let folder = home.join("glue").join(self.folder);
        let split_file = |file: &GlueFile| SplitFile {
            split: file.split.to_owned(),
            path: folder.join(file.file),
            source: Source::File,
            format: Format::Tsv,
            header: file.header,
            delimiter: None,
            columns: Columns {
                text_a: file.text_a.into(),
                text_b: file.text_b.map(Column::from),
                label: file.label.map(Column::from),
                index: file.index.map(Column::from),
            },
            groups: None,
            labels: None,
            may_lack_labels: false,
            skip_broken_rows: self.name == "QQP",
            official_rows: Some(file.rows),
            carve: None,
        };
        Ok(self.with_files(self.files.iter().map(split_file).collect()))
    }

    /// The task with these files.
    pub(crate) fn with_files(&self, files: Vec<SplitFile>) -> Task {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Task {
            name: self.name.to_owned(),
            kind: self.kind,
            labels: owned(self.labels),
            positive: 1,
            metrics: owned(self.metrics),
            files,
            relations: BTreeMap::new(),
            head_of: None,
        }
    }
}

impl From<At> for Column {
    fn from(at: At) -> Column {
        match at {
            Name(name) => Column::Name(name.to_owned()),
            Number(number) => Column::Number(number),
        }
    }
}
