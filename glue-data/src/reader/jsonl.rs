//! One JSON object a line. The first object's keys are the columns; a later one may have others, but not lack a wanted
//! one.

use super::{Row, Table};
use crate::error::{Error, listed};
use crate::task::{Column, SplitFile};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Cuts a file into fields, those of unwanted keys being empty.
pub(super) fn table(file: &SplitFile, text: &str) -> Result<Table<'static>, Error> {
    let (mut names, mut rows) = (None::<Vec<Cow<'static, str>>>, Vec::new());
    let text = text.trim_end();
    if text.is_empty() {
        return Ok(Table { names, rows });
    }
    for (i, line) in text.split('\n').enumerate() {
        let malformed = |reason| Error::Malformed { file: file.path.clone(), row: i + 1, reason };
        let object: Map<String, Value> = serde_json::from_str(line).map_err(|fault| {
            malformed(format!("not a JSON object (column {}): {}", fault.column(), what(&fault)))
        })?;
        let names = names.get_or_insert_with(|| object.keys().cloned().map(Cow::from).collect());
        let field = |key: &Cow<'static, str>| match object.get(key.as_ref()) {
            _ if !is_wanted(file, key) => Ok(Cow::from("")),
            Some(Value::String(text)) => Ok(text.clone().into()),
            Some(Value::Number(number)) => Ok(number.to_string().into()),
            Some(Value::Bool(truth)) => Ok(truth.to_string().into()),
            Some(_) => Err(malformed(format!("`{key}` is neither a string nor a number"))),
            None => Err(malformed(format!("there is no `{key}`; the keys are {}", listed(object.keys())))),
        };
        rows.push(Row { line: i + 1, fields: names.iter().map(field).collect::<Result<_, _>>()? });
    }
    Ok(Table { names, rows })
}

fn is_wanted(file: &SplitFile, key: &str) -> bool {
    file.columns.all().any(|column| matches!(column, Column::Name(name) if name == key))
}

/// The parser's message without its position, which counts from the start of the line.
fn what(fault: &serde_json::Error) -> String {
    let message = fault.to_string();
    message.split(" at line ").next().unwrap_or_default().to_owned()
}
