//! `written.tsv`: rows that a model wrote from gold ones and what became of them, for a person to look at. Nothing reads it.
//!
//! The one decision: it has the first rows and no more, so that a run of many copies takes no more room than one of few.

use std::io::Write;
use std::path::Path;

use mtlift_files::write_atomically;

use crate::Error;

/// The most rows that are in the table.
pub(crate) const MOST_ROWS: usize = 200;

/// A row that a model wrote.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WrittenRow {
    /// The index of the gold row, as its task gives it.
    pub(crate) gold: String,
    /// Which of its copies it is, from 0.
    pub(crate) copy: usize,
    /// `kept`, or the filter that dropped it.
    pub(crate) outcome: &'static str,
    /// The label that it was given.
    pub(crate) label: String,
    /// The label of the gold row.
    pub(crate) gold_label: String,
    /// The probability of the label that it was given.
    pub(crate) confidence: f64,
    /// What was written, with special tokens.
    pub(crate) text: String,
    /// From what.
    pub(crate) gold_text: String,
}

/// Writes the table.
///
/// # Errors
/// If the file cannot be written.
pub(crate) fn write_written(path: &Path, rows: &[WrittenRow]) -> Result<(), Error> {
    Ok(write_atomically(path, |file| {
        writeln!(file, "gold\tcopy\toutcome\tlabel\tgold_label\tconfidence\ttext\tgold_text")?;
        rows.iter().try_for_each(|row| {
            let WrittenRow { gold, copy, outcome, label, gold_label, confidence, text, gold_text } = row;
            writeln!(
                file,
                "{gold}\t{copy}\t{outcome}\t{label}\t{gold_label}\t{confidence:.4}\t{text}\t{gold_text}"
            )
        })
    })?)
}
