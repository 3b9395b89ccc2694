//! Comma-separated values with quoting: a quoted field may hold commas, doubled quotes and line ends.

use super::{Row, Table};
use crate::error::Error;
use std::path::Path;

/// Cuts a file into fields; a row's line is the one on which it begins.
pub(super) fn table(path: &Path, text: &str, header: bool) -> Result<Table<'static>, Error> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|fault| {
            let row = fault.position().map_or(0, |position| position.line() as usize);
            Error::Malformed { file: path.to_owned(), row, reason: fault.to_string() }
        })?;
        let line = record.position().map_or(0, |position| position.line() as usize);
        rows.push(Row { line, fields: record.iter().map(|field| field.to_owned().into()).collect() });
    }
    let names = (header && !rows.is_empty()).then(|| rows.remove(0).fields);
    Ok(Table { names, rows })
}
