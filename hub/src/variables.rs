//! Environment variables as huggingface_hub reads them: its words for yes, and `~` and `$NAME` within a path. They are given as a
//! function, so that tests need no process of their own.

use std::path::PathBuf;
use std::time::Duration;

use crate::error::Error;

/// An environment.
pub(crate) struct Variables<'a>(&'a dyn Fn(&str) -> Result<Option<String>, Error>);

impl<'a> Variables<'a> {
    pub(crate) fn new(variable: &'a dyn Fn(&str) -> Result<Option<String>, Error>) -> Self {
        Self(variable)
    }

    /// A value; an empty one is none.
    pub(crate) fn get(&self, name: &str) -> Result<Option<String>, Error> {
        Ok((self.0)(name)?.filter(|value| !value.is_empty()))
    }

    /// The user's home.
    pub(crate) fn home(&self) -> Result<PathBuf, Error> {
        for name in ["HOME", "USERPROFILE"] {
            if let Some(home) = self.get(name)? {
                return Ok(PathBuf::from(home));
            }
        }
        let expected = "the folder of the hub's files, because no home folder is known";
        Err(Error::Setting { name: "HF_HOME".to_owned(), expected, found: None })
    }

    /// A path, with `~` and `$NAME` or `${NAME}` in it replaced.
    pub(crate) fn path(&self, name: &str) -> Result<Option<PathBuf>, Error> {
        let Some(text) = self.get(name)? else { return Ok(None) };
        let text = match text.strip_prefix('~') {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => {
                format!("{}{rest}", self.home()?.display())
            }
            _ => text,
        };
        let mut expanded = String::new();
        let mut rest = &*text;
        while let Some(at) = rest.find('$') {
            expanded.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            let (variable, length) = match rest.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
                Some((variable, _)) => (variable, variable.len() + 2),
                None => {
                    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                    let variable = &rest[..end.unwrap_or(rest.len())];
                    (variable, variable.len())
                }
            };
            // A variable that is not there stands as it was written.
            let value = if variable.is_empty() { None } else { (self.0)(variable)? };
            expanded.push_str(&value.unwrap_or_else(|| format!("${}", &rest[..length])));
            rest = &rest[length..];
        }
        Ok(Some(PathBuf::from(expanded + rest)))
    }

    pub(crate) fn seconds(&self, name: &str) -> Result<Option<Duration>, Error> {
        let Some(text) = self.get(name)? else { return Ok(None) };
        match text.parse() {
            Ok(seconds @ 1..) => Ok(Some(Duration::from_secs(seconds))),
            _ => {
                let expected = "a whole number of seconds, 1 or more";
                Err(Error::Setting { name: name.to_owned(), expected, found: Some(text) })
            }
        }
    }
}

/// A variable of this process.
pub(crate) fn from_process(name: &str) -> Result<Option<String>, Error> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Error::Setting { name: name.to_owned(), expected: "Unicode", found: None })
        }
    }
}

/// The words that huggingface_hub takes for yes.
pub(crate) fn is_true(value: Option<&str>) -> bool {
    value.is_some_and(|value| ["1", "ON", "YES", "TRUE"].contains(&&*value.to_uppercase()))
}
