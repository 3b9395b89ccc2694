//! From a file's bytes to examples. Each format only cuts rows into fields; finding columns, counting fields and matching
//! labels happen here, once, so that every format makes the same promises.

mod columns;
mod csv;
mod group;
mod gzip;
mod jsonl;
mod parquet;
pub(crate) mod signature;
mod source;
mod target;
mod tsv;

use crate::error::Error;
use crate::task::{Example, Format, Source, Split, SplitFile, Task};
use std::borrow::Cow;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

pub(crate) use source::source_table;
pub(crate) use target::{Labels, labels};

/// What stands in a row's column; `None` where the file says that nothing does (`null`).
type Field<'a> = Option<Cow<'a, str>>;

/// A file cut into fields.
struct Table<'a> {
    /// The columns' names; `None` if the file has no header.
    names: Option<Vec<Cow<'a, str>>>,
    rows: Vec<Row<'a>>,
}

/// The fields of one row.
struct Row<'a> {
    /// The 1-based line on which it begins; in Parquet, which has no lines, the row's number from 1.
    line: usize,
    fields: Vec<Field<'a>>,
}

/// The rows in the bytes of one file of a task.
pub(crate) fn parse(task: &Task, file: &SplitFile, bytes: &[u8]) -> Result<Split, Error> {
    let hash = blake3::hash(bytes).to_hex().to_string();
    let (table, byte_order_mark) = table(file, bytes)?;
    let places = columns::places(file, &table)?;
    columns::check_header(task, file, &table, &places)?;
    let width = table.width();
    let (mut examples, mut skipped) = (Vec::with_capacity(table.rows.len()), Vec::new());
    for row in table.rows {
        if row.fields.len() != width {
            if file.skip_broken_rows {
                skipped.push(row.line);
                continue;
            }
            let (expected, found) = (width, row.fields.len());
            return Err(Error::FieldCount { file: file.path.clone(), row: row.line, expected, found });
        }
        let field = |place: usize, what| {
            let missing = || Error::NoValue { file: file.path.clone(), row: row.line, what };
            row.fields[place].as_deref().map(str::to_owned).ok_or_else(missing)
        };
        examples.push(Example {
            text_a: field(places.text_a, "text")?,
            text_b: places.text_b.map(|place| field(place, "second text")).transpose()?,
            target: match places.label {
                Some(place) => target::target(task, file, row.line, row.fields[place].as_deref())?,
                None => None,
            },
            group: match places.group {
                Some(place) => group::in_column(file, row.line, row.fields[place].as_deref())?,
                None => None,
            },
            index: match places.index {
                Some(place) => target::index(file, row.line, field(place, "index")?)?,
                None => examples.len().to_string(),
            },
            line: row.line,
        });
    }
    if examples.is_empty() {
        return Err(Error::EmptyFile { file: file.path.clone() });
    }
    group::set_by_words(task, file, &mut examples)?;
    group::check_count(file, &examples)?;
    Ok(Split { path: file.path.clone(), examples, hash, skipped, byte_order_mark })
}

/// The file's content, decompressed; or what stands in its place.
pub(crate) fn bytes(task: &str, file: &SplitFile) -> Result<Vec<u8>, Error> {
    let bytes = match &file.source {
        Source::Demo(rows) => return Ok(rows.bytes()),
        Source::Memory(bytes) => bytes.to_vec(),
        Source::File => fs::read(&file.path).map_err(|source| match source.kind() {
            ErrorKind::NotFound => Error::MissingFile {
                task: task.to_owned(),
                split: file.split.clone(),
                file: file.path.clone(),
            },
            _ => Error::Unreadable { file: file.path.clone(), source },
        })?,
    };
    gzip::decompressed(&file.path, bytes)
}

/// The most that a compressed file of this size may become, so that a few kilobytes cannot fill the memory: text shrinks by
/// three to ten times, rows that repeat by a hundred.
fn most_bytes(compressed: usize) -> usize {
    compressed.saturating_mul(128).max(256 << 20)
}

/// The text without its byte-order mark, and whether there was one.
pub(crate) fn text<'a>(path: &Path, bytes: &'a [u8]) -> Result<(&'a str, bool), Error> {
    let text = std::str::from_utf8(bytes).map_err(|fault| {
        let at = fault.valid_up_to();
        let before = &bytes[..at];
        let row = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
        let byte = at - before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1) + 1;
        Error::NotUtf8 { file: path.to_owned(), row, byte, found: bytes[at] }
    })?;
    Ok(text.strip_prefix('\u{feff}').map_or((text, false), |rest| (rest, true)))
}

/// The file cut into fields, and whether it began with a byte-order mark.
fn table<'a>(file: &SplitFile, bytes: &'a [u8]) -> Result<(Table<'a>, bool), Error> {
    if file.format == Format::Parquet {
        return Ok((parquet::table(file, bytes)?, false));
    }
    signature::check(&file.path, bytes)?;
    let (text, mark) = text(&file.path, bytes)?;
    let table = match file.format {
        Format::Tsv => tsv::table(file, text)?,
        Format::Csv => csv::table(file, text)?,
        Format::Jsonl | Format::Parquet => jsonl::table(file, text)?,
    };
    if table.rows.is_empty() {
        return Err(Error::EmptyFile { file: file.path.clone() });
    }
    Ok((table, mark))
}

impl Table<'_> {
    /// The number of fields each row must have.
    fn width(&self) -> usize {
        let of_names = self.names.as_ref().map(Vec::len);
        of_names.or(self.rows.first().map(|row| row.fields.len())).unwrap_or(0)
    }
}
