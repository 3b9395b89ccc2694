//! JSON in files: what others wrote, and the records that this program writes and reads itself. The two differ in what
//! their faults mean to a user: a file to mend, or one that was damaged.

use std::fs;
use std::io::Write;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Error, other_format, write_atomically};

/// All bytes of a file.
///
/// # Errors
/// If it cannot be read.
pub fn read_bytes(file: &Path) -> Result<Vec<u8>, Error> {
    fs::read(file).map_err(|source| Error::Unreadable { file: file.to_owned(), source })
}

/// The text of a file.
///
/// # Errors
/// If it cannot be read or is not UTF-8.
pub fn read_text(file: &Path) -> Result<String, Error> {
    fs::read_to_string(file).map_err(|source| Error::Unreadable { file: file.to_owned(), source })
}

/// Reads JSON that somebody else wrote.
///
/// # Errors
/// If the file cannot be read, or is not JSON of this form.
pub fn read_json<T: DeserializeOwned>(file: &Path) -> Result<T, Error> {
    let bytes = read_bytes(file)?;
    serde_json::from_slice(&bytes).map_err(|source| match other_format(&bytes) {
        Some(what) => Error::OtherFormat { file: file.to_owned(), what },
        None => Error::Json { file: file.to_owned(), source },
    })
}

/// Reads a record that [`write_record`] wrote.
///
/// # Errors
/// If the file cannot be read, or is not such a record.
pub fn read_record<T: DeserializeOwned>(file: &Path) -> Result<T, Error> {
    let bytes = read_bytes(file)?;
    serde_json::from_slice(&bytes)
        .map_err(|fault| Error::Record { file: file.to_owned(), what: fault.to_string() })
}

/// Writes a record as indented JSON that ends with a line break, whole or not at all.
///
/// # Errors
/// If the file cannot be written, or the record is no JSON (a map whose keys are not text).
pub fn write_record(file: &Path, record: &impl Serialize) -> Result<(), Error> {
    write_atomically(file, |to| {
        serde_json::to_writer_pretty(&mut *to, record)?;
        writeln!(to)
    })
}
