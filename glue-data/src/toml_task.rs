//! A user's task from a TOML file. Strict on purpose: an unknown key, an unlisted label order or a label column that is
//! also a text is an error here, before any long work starts.

mod files;
mod groups;
mod labels;
mod name;
mod relations;

use crate::error::Error;
use crate::reader::signature;
use crate::task::{Column, Columns, Format, Kind, Relations, Task};
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
    delimiter: Option<String>,
    header: Option<bool>,
    text: Option<Column>,
    text_a: Option<Column>,
    text_b: Option<Column>,
    label: Column,
    index: Option<Column>,
    group: Option<Column>,
    groups: Option<WrittenGroups>,
    files: Files,
    #[serde(default)]
    split: Fractions,
    #[serde(default)]
    relations: Relations,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Files {
    train: PathBuf,
    dev: Option<PathBuf>,
    test: Option<PathBuf>,
    unlabelled: Option<PathBuf>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenGroups {
    words: Vec<String>,
    text: Option<Column>,
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

/// Reads and checks a task file.
pub(crate) fn read(path: &Path) -> Result<Task, Error> {
    let file = || path.to_owned();
    let bytes = fs::read(path).map_err(|source| Error::Unreadable { file: file(), source })?;
    signature::check(path, &bytes)?;
    let text = String::from_utf8(bytes).map_err(|_| Error::TomlTask {
        file: file(),
        reason: "it is not UTF-8: convert it to UTF-8".to_owned(),
    })?;
    let written: Written = toml::from_str(&text).map_err(|fault| {
        let before = fault.span().map_or("", |span| &text[..span.start]);
        let line = before.matches('\n').count() + 1;
        Error::TomlSyntax { file: file(), line, reason: fault.message().to_owned() }
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
        self.check_name(&written.name)?;
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
        let form = files::Form {
            format: written.format,
            delimiter: self.delimiter(written.delimiter.as_deref())?,
            header: written.header,
            groups: self.groups(written.kind, written.group, written.groups, &columns)?,
            columns,
        };
        let files = self.files(written.files, &written.split, &form)?;
        let labels = self.labels(written.kind, written.labels, &written.name, &files[0])?;
        let metrics = self.metrics(written.kind, written.metrics)?;
        let positive = self.positive(written.positive, &labels, &metrics)?;
        let relations = self.relations(written.relations, &written.name, &labels)?;
        Ok(Task { name: written.name, kind: written.kind, labels, positive, metrics, files, relations })
    }
}
