//! One column's values as text, nulls apart. Strings, integers, floats and truth values are read, as they would stand in a CSV file;
//! a wanted column of anything else is refused by name.

use super::guarded::{Guarded, GuardedPages, too_much};
use ::parquet::basic::{ConvertedType, LogicalType, Type};
use ::parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use ::parquet::data_type::{ByteArray, DataType};
use ::parquet::errors::{ParquetError, Result};
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::schema::types::ColumnDescriptor;

/// Values decoded at once.
const BATCH: usize = 1024;

/// The values of column `place` in all row groups; of an integer column with class names, the names. Every value is paid for out
/// of `budget`, in bytes.
pub(super) fn column(
    reader: &SerializedFileReader<Guarded>,
    place: usize,
    names: Option<&[String]>,
    budget: &mut usize,
) -> Result<Vec<Option<String>>> {
    let column = reader.metadata().file_metadata().schema_descr().column(place);
    check_kind(&column)?;
    let mut cells = Cells { column: &column, names, all: Vec::new(), budget };
    for group in 0..reader.num_row_groups() {
        let chunk = reader.metadata().row_group(group).column(place);
        let dictionary = chunk.dictionary_page_offset().unwrap_or(0);
        // The library takes it for granted that none is negative, and panics.
        if [chunk.data_page_offset(), chunk.compressed_size(), dictionary].iter().any(|&bytes| bytes < 0) {
            return Err(too_much());
        }
        let pages = reader.get_row_group(group)?.get_column_page_reader(place)?;
        let pages = Box::new(GuardedPages { pages, kind: column.physical_type() });
        match get_column_reader(column.clone(), pages) {
            ColumnReader::BoolColumnReader(reader) => cells.read(reader, |truth| Ok(Some(truth.to_string()))),
            ColumnReader::Int32ColumnReader(reader) if is_unsigned(&column) => {
                cells.read_integers(reader, |&value| i64::from(value as u32))
            }
            ColumnReader::Int32ColumnReader(reader) => cells.read_integers(reader, |&value| i64::from(value)),
            ColumnReader::Int64ColumnReader(reader) if is_unsigned(&column) => {
                cells.read(reader, |&value| Ok(Some((value as u64).to_string())))
            }
            ColumnReader::Int64ColumnReader(reader) => cells.read_integers(reader, |&value| value),
            ColumnReader::FloatColumnReader(reader) => {
                cells.read(reader, |value| Ok(Some(value.to_string())))
            }
            ColumnReader::DoubleColumnReader(reader) => {
                cells.read(reader, |value| Ok(Some(value.to_string())))
            }
            ColumnReader::ByteArrayColumnReader(reader) => cells.read(reader, string),
            _ => Err(unreadable(&column)),
        }?;
    }
    Ok(cells.all)
}

/// The column as far as it is read.
struct Cells<'a> {
    column: &'a ColumnDescriptor,
    names: Option<&'a [String]>,
    all: Vec<Option<String>>,
    budget: &'a mut usize,
}

impl Cells<'_> {
    /// Reads integers, which may stand for classes: then -1 says that there is none.
    fn read_integers<T: DataType>(
        &mut self,
        reader: ColumnReaderImpl<T>,
        integer: impl Fn(&T::T) -> i64,
    ) -> Result<()> {
        let (names, column) = (self.names, self.column);
        self.read(reader, |value| {
            let value = integer(value);
            let Some(names) = names else { return Ok(Some(value.to_string())) };
            let name = usize::try_from(value).ok().and_then(|class| names.get(class));
            match (value, name) {
                (-1, _) => Ok(None),
                (_, Some(name)) => Ok(Some(name.clone())),
                (_, None) => Err(ParquetError::General(format!(
                    "column `{}` has the class {value}, but only {} classes are named",
                    column.path().string(),
                    names.len()
                ))),
            }
        })
    }

    fn read<T: DataType>(
        &mut self,
        mut reader: ColumnReaderImpl<T>,
        written: impl Fn(&T::T) -> Result<Option<String>>,
    ) -> Result<()> {
        let optional = self.column.max_def_level();
        let (mut values, mut levels) = (Vec::new(), Vec::new());
        loop {
            values.clear();
            levels.clear();
            let (records, ..) = reader.read_records(BATCH, Some(&mut levels), None, &mut values)?;
            if records == 0 {
                return Ok(());
            }
            // A column without nulls has no levels; else a value stands where the level is the highest.
            let mut values = values.iter();
            for place in 0..records {
                let is_there = optional == 0 || levels.get(place) == Some(&optional);
                let cell = match is_there.then(|| values.next()).flatten() {
                    Some(value) => written(value)?,
                    None => None,
                };
                let cost = size_of_val(&cell) + cell.as_ref().map_or(0, String::len);
                *self.budget = self.budget.checked_sub(cost).ok_or_else(too_much)?;
                self.all.push(cell);
            }
        }
    }
}

fn string(value: &ByteArray) -> Result<Option<String>> {
    match std::str::from_utf8(value.data()) {
        Ok(text) => Ok(Some(text.to_owned())),
        Err(_) => Err(ParquetError::General("a text is not UTF-8".to_owned())),
    }
}

fn is_unsigned(column: &ColumnDescriptor) -> bool {
    matches!(column.logical_type_ref(), Some(LogicalType::Integer(kind)) if !kind.is_signed)
        || matches!(
            column.converted_type(),
            ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64
        )
}

/// Whether a column is one of plain values; a decimal or a date is stored as an integer and is none.
fn check_kind(column: &ColumnDescriptor) -> Result<()> {
    use ConvertedType::{
        ENUM, INT_8, INT_16, INT_32, INT_64, JSON, NONE, UINT_8, UINT_16, UINT_32, UINT_64, UTF8,
    };
    let is_plain = matches!(
        column.converted_type(),
        NONE | UTF8 | ENUM | JSON | INT_8 | INT_16 | INT_32 | INT_64 | UINT_8 | UINT_16 | UINT_32 | UINT_64
    );
    let is_plain = is_plain
        && matches!(
            column.logical_type_ref(),
            None | Some(
                LogicalType::String | LogicalType::Enum | LogicalType::Json | LogicalType::Integer(_)
            )
        );
    let is_single = column.max_rep_level() == 0;
    let is_read = !matches!(column.physical_type(), Type::INT96 | Type::FIXED_LEN_BYTE_ARRAY);
    if is_plain && is_single && is_read { Ok(()) } else { Err(unreadable(column)) }
}

fn unreadable(column: &ColumnDescriptor) -> ParquetError {
    ParquetError::General(format!(
        "column `{}` holds neither texts nor numbers nor truth values; write it as text",
        column.path().string()
    ))
}
