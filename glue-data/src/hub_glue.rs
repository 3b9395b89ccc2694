//! GLUE as the Hugging Face hub has it (`nyu-mll/glue`): Parquet files in a folder for each configuration. They become the very
//! tasks of the [`registry`](crate::registry()), with the same names, labels, metrics and counts, so that models, predictions and
//! submissions do not depend on where the data came from. Only the files' own words for labels differ, and are matched by name.

use crate::error::{Error, listed};
use crate::registry::{self, GlueTask};
use crate::task::{Column, Columns, Format, Source, SplitFile, Task};
use std::path::Path;

/// How the hub has one of GLUE's tasks.
struct Configuration {
    /// The name in the registry.
    task: &'static str,
    folder: &'static str,
    text_a: &'static str,
    text_b: Option<&'static str>,
    /// The file's words for the registry's labels, in the registry's order; `None` where they are the same.
    labels: Option<[&'static str; 2]>,
}

const fn single(task: &'static str, folder: &'static str, labels: [&'static str; 2]) -> Configuration {
    Configuration { task, folder, text_a: "sentence", text_b: None, labels: Some(labels) }
}

const fn pair(task: &'static str, folder: &'static str, texts: [&'static str; 2]) -> Configuration {
    Configuration { task, folder, text_a: texts[0], text_b: Some(texts[1]), labels: None }
}

impl Configuration {
    const fn labels(mut self, labels: [&'static str; 2]) -> Configuration {
        self.labels = Some(labels);
        self
    }
}

const SENTENCES: [&str; 2] = ["sentence1", "sentence2"];
const PREMISE_HYPOTHESIS: [&str; 2] = ["premise", "hypothesis"];

const CONFIGURATIONS: [Configuration; 10] = [
    single("CoLA", "cola", ["unacceptable", "acceptable"]),
    single("SST-2", "sst2", ["negative", "positive"]),
    pair("MRPC", "mrpc", SENTENCES).labels(["not_equivalent", "equivalent"]),
    pair("STS-B", "stsb", SENTENCES),
    pair("QQP", "qqp", ["question1", "question2"]).labels(["not_duplicate", "duplicate"]),
    pair("MNLI", "mnli", PREMISE_HYPOTHESIS),
    pair("QNLI", "qnli", ["question", "sentence"]),
    pair("RTE", "rte", SENTENCES),
    pair("WNLI", "wnli", SENTENCES).labels(["not_entailment", "entailment"]),
    pair("AX", "ax", PREMISE_HYPOTHESIS),
];

impl Task {
    /// One of GLUE's tasks, by its name in any case, from the Parquet files of the hub's `nyu-mll/glue`: `folder` holds
    /// `rte/train-00000-of-00001.parquet` and so on. It is the task that [`Task::find`] gives for GLUE's own files: CoLA's labels
    /// are `0` and `1` here too, `unacceptable` and `acceptable` being the file's words for them. Rows have the file's `idx` as
    /// index. A test split is without labels.
    ///
    /// # Errors
    /// If there is no such task. Files are not opened.
    pub fn from_hub_glue(name: &str, folder: &Path) -> Result<Task, Error> {
        let glue = registry::find(name)?;
        let configuration = CONFIGURATIONS.iter().find(|known| known.task == glue.name);
        let configuration = configuration.ok_or_else(|| Error::UnknownTask {
            name: name.to_owned(),
            suggestion: String::new(),
            known: listed(CONFIGURATIONS.iter().map(|known| known.task)),
        })?;
        Ok(glue.with_files(configuration.files(glue, folder)))
    }

    /// The files of [`Task::from_hub_glue`], relative to its folder; what a download must bring.
    ///
    /// # Errors
    /// If there is no such task.
    pub fn hub_glue_files(name: &str) -> Result<Vec<String>, Error> {
        let task = Task::from_hub_glue(name, Path::new(""))?;
        Ok(task.files.iter().map(|file| file.path.to_string_lossy().into_owned()).collect())
    }
}

impl Configuration {
    fn files(&self, glue: &GlueTask, folder: &Path) -> Vec<SplitFile> {
        let name = |name: &str| Column::Name(name.to_owned());
        let files = glue.files.iter().map(|file| SplitFile {
            split: file.split.to_owned(),
            path: folder
                .join(self.folder)
                .join(format!("{}-00000-of-00001.parquet", hub_split(glue, file.split))),
            source: Source::File,
            format: Format::Parquet,
            header: true,
            delimiter: None,
            columns: Columns {
                text_a: name(self.text_a),
                text_b: self.text_b.map(name),
                label: (!file.split.starts_with("test")).then(|| name("label")),
                index: Some(name("idx")),
            },
            groups: None,
            labels: self.labels.map(|labels| labels.map(str::to_owned).to_vec()),
            may_lack_labels: false,
            skip_broken_rows: false,
            official_rows: Some(file.rows),
            carve: None,
        });
        files.collect()
    }
}

/// The hub's name for a split. MNLI's two dev and test sets have a word each there.
fn hub_split(glue: &GlueTask, split: &'static str) -> &'static str {
    match split {
        "dev" if glue.name == "MNLI" => "validation_matched",
        "dev-mismatched" => "validation_mismatched",
        "test" if glue.name == "MNLI" => "test_matched",
        "test-mismatched" => "test_mismatched",
        "dev" => "validation",
        other => other,
    }
}
