//! Comma-separated values with quoting: a quoted field may hold commas, doubled quotes and line ends. Empty lines are no
//! rows.

use super::{Row, Table};
use crate::error::Error;
use crate::task::SplitFile;
use std::borrow::Cow;

/// Cuts a file into fields; a row's line is the one on which it begins.
pub(super) fn table<'a>(file: &SplitFile, text: &'a str) -> Result<Table<'a>, Error> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(file.delimiter.unwrap_or(b','))
        .from_reader(text.as_bytes());
    let (mut names, mut rows) = (None, Vec::new());
    let (mut line, mut counted_to) = (1, 0);
    for record in reader.records() {
        let record = record.map_err(|fault| {
            let reason = fault.to_string();
            Error::Malformed { file: file.path.clone(), row: line, reason }
        })?;
        // The reader's own line is that of the last record's end, which with `\r\n` or empty lines is not this one.
        let from = record.position().map_or(counted_to, |position| position.byte() as usize);
        let begin = text.len() - text[from..].trim_start_matches(['\r', '\n']).len();
        line += text[counted_to..begin].matches('\n').count();
        counted_to = begin;
        let fields = record.iter().map(|field| Cow::from(field.to_owned()));
        if file.header && names.is_none() {
            names = Some(fields.collect());
        } else {
            rows.push(Row { line, fields: fields.map(Some).collect() });
        }
    }
    if let Some(last) = rows.last()
        && last.fields.last().is_some_and(|field| field.as_deref().is_some_and(|text| text.contains('\n')))
        && !text.trim_end().ends_with('"')
    {
        let reason = "a quote opened in this row is never closed".to_owned();
        return Err(Error::Malformed { file: file.path.clone(), row: last.line, reason });
    }
    Ok(Table { names, rows })
}
