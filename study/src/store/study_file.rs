//! `study.json`: what was asked, with the number of its format. An older one is read, a newer one is refused by name.

use std::path::Path;

use mtlift_files::{read_record, write_record};
use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::spec::Spec;

/// The key of the number; a file of 0.1.0 has none, and is of format 1.
const FORMAT: &str = "format";
/// What is written. A key of the file may be added to a format if it has a default.
const NEWEST: u64 = 2;

/// Reads a study's question.
pub(super) fn read(file: &Path) -> Result<Spec, Error> {
    let mut fields: Map<String, Value> = read_record(file)?;
    let damaged = |what: String| mtlift_files::Error::Record { file: file.to_owned(), what };
    match fields.remove(FORMAT) {
        None => {}
        Some(format) => match format.as_u64() {
            Some(1..=NEWEST) => {}
            Some(found) if found > NEWEST => {
                return Err(Error::NewerStudy { file: file.to_owned(), found, known: NEWEST });
            }
            _ => return Err(damaged(format!("`format` is {format}, expected a number from 1")).into()),
        },
    }
    Ok(serde_json::from_value(fields.into()).map_err(|fault| damaged(fault.to_string()))?)
}

/// Writes a study's question.
pub(super) fn write(file: &Path, spec: &Spec) -> Result<(), Error> {
    let mut json = json!(spec);
    json[FORMAT] = NEWEST.into();
    Ok(write_record(file, &json)?)
}
