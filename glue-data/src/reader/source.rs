//! From a file's bytes to all its columns: what `parse` leaves out is wanted here, and nothing is matched or counted.

use super::{bytes, jsonl, parquet, table, text};
use crate::error::Error;
use crate::source_table::{SourceField, SourceTable};
use crate::task::{Format, SplitFile};

/// The columns of a split's file.
pub(crate) fn source_table(task: &str, file: &SplitFile) -> Result<SourceTable, Error> {
    let bytes = bytes(task, file)?;
    if file.format == Format::Jsonl {
        return jsonl::source(file, text(&file.path, &bytes)?.0);
    }
    let table = if file.format == Format::Parquet {
        parquet::whole_table(file, &bytes)?
    } else {
        table(file, &bytes)?.0
    };
    let names = match &table.names {
        Some(names) => names.iter().map(|name| name.to_string()).collect(),
        None => (0..table.width()).map(|number| number.to_string()).collect(),
    };
    let field = |field: super::Field<'_>| match field {
        Some(text) => SourceField::Text(text.into_owned()),
        None => SourceField::Absent,
    };
    let rows = table.rows.into_iter().map(|row| row.fields.into_iter().map(field).collect()).collect();
    Ok(SourceTable { names, rows })
}
