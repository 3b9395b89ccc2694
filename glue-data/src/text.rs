//! Running text, to train a model on without labels: documents, each a sequence of pieces such as sentences or lines.
//!
//! A file's blank lines separate its documents. One that has none is a list of lines, each a document. So both are read
//! without a setting: prose with blank lines between its paragraphs, and a sentence a line.

mod packing;

pub use packing::pack;

use crate::error::Error;
use crate::reader;
use crate::task::Task;
use std::path::Path;

/// Pieces of text that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The pieces in order, none of them blank.
    pub pieces: Vec<String>,
}

/// The documents of a file or a task.
#[derive(Clone, Debug)]
pub struct Text {
    /// What the file or task is called.
    pub name: String,
    /// The hash of the file.
    pub hash: String,
    /// The documents, at least one.
    pub documents: Vec<Document>,
}

impl Text {
    /// Reads a text file.
    ///
    /// # Errors
    /// If it cannot be read, is not UTF-8, or has no line that is not blank.
    pub fn read(file: &Path) -> Result<Text, Error> {
        let unreadable = |source| Error::Unreadable { file: file.to_owned(), source };
        let bytes = std::fs::read(file).map_err(unreadable)?;
        let (text, _) = reader::text(file, &bytes)?;
        let documents = documents(text);
        if documents.is_empty() {
            return Err(Error::NoText { file: file.to_owned() });
        }
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Text { name, hash: blake3::hash(&bytes).to_hex().to_string(), documents })
    }

    /// The texts of a task's training rows, a document a row; labels are not looked at.
    ///
    /// # Errors
    /// If the split cannot be read.
    pub fn of_task(task: &Task) -> Result<Text, Error> {
        let split = task.read("train")?;
        let rows = split.examples.into_iter();
        let documents: Vec<Document> = rows
            .filter_map(|row| Document::of([Some(row.text_a), row.text_b].into_iter().flatten()))
            .collect();
        if documents.is_empty() {
            return Err(Error::NoText { file: split.path });
        }
        Ok(Text { name: task.name.clone(), hash: split.hash, documents })
    }
}

impl Document {
    /// The pieces that are not blank, if there are any.
    fn of(pieces: impl Iterator<Item = String>) -> Option<Document> {
        let pieces: Vec<String> = pieces.filter(|piece| !piece.trim().is_empty()).collect();
        (!pieces.is_empty()).then_some(Document { pieces })
    }
}

fn documents(text: &str) -> Vec<Document> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let end = lines.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
    let lines = &lines[..end];
    let ends_document = |line: &&str| line.is_empty();
    let groups: Vec<&[&str]> = if lines.iter().any(ends_document) {
        lines.split(ends_document).collect()
    } else {
        lines.chunks(1).collect()
    };
    let document = |lines: &[&str]| Document::of(lines.iter().map(|&line| line.to_owned()));
    groups.into_iter().filter_map(document).collect()
}
