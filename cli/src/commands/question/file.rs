//! A study file: a question in TOML. It says what differs from the protocol's settings.

use std::path::Path;

use anyhow::{Context, Result};
use mtlift_study::{Question, Spec};
use mtlift_train::Protocol;

use crate::misuse::Misuse;

/// A question as a file asks it.
pub(crate) struct StudyFile {
    /// What messages call it.
    name: String,
    text: String,
}

impl StudyFile {
    /// The user's.
    pub(crate) fn read(file: &Path) -> Result<Self> {
        Ok(Self { name: file.display().to_string(), text: mtlift_files::read_text(file)? })
    }

    /// One that comes with the program.
    pub(crate) fn built_in(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), text: text.to_owned() }
    }
}

/// A study file on top of its protocol's settings.
pub(super) fn spec(question: Question, protocol: Option<Protocol>, file: &StudyFile) -> Result<Spec> {
    let faulty = |error: &dyn std::fmt::Display| Misuse(format!("{}: {error}", file.name));
    let given: toml::Table = file.text.parse().map_err(|error| faulty(&error))?;
    let named =
        given.get("settings").and_then(|settings| settings.get("protocol")).and_then(toml::Value::as_str);
    let protocol = match (protocol, named) {
        (Some(protocol), _) => protocol,
        (None, Some(name)) => name.parse().map_err(|error| faulty(&error))?,
        (None, None) => Protocol::HeldOut,
    };
    let mut all =
        toml::Table::try_from(Spec::defaults(question, protocol)).context("cannot write the defaults")?;
    merge(&mut all, given);
    Ok(all.try_into().map_err(|error| faulty(&error))?)
}

fn merge(into: &mut toml::Table, from: toml::Table) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(toml::Value::Table(into)), toml::Value::Table(from)) => merge(into, from),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}
