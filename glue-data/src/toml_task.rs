//! A user's task from a TOML file. Strict on purpose: an unknown key, an unlisted label order or a label column that is
//! also a text is an error here, before any long work starts.

use crate::error::{Error, listed};
use crate::reader;
use crate::task::{Carve, Column, Columns, Format, Kind, SplitFile, Task};
use std::fs;
use std::path::{Path, PathBuf};

/// The file as written.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    kind: Kind,
    labels: Option<Vec<Label>>,
    positive: Option<Label>,
    metrics: Option<Vec<String>>,
    format: Option<Format>,
    #[serde(default = "yes")]
    header: bool,
    text: Option<Column>,
    text_a: Option<Column>,
    text_b: Option<Column>,
    label: Column,
    index: Option<Column>,
    files: Files,
    #[serde(default)]
    split: Fractions,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Files {
    train: PathBuf,
    dev: Option<PathBuf>,
    test: Option<PathBuf>,
}

#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Fractions {
    dev: Option<f64>,
    test: Option<f64>,
    #[serde(default)]
    seed: u64,
}

/// A label, which people like to write as a number or a truth value too.
#[derive(serde::Deserialize)]
#[serde(untagged, expecting = "expected a label: a string, an integer, or true or false")]
enum Label {
    Text(String),
    Integer(i64),
    Truth(bool),
}

impl Label {
    fn into_name(self) -> String {
        match self {
            Label::Text(name) => name,
            Label::Integer(number) => number.to_string(),
            Label::Truth(truth) => truth.to_string(),
        }
    }
}

fn yes() -> bool {
    true
}

/// Reads and checks a task file.
pub(crate) fn read(path: &Path) -> Result<Task, Error> {
    let text =
        fs::read_to_string(path).map_err(|source| Error::Unreadable { file: path.to_owned(), source })?;
    let written: Written = toml::from_str(&text).map_err(|fault| {
        let before = fault.span().map_or("", |span| &text[..span.start]);
        let line = before.matches('\n').count() + 1;
        Error::TomlSyntax { file: path.to_owned(), line, reason: fault.message().to_owned() }
    })?;
    Reader { path }.task(written)
}

/// Turns what is written into a task; knows the file for its messages and for relative paths.
struct Reader<'a> {
    path: &'a Path,
}

impl Reader<'_> {
    fn fault(&self, reason: impl Into<String>) -> Error {
        Error::TomlTask { file: self.path.to_owned(), reason: reason.into() }
    }

    fn task(&self, written: Written) -> Result<Task, Error> {
        // A run names files after its tasks.
        if let Some(wrong) = written.name.chars().find(|c| matches!(c, '/' | '\\') || c.is_control()) {
            let reason = format!("`name` has {wrong:?} in it; leave out slashes and control characters");
            return Err(self.fault(reason));
        }
        let (text_a, text_b) = match (written.text, written.text_a, written.text_b) {
            (Some(text), None, None) => (text, None),
            (None, Some(text_a), Some(text_b)) => (text_a, Some(text_b)),
            _ => return Err(self.fault("give either `text`, or both `text_a` and `text_b`")),
        };
        if written.label == text_a || Some(&written.label) == text_b.as_ref() {
            let reason = format!("column {} is both the label and a text", written.label);
            return Err(self.fault(reason));
        }
        let columns = Columns { text_a, text_b, label: Some(written.label), index: written.index };
        let files = self.files(written.files, &written.split, written.format, written.header, columns)?;
        let labels = self.labels(written.kind, written.labels, &written.name, &files[0])?;
        let positive = self.positive(written.positive, &labels)?;
        let metrics = self.metrics(written.kind, written.metrics)?;
        Ok(Task { name: written.name, kind: written.kind, labels, positive, metrics, files })
    }

    /// Train first.
    fn files(
        &self,
        files: Files,
        split: &Fractions,
        format: Option<Format>,
        header: bool,
        columns: Columns,
    ) -> Result<Vec<SplitFile>, Error> {
        let carve = self.carve(&files, split)?;
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let split_file = |name: &str, file: &Path, carve: Option<Carve>| {
            let format = match format {
                Some(format) => format,
                None => self.format_of(file)?,
            };
            if format == Format::Jsonl && columns.all().any(|column| matches!(column, Column::Number(_))) {
                return Err(self.fault("JSON lines have keys, not column numbers: give names"));
            }
            Ok(SplitFile {
                split: name.to_owned(),
                path: folder.join(file),
                demo: None,
                format,
                header,
                columns: columns.clone(),
                // What is carved out of train has train's labels.
                may_lack_labels: name == "test" && carve.is_none(),
                skip_broken_rows: false,
                official_rows: None,
                carve,
            })
        };
        let mut all = vec![split_file("train", &files.train, carve)?];
        for (name, file, fraction) in [("dev", files.dev, split.dev), ("test", files.test, split.test)] {
            match (file, fraction) {
                (Some(file), _) => all.push(split_file(name, &file, None)?),
                (None, Some(_)) => all.push(split_file(name, &files.train, carve)?),
                (None, None) => {}
            }
        }
        Ok(all)
    }

    fn carve(&self, files: &Files, split: &Fractions) -> Result<Option<Carve>, Error> {
        if files.dev.is_none() && split.dev.is_none() {
            return Err(
                self.fault("there is no dev split: give `dev` under [files], or a fraction under [split]")
            );
        }
        for (name, file, fraction) in [("dev", &files.dev, split.dev), ("test", &files.test, split.test)] {
            if file.is_some() && fraction.is_some() {
                return Err(
                    self.fault(format!("`{name}` is under both [files] and [split]; keep one of them"))
                );
            }
            if fraction.is_some_and(|fraction| !(fraction > 0.0 && fraction < 1.0)) {
                return Err(self.fault(format!("[split] {name} must be a fraction between 0 and 1")));
            }
        }
        let carve =
            Carve { dev: split.dev.unwrap_or(0.0), test: split.test.unwrap_or(0.0), seed: split.seed };
        if carve.dev + carve.test >= 1.0 {
            return Err(self.fault("[split] leaves nothing to train on: dev and test make up 1 or more"));
        }
        Ok((carve.dev + carve.test > 0.0).then_some(carve))
    }

    fn format_of(&self, file: &Path) -> Result<Format, Error> {
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("tsv") => Ok(Format::Tsv),
            Some("csv") => Ok(Format::Csv),
            Some("jsonl") => Ok(Format::Jsonl),
            _ => {
                let file = file.display();
                Err(self.fault(format!("`{file}` does not end in .tsv, .csv or .jsonl: give `format`")))
            }
        }
    }

    fn labels(
        &self,
        kind: Kind,
        labels: Option<Vec<Label>>,
        task: &str,
        train: &SplitFile,
    ) -> Result<Vec<String>, Error> {
        let labels: Vec<String> = match (kind, labels) {
            (Kind::Regression, None) => return Ok(Vec::new()),
            (Kind::Regression, Some(_)) => return Err(self.fault("a regression task has no `labels`")),
            (Kind::Classification, None) => {
                let found = found(reader::labels(task, train)?.into_iter().collect());
                return Err(Error::UnlistedLabels { file: self.path.to_owned(), found });
            }
            (Kind::Classification, Some(labels)) => labels.into_iter().map(Label::into_name).collect(),
        };
        if labels.len() < 2 {
            return Err(self.fault("a classification task needs at least two `labels`"));
        }
        match labels.iter().enumerate().find(|(i, label)| labels[..*i].contains(label)) {
            Some((_, twice)) => Err(self.fault(format!("label `{twice}` is listed twice"))),
            None => Ok(labels),
        }
    }

    fn positive(&self, positive: Option<Label>, labels: &[String]) -> Result<usize, Error> {
        let Some(name) = positive.map(Label::into_name) else { return Ok(1) };
        if labels.is_empty() {
            return Err(self.fault("a regression task has no `positive` label"));
        }
        labels.iter().position(|label| *label == name).ok_or_else(|| {
            self.fault(format!("`positive` is `{name}`, which is not one of the labels {}", listed(labels)))
        })
    }

    fn metrics(&self, kind: Kind, metrics: Option<Vec<String>>) -> Result<Vec<String>, Error> {
        let default = match kind {
            Kind::Classification => vec!["accuracy".to_owned()],
            Kind::Regression => vec!["pearson".to_owned(), "spearman".to_owned()],
        };
        let metrics = metrics.unwrap_or(default);
        if metrics.is_empty() {
            return Err(self.fault("`metrics` is empty: name at least one, or leave it out"));
        }
        match metrics.iter().find(|metric| !kind.metrics().contains(&metric.as_str())) {
            None => Ok(metrics),
            Some(metric) => Err(Error::UnknownMetric {
                file: self.path.to_owned(),
                metric: metric.clone(),
                kind: kind.name(),
                known: listed(kind.metrics()),
            }),
        }
    }
}

/// The most labels a message lists: a wrong label column may have one for every row.
const LISTED: usize = 20;

fn found(labels: Vec<String>) -> String {
    match labels.len() {
        0..=LISTED => listed(&labels),
        count => {
            format!("{} and {} more (is it the right column?)", listed(&labels[..LISTED]), count - LISTED)
        }
    }
}
