//! `twins.tsv`: the first rows that a run compares with their twins, as many as in `written.tsv`, for a person to look at. Nothing reads it.

use std::io::Write;
use std::path::Path;

use mtlift_files::write_atomically;

use crate::Error;

/// A row and its twin.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TwinRow {
    /// The row's index, as its task gives it.
    pub(crate) index: String,
    /// What was written, with special tokens.
    pub(crate) twin: String,
    /// From what.
    pub(crate) text: String,
}

/// Writes the table.
///
/// # Errors
/// If the file cannot be written.
pub(crate) fn write_twins(path: &Path, rows: &[TwinRow]) -> Result<(), Error> {
    Ok(write_atomically(path, |file| {
        writeln!(file, "index\ttwin\ttext")?;
        rows.iter().try_for_each(|TwinRow { index, twin, text }| writeln!(file, "{index}\t{twin}\t{text}"))
    })?)
}
