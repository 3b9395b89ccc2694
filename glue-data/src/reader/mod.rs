//! From a file's bytes to examples. Each format only cuts rows into fields; finding columns, counting fields and matching
//! labels happen here, once, so that every format makes the same promises.

mod csv;
mod jsonl;
mod tsv;

use crate::error::{Error, listed};
use crate::task::{Column, Example, Format, Kind, Split, SplitFile, Target, Task};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// A file cut into fields.
struct Table<'a> {
    /// The columns' names; `None` if the file has no header.
    names: Option<Vec<Cow<'a, str>>>,
    rows: Vec<Row<'a>>,
}

/// The fields of one row.
struct Row<'a> {
    /// The 1-based line on which it begins.
    line: usize,
    fields: Vec<Cow<'a, str>>,
}

/// Where the wanted columns stand, as indices into a row's fields.
struct Places {
    text_a: usize,
    text_b: Option<usize>,
    label: Option<usize>,
    index: Option<usize>,
}

/// The rows in the bytes of one file of a task.
pub(crate) fn parse(task: &Task, file: &SplitFile, bytes: &[u8]) -> Result<Split, Error> {
    let hash = blake3::hash(bytes).to_hex().to_string();
    let (text, byte_order_mark) = text(&file.path, bytes)?;
    let table = table(file, text)?;
    let places = places(file, &table)?;
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
        let field = |place: usize| row.fields[place].to_string();
        examples.push(Example {
            text_a: field(places.text_a),
            text_b: places.text_b.map(field),
            target: places.label.map(|at| target(task, file, row.line, &row.fields[at])).transpose()?,
            index: places.index.map_or_else(|| examples.len().to_string(), field),
            line: row.line,
        });
    }
    if examples.is_empty() {
        return Err(Error::EmptyFile { file: file.path.clone() });
    }
    Ok(Split { path: file.path.clone(), examples, hash, skipped, byte_order_mark })
}

/// The distinct labels of a file, sorted.
pub(crate) fn labels(task: &str, file: &SplitFile) -> Result<BTreeSet<String>, Error> {
    let bytes = bytes(task, file)?;
    let (text, _) = text(&file.path, &bytes)?;
    let table = table(file, text)?;
    let place = places(file, &table)?.label.expect("the caller asks only where there is a label column");
    Ok(table.rows.iter().filter_map(|row| row.fields.get(place)).map(|label| label.to_string()).collect())
}

/// A file, or what stands in its place.
pub(crate) fn bytes(task: &str, file: &SplitFile) -> Result<Vec<u8>, Error> {
    if let Some(rows) = &file.demo {
        return Ok(rows.bytes());
    }
    fs::read(&file.path).map_err(|source| match source.kind() {
        ErrorKind::NotFound => {
            Error::MissingFile { task: task.to_owned(), split: file.split.clone(), file: file.path.clone() }
        }
        _ => Error::Unreadable { file: file.path.clone(), source },
    })
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

fn table<'a>(file: &SplitFile, text: &'a str) -> Result<Table<'a>, Error> {
    let table = match file.format {
        Format::Tsv => tsv::table(&file.path, text, file.header)?,
        Format::Csv => csv::table(&file.path, text, file.header)?,
        Format::Jsonl => jsonl::table(file, text)?,
    };
    if table.rows.is_empty() {
        return Err(Error::EmptyFile { file: file.path.clone() });
    }
    Ok(table)
}

impl Table<'_> {
    /// The number of fields each row must have.
    fn width(&self) -> usize {
        self.names.as_ref().or(self.rows.first().map(|row| &row.fields)).map_or(0, Vec::len)
    }
}

fn places(file: &SplitFile, table: &Table) -> Result<Places, Error> {
    let columns = &file.columns;
    let find = |column: &Column| place(&file.path, column, table);
    Ok(Places {
        text_a: find(&columns.text_a)?,
        text_b: columns.text_b.as_ref().map(find).transpose()?,
        label: match columns.label.as_ref().map(find).transpose() {
            Err(Error::MissingColumn { .. }) if file.may_lack_labels => None,
            found => found?,
        },
        index: columns.index.as_ref().map(find).transpose()?,
    })
}

fn place(path: &Path, column: &Column, table: &Table) -> Result<usize, Error> {
    let (width, names) = (table.width(), table.names.as_deref());
    let found = match (column, names) {
        (Column::Number(number), _) => {
            let from_start = if *number < 0 { number + width as i64 } else { *number };
            usize::try_from(from_start).ok().filter(|&place| place < width)
        }
        (Column::Name(name), Some(names)) => {
            let count = names.iter().filter(|there| *there == name).count();
            if count > 1 {
                return Err(Error::RepeatedColumn { file: path.to_owned(), column: name.clone(), count });
            }
            names.iter().position(|there| there == name)
        }
        (Column::Name(_), None) => None,
    };
    found.ok_or_else(|| Error::MissingColumn {
        file: path.to_owned(),
        column: column.to_string(),
        there: match names {
            Some(names) => format!("the columns are {}", listed(names)),
            None => format!("without a header the columns are the numbers 0 to {}", width.saturating_sub(1)),
        },
    })
}

fn target(task: &Task, file: &SplitFile, row: usize, field: &str) -> Result<Target, Error> {
    match task.kind {
        Kind::Classification => {
            task.labels.iter().position(|label| label == field).map(Target::Class).ok_or_else(|| {
                let (file, found, allowed) = (file.path.clone(), field.to_owned(), listed(&task.labels));
                Error::UnknownLabel { file, row, found, allowed }
            })
        }
        Kind::Regression => match field.trim().parse::<f32>() {
            Ok(value) if value.is_finite() => Ok(Target::Value(value)),
            _ => Err(Error::NotANumber { file: file.path.clone(), row, found: field.to_owned() }),
        },
    }
}
