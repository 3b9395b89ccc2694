//! Parquet, read column by column with the `parquet` crate, without Arrow. A column's name is its path (`meta.label`), its values
//! become the text that a CSV file would have, and an integer column with a `ClassLabel` becomes label names.
//!
//! The file may come from anywhere: sizes are checked before memory is taken (`guarded`), and a panic of the library is an error.

mod cells;
mod class_label;
mod guarded;

use super::columns::column_number;
use super::{Field, Row, Table, most_bytes, signature};
use crate::error::Error;
use crate::task::{Column, SplitFile};
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use bytes::Bytes;
use class_label::ClassLabels;
use guarded::Guarded;
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::vec::IntoIter;

/// Reads a file's wanted columns; the others have no values.
pub(super) fn table<'a>(file: &SplitFile, bytes: &[u8]) -> Result<Table<'a>, Error> {
    columns(file, bytes, |place, name, width| is_wanted(file, place, name, width))
}

/// Reads all columns of a file.
pub(super) fn whole_table<'a>(file: &SplitFile, bytes: &[u8]) -> Result<Table<'a>, Error> {
    columns(file, bytes, |_, _, _| true)
}

fn columns<'a>(
    file: &SplitFile,
    bytes: &[u8],
    is_wanted: impl Fn(usize, &str, usize) -> bool,
) -> Result<Table<'a>, Error> {
    guarded(file, bytes, |reader| {
        let schema = reader.metadata().file_metadata().schema_descr();
        let class_labels = ClassLabels::read(reader.metadata().file_metadata());
        let names: Vec<String> = schema.columns().iter().map(|column| column.path().string()).collect();
        let mut budget = most_bytes(bytes.len());
        let mut columns: Vec<Option<IntoIter<Option<String>>>> = Vec::with_capacity(names.len());
        let rows = total_rows(reader, names.len(), &mut budget)?;
        for (place, name) in names.iter().enumerate() {
            columns.push(if is_wanted(place, name, names.len()) {
                let cells = cells::column(reader, place, class_labels.of(name).as_deref(), &mut budget)?;
                if cells.len() != rows {
                    let what = format!("column `{name}` has {} values for {rows} rows", cells.len());
                    return Err(ParquetError::General(what));
                }
                Some(cells.into_iter())
            } else {
                None
            });
        }
        let mut field = |column: &mut Option<IntoIter<Option<String>>>| -> Field<'a> {
            column.as_mut()?.next().flatten().map(Cow::from)
        };
        let row = |row| Row { line: row + 1, fields: columns.iter_mut().map(&mut field).collect() };
        Ok(Table {
            rows: (0..rows).map(row).collect(),
            names: Some(names.into_iter().map(Cow::from).collect()),
        })
    })
}

/// The names that the file itself gives to the classes of a column, in its order.
pub(super) fn label_names(
    file: &SplitFile,
    bytes: &[u8],
    label: &Column,
) -> Result<Option<Vec<String>>, Error> {
    guarded(file, bytes, |reader| {
        let of_file = reader.metadata().file_metadata();
        let columns = of_file.schema_descr().columns();
        let name = match label {
            Column::Name(name) => Some(name.clone()),
            Column::Number(number) => {
                column_number(*number, columns.len()).map(|place| columns[place].path().string())
            }
        };
        let class_labels = ClassLabels::read(of_file);
        Ok(name.and_then(|name| class_labels.of(&name)))
    })
}

/// Opens a file and looks at it; whatever the library says or does becomes an error with the file's name.
fn guarded<T>(
    file: &SplitFile,
    bytes: &[u8],
    look: impl FnOnce(&SerializedFileReader<Guarded>) -> Result<T, ParquetError>,
) -> Result<T, Error> {
    if !bytes.starts_with(b"PAR1") {
        if bytes.is_empty() {
            return Err(Error::EmptyFile { file: file.path.clone() });
        }
        signature::check(&file.path, bytes)?;
        return Err(Error::BrokenParquet {
            file: file.path.clone(),
            reason: "it does not begin with `PAR1`, as every Parquet file does".to_owned(),
        });
    }
    let all = AssertUnwindSafe(|| {
        let file = Guarded { bytes: Bytes::copy_from_slice(bytes), most: most_bytes(bytes.len()) };
        look(&SerializedFileReader::new(file)?)
    });
    let broken = |reason: String| Error::BrokenParquet { file: file.path.clone(), reason };
    match catch_unwind(all) {
        Ok(outcome) => outcome.map_err(|fault| broken(words(&fault))),
        Err(_) => Err(broken("its parts contradict each other".to_owned())),
    }
}

/// The library's message without the kind of error before it.
fn words(fault: &ParquetError) -> String {
    match fault {
        ParquetError::General(what) | ParquetError::EOF(what) | ParquetError::NYI(what) => what.clone(),
        other => other.to_string(),
    }
}

/// The file's rows, for each of which the table will have a field for every column.
fn total_rows(
    reader: &SerializedFileReader<Guarded>,
    columns: usize,
    budget: &mut usize,
) -> Result<usize, ParquetError> {
    let rows = reader
        .metadata()
        .row_groups()
        .iter()
        .try_fold(0_usize, |sum, group| sum.checked_add(usize::try_from(group.num_rows()).ok()?));
    let size = rows.and_then(|rows| rows.checked_mul(columns.saturating_mul(size_of::<Field>())));
    match (rows, size.and_then(|size| budget.checked_sub(size))) {
        (Some(rows), Some(left)) => {
            *budget = left;
            Ok(rows)
        }
        _ => Err(guarded::too_much()),
    }
}

fn is_wanted(file: &SplitFile, place: usize, name: &str, width: usize) -> bool {
    file.wanted().any(|column| match column {
        Column::Name(wanted) => wanted == name,
        Column::Number(number) => column_number(*number, width) == Some(place),
    })
}
