//! One JSON object a line. The first object's keys are the columns; a later one may have others, but not lack a wanted
//! one.

use super::{Row, Table};
use crate::error::{Error, listed};
use crate::source_table::{SourceField, SourceTable};
use crate::task::{Column, SplitFile};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::fmt;

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

/// All fields of all rows, each as it is written. Which lines are rows, and that they are objects, [`table`] has checked.
pub(super) fn source(file: &SplitFile, text: &str) -> Result<SourceTable, Error> {
    let (mut names, mut objects) = (Vec::new(), Vec::new());
    for (i, line) in text.trim_end().split('\n').enumerate() {
        let Object(fields) = serde_json::from_str(line).map_err(|fault| Error::Malformed {
            file: file.path.clone(),
            row: i + 1,
            reason: what(&fault),
        })?;
        for (key, _) in &fields {
            if !names.contains(key) {
                names.push(key.clone());
            }
        }
        objects.push(fields);
    }
    let field = |object: &Vec<(String, Box<RawValue>)>, name: &String| {
        // Of a key that is there twice the last counts, as everywhere.
        let value = object.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.get());
        value.map_or(SourceField::Absent, |value| match serde_json::from_str(value) {
            Ok(text) => SourceField::Text(text),
            Err(_) => SourceField::Json(value.to_owned()),
        })
    };
    let rows = objects.iter().map(|object| names.iter().map(|name| field(object, name)).collect()).collect();
    Ok(SourceTable { names, rows })
}

/// A JSON object in its own order and spelling.
struct Object(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Object(fields))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

fn is_wanted(file: &SplitFile, key: &str) -> bool {
    file.columns.all().any(|column| matches!(column, Column::Name(name) if name == key))
}

/// The parser's message without its position, which counts from the start of the line.
fn what(fault: &serde_json::Error) -> String {
    let message = fault.to_string();
    message.split(" at line ").next().unwrap_or_default().to_owned()
}
