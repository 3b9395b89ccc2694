//! From a file's bytes to all its columns: what `parse` leaves out is wanted here, and nothing is matched or counted.

use super::{bytes, jsonl, table, text};
use crate::error::Error;
use crate::source_table::{SourceField, SourceTable};
use crate::task::{Format, SplitFile};

/// The columns of a split's file.
pub(crate) fn source_table(task: &str, file: &SplitFile) -> Result<SourceTable, Error> {
    let bytes = bytes(task, file)?;
    let (text, _) = text(&file.path, &bytes)?;
    if file.format == Format::Jsonl {
        return jsonl::source(file, text);
    }
    let table = table(file, text)?;
    let names = match &table.names {
        Some(names) => names.iter().map(|name| name.to_string()).collect(),
        None => (0..table.width()).map(|number| number.to_string()).collect(),
    };
    let fields = |row: super::Row<'_>| {
        row.fields.into_iter().map(|field| SourceField::Text(field.into_owned())).collect()
    };
    Ok(SourceTable { names, rows: table.rows.into_iter().map(fields).collect() })
}
