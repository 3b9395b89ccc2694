//! One JSON object a line. The first object's keys are the columns; a later one may have others, but not lack a wanted
//! one. A wanted `meta.label` is the key of that name or else `label` within `meta`. Lines without anything are no rows.

use super::{Field, Row, Table, most_bytes};
use crate::error::{Error, listed};
use crate::source_table::{SourceField, SourceTable};
use crate::task::{Column, SplitFile};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::fmt;

/// Cuts a file into fields, those of unwanted keys being empty.
pub(super) fn table<'a>(file: &SplitFile, text: &'a str) -> Result<Table<'a>, Error> {
    let (mut names, mut rows) = (None::<Vec<Cow<'static, str>>>, Vec::new());
    for (i, line) in text.split('\n').enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let malformed = |reason| Error::Malformed { file: file.path.clone(), row: i + 1, reason };
        if names.is_none() && is_whole_document(line) {
            return Err(Error::NotText {
                file: file.path.clone(),
                what: "a JSON array, or one JSON object over many lines; JSON lines have one object a line",
                cure: "write it with `jq -c '.[]'` for an array, or `jq -c .` for objects that follow each other",
            });
        }
        let object: Map<String, Value> = serde_json::from_str(line).map_err(|fault| {
            malformed(format!("not a JSON object (column {}): {}", fault.column(), what(&fault)))
        })?;
        let names = names.get_or_insert_with(|| columns(file, &object));
        check_fields(file, i + 1, (rows.len() + 1, names.len()), text)?;
        let field = |key: &Cow<'static, str>| match find(&object, key) {
            _ if !is_wanted(file, key) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone().into())),
            Some(Value::Number(number)) => Ok(Some(number.to_string().into())),
            Some(Value::Bool(truth)) => Ok(Some(truth.to_string().into())),
            Some(Value::Null) => Ok(None),
            Some(_) => Err(malformed(format!("`{key}` is neither a string nor a number"))),
            None => Err(malformed(format!("there is no `{key}`; the keys are {}", listed(object.keys())))),
        };
        rows.push(Row { line: i + 1, fields: names.iter().map(field).collect::<Result<Vec<Field>, _>>()? });
    }
    Ok(Table { names, rows })
}

/// All fields of all rows, each as it is written. Which lines are rows, and that they are objects, [`table`] has checked.
pub(super) fn source(file: &SplitFile, text: &str) -> Result<SourceTable, Error> {
    let (mut names, mut known, mut objects) = (Vec::new(), HashSet::new(), Vec::new());
    for (i, line) in text.split('\n').enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let Object(fields) = serde_json::from_str(line).map_err(|fault| Error::Malformed {
            file: file.path.clone(),
            row: i + 1,
            reason: what(&fault),
        })?;
        for (key, _) in &fields {
            if known.insert(key.clone()) {
                names.push(key.clone());
            }
        }
        // Of a key that is there twice the last counts, as everywhere.
        objects.push(fields.into_iter().collect::<BTreeMap<_, _>>());
        check_fields(file, i + 1, (objects.len(), names.len()), text)?;
    }
    let field = |object: &BTreeMap<String, Box<RawValue>>, name: &String| {
        object.get(name).map(|value| value.get()).map_or(SourceField::Absent, |value| {
            match serde_json::from_str(value) {
                Ok(text) => SourceField::Text(text),
                Err(_) => SourceField::Json(value.to_owned()),
            }
        })
    };
    let rows = objects.iter().map(|object| names.iter().map(|name| field(object, name)).collect()).collect();
    Ok(SourceTable { names, rows })
}

/// Refuses a table of many times the text's length: each row has a field for every key, whether it has the key or not.
fn check_fields(file: &SplitFile, row: usize, (rows, keys): (usize, usize), text: &str) -> Result<(), Error> {
    let most = most_bytes(text.len());
    if rows.checked_mul(keys * size_of::<SourceField>()).is_some_and(|bytes| bytes <= most) {
        return Ok(());
    }
    let reason = format!(
        "up to here {rows} rows have a field for each of {keys} keys, which takes more than {most} bytes"
    );
    Err(Error::Malformed { file: file.path.clone(), row, reason })
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

/// Whether a first line is the beginning of an array or of an object that goes on in the next lines.
fn is_whole_document(line: &str) -> bool {
    let line = line.trim();
    line.starts_with('[') || line == "{"
}

/// The object's keys, and the wanted ones that stand deeper in it.
fn columns(file: &SplitFile, object: &Map<String, Value>) -> Vec<Cow<'static, str>> {
    let keys = object.keys().cloned().map(Cow::from);
    let wanted = file.wanted().filter_map(|column| match column {
        Column::Name(name) if !object.contains_key(name) && find(object, name).is_some() => {
            Some(Cow::from(name.clone()))
        }
        _ => None,
    });
    keys.chain(wanted).collect()
}

/// The value of a key, or of a path of keys separated by dots.
fn find<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    let deeper = |dot: usize| find(object.get(&key[..dot])?.as_object()?, &key[dot + 1..]);
    object.get(key).or_else(|| key.match_indices('.').find_map(|(dot, _)| deeper(dot)))
}

fn is_wanted(file: &SplitFile, key: &str) -> bool {
    file.wanted().any(|column| matches!(column, Column::Name(name) if name == key))
}

/// The parser's message without its position, which counts from the start of the line.
fn what(fault: &serde_json::Error) -> String {
    let message = fault.to_string();
    message.split(" at line ").next().unwrap_or_default().to_owned()
}
