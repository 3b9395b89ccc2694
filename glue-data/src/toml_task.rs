//! A user's task from a TOML file. Strict on purpose: an unknown key, an unlisted label order or a label column that is
//! also a text is an error here, before any long work starts.

mod files;
mod groups;
mod heads;
mod labels;
mod name;
mod relations;

use crate::error::Error;
use crate::reader::signature;
use crate::task::{Column, Columns, Format, GroupRule, HeadOf, Kind, Relations, Task};
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) use heads::find;

/// The file as written.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    kind: Option<Kind>,
    labels: Option<Vec<Label>>,
    positive: Option<Label>,
    metrics: Option<Vec<String>>,
    format: Option<Format>,
    delimiter: Option<String>,
    header: Option<bool>,
    text: Option<Column>,
    text_a: Option<Column>,
    text_b: Option<Column>,
    label: Option<Column>,
    index: Option<Column>,
    group: Option<Column>,
    groups: Option<WrittenGroups>,
    files: Files,
    #[serde(default)]
    split: Fractions,
    #[serde(default)]
    relations: Relations,
    #[serde(default)]
    heads: Vec<heads::Written>,
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

/// Reads and checks a task file: the task that it describes, or a task for each of its heads.
pub(crate) fn read(path: &Path) -> Result<Vec<Task>, Error> {
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
    Reader { path, head: None }.tasks(written)
}

/// Turns what is written into tasks; knows the file for its messages and for relative paths.
struct Reader<'a> {
    path: &'a Path,
    /// The head that messages are about, where they are about one.
    head: Option<&'a str>,
}

/// What a task, or one head of several, asks for.
struct Asked {
    name: String,
    kind: Kind,
    label: Column,
    labels: Option<Vec<Label>>,
    positive: Option<Label>,
    metrics: Option<Vec<String>>,
    groups: Option<GroupRule>,
    relations: Relations,
    head_of: Option<HeadOf>,
}

/// Where the rows are, which the heads of a file have in common.
struct Rows {
    text_a: Column,
    text_b: Option<Column>,
    index: Option<Column>,
    format: Option<Format>,
    delimiter: Option<u8>,
    header: Option<bool>,
    files: Files,
    split: Fractions,
}

/// What a task finds in the rows.
struct Found {
    columns: Columns,
    groups: Option<GroupRule>,
}

impl Reader<'_> {
    fn fault(&self, reason: impl Into<String>) -> Error {
        let head = self.head.map_or_else(String::new, |head| format!("head `{head}`: "));
        let reason: String = reason.into();
        Error::TomlTask { file: self.path.to_owned(), reason: head + &reason }
    }

    fn tasks(&self, written: Written) -> Result<Vec<Task>, Error> {
        self.check_name(&written.name)?;
        let (text_a, text_b) = match (written.text, written.text_a, written.text_b) {
            (Some(text), None, None) => (text, None),
            (None, Some(text_a), Some(text_b)) => (text_a, Some(text_b)),
            _ => return Err(self.fault("give either `text`, or both `text_a` and `text_b`")),
        };
        let rows = Rows {
            text_a,
            text_b,
            index: written.index,
            format: written.format,
            delimiter: self.delimiter(written.delimiter.as_deref())?,
            header: written.header,
            files: written.files,
            split: written.split,
        };
        let Written { name, kind, label, labels, positive, metrics, group, groups, relations, heads, .. } =
            written;
        if !heads.is_empty() {
            let of_all = [
                ("kind", kind.is_some()),
                ("label", label.is_some()),
                ("labels", labels.is_some()),
                ("positive", positive.is_some()),
                ("metrics", metrics.is_some()),
            ];
            if let Some((key, _)) = of_all.iter().find(|(_, is_given)| *is_given) {
                return Err(
                    self.fault(format!("`{key}` is for a task without [[heads]]: give it to each head"))
                );
            }
            let of_tasks = [
                ("`group`", group.is_some()),
                ("[groups]", groups.is_some()),
                ("[relations]", !relations.is_empty()),
                ("[files] `unlabelled`", rows.files.unlabelled.is_some()),
            ];
            if let Some((key, _)) = of_tasks.iter().find(|(_, is_given)| *is_given) {
                let reason = format!(
                    "{key} is for a task without [[heads]]: leave it out, or give its column a task file of its own"
                );
                return Err(self.fault(reason));
            }
            return self.heads(&name, heads, &rows);
        }
        let Some(kind) = kind else {
            return Err(self.fault("`kind` is not given: `classification` or `regression`"));
        };
        let Some(label) = label else {
            return Err(self.fault("`label` is not given: the column of the label, or else [[heads]]"));
        };
        let groups = self.groups(kind, group, groups, &rows)?;
        let asked = Asked { name, kind, label, labels, positive, metrics, groups, relations, head_of: None };
        Ok(vec![self.task(asked, &rows)?])
    }

    fn task(&self, asked: Asked, rows: &Rows) -> Result<Task, Error> {
        let Asked { name, kind, label, labels, positive, metrics, groups, relations, head_of } = asked;
        if label == rows.text_a || Some(&label) == rows.text_b.as_ref() {
            return Err(self.fault(format!("column {label} is both the label and a text")));
        }
        let columns = Columns {
            text_a: rows.text_a.clone(),
            text_b: rows.text_b.clone(),
            label: Some(label),
            index: rows.index.clone(),
        };
        let files = self.files(rows, &Found { columns, groups })?;
        let labels = self.labels(kind, labels, &name, &files[0])?;
        let metrics = self.metrics(kind, metrics)?;
        let positive = self.positive(positive, &labels, &metrics)?;
        let relations = self.relations(relations, &name, &labels)?;
        Ok(Task { name, kind, labels, positive, metrics, files, relations, head_of })
    }
}
