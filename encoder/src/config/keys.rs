//! Typed access to the keys of a foreign `config.json`. As in transformers, null is the same as absent; every refusal
//! has the same form: the key, what it is, what was expected.

use std::path::Path;

use serde_json::{Map, Value};

use crate::Error;

/// The keys of a configuration file.
#[derive(Clone, Copy)]
pub(super) struct Keys<'a> {
    pub(super) file: &'a Path,
    pub(super) map: &'a Map<String, Value>,
}

impl<'a> Keys<'a> {
    /// The value of `key`, unless it is absent or null.
    pub(super) fn get(self, key: &str) -> Option<&'a Value> {
        self.map.get(key).filter(|value| !value.is_null())
    }

    /// A whole number from 1 to `most`.
    pub(super) fn size(self, key: &'static str, most: usize) -> Result<usize, Error> {
        self.whole(key, 1, most, None)
    }

    /// A whole number from `least` to `most`; absent, it is `default`, or an error if there is none.
    pub(super) fn whole(
        self,
        key: &'static str,
        least: usize,
        most: usize,
        default: Option<usize>,
    ) -> Result<usize, Error> {
        let value = match self.get(key) {
            None => default,
            Some(value) => value.as_u64().and_then(|size| usize::try_from(size).ok()),
        };
        value
            .filter(|size| (least..=most).contains(size))
            .ok_or_else(|| self.refuse(key, format!("a whole number from {least} to {most}")))
    }

    /// A dropout probability: in `[0, 1)`.
    pub(super) fn dropout(self, key: &'static str, default: f64) -> Result<f64, Error> {
        self.number(key, default, "a probability of at least 0 and below 1", |x| (0.0..1.0).contains(&x))
    }

    /// A number that `holds`.
    pub(super) fn number(
        self,
        key: &'static str,
        default: f64,
        expected: &str,
        holds: impl Fn(f64) -> bool,
    ) -> Result<f64, Error> {
        let value = self.get(key).map_or(Some(default), Value::as_f64);
        value.filter(|&x| holds(x)).ok_or_else(|| self.refuse(key, expected))
    }

    /// The error that `key` is not as `expected`.
    pub(super) fn refuse(self, key: &'static str, expected: impl Into<String>) -> Error {
        let found = self.get(key).map_or_else(|| "missing".to_owned(), shortened);
        Error::Config { file: self.file.to_owned(), key, found, expected: expected.into() }
    }
}

/// A value as JSON, as much of it as fits a message.
fn shortened(value: &Value) -> String {
    const MOST: usize = 120;
    let json = value.to_string();
    match json.char_indices().nth(MOST) {
        None => json,
        Some((end, _)) => format!("{}…", &json[..end]),
    }
}
