//! What the kinds of tokenizer have in common: what a kind is, the directory that it is read from, and its special tokens.

use crate::error::Error;
use mtlift_files::{Error as FileError, other_format, read_text};
use serde_json::{Map, Value, json};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A kind of tokenizer.
pub(crate) struct Kind {
    /// transformers' classes of this kind, without the `Fast` at their end.
    pub(crate) classes: &'static [&'static str],
    /// Describes the tokenizer of a directory that holds the files of this kind.
    pub(crate) describe: fn(&Directory<'_>) -> Result<Option<Described>, Error>,
    /// What the settings decide where there is a `tokenizer.json`.
    pub(crate) decided: &'static [Decided],
}

/// A description, and the file to name if it proves unusable.
pub(crate) type Described = (PathBuf, Value);

/// A field of a part of `tokenizer.json` that a setting decides.
pub(crate) struct Decided {
    pub(crate) key: &'static str,
    pub(crate) part: &'static str,
    /// The part's type: one of another type is left alone.
    pub(crate) of_type: &'static str,
    pub(crate) field: &'static str,
}

/// A model's directory, and what the small configuration files in it say, the more specific file first.
pub(crate) struct Directory<'a> {
    path: &'a Path,
    settings: Vec<(PathBuf, Map<String, Value>)>,
}

impl Directory<'_> {
    pub(crate) fn open(path: &Path) -> Result<Directory<'_>, Error> {
        let mut directory = Directory { path, settings: Vec::new() };
        for name in ["tokenizer_config.json", "special_tokens_map.json", "config.json"] {
            if let (file, Some(text)) = directory.read(name)? {
                let keys = parse(&file, &text)?;
                directory.settings.push((file, keys));
            }
        }
        Ok(directory)
    }

    /// A directory that is yet to be written, with these settings.
    pub(crate) fn planned(settings: Map<String, Value>) -> Directory<'static> {
        Directory { path: Path::new(""), settings: vec![(PathBuf::from("tokenizer_config.json"), settings)] }
    }

    pub(crate) fn path(&self) -> &Path {
        self.path
    }

    /// The path of a file, and its text if it is there.
    pub(crate) fn read(&self, name: &str) -> Result<(PathBuf, Option<String>), Error> {
        let file = self.path.join(name);
        match read_text(&file) {
            Ok(text) => match other_format(text.as_bytes()) {
                Some(what) => Err(bad(&file, format!("it is {what}"))),
                None => Ok((file, Some(text))),
            },
            Err(FileError::Unreadable { source, .. }) if source.kind() == ErrorKind::NotFound => {
                Ok((file, None))
            }
            Err(fault) => Err(fault.into()),
        }
    }

    pub(crate) fn setting(&self, key: &str) -> Option<&Value> {
        self.placed_setting(key).map(|(_, value)| value)
    }

    /// A setting with the file that has it.
    pub(crate) fn placed_setting(&self, key: &str) -> Option<(&Path, &Value)> {
        self.settings.iter().find_map(|(file, keys)| Some((file.as_path(), keys.get(key)?)))
    }

    pub(crate) fn flag(&self, key: &str, default: bool) -> bool {
        self.setting(key).and_then(Value::as_bool).unwrap_or(default)
    }

    /// A special token, which may be written as a string or as an object with its content.
    pub(crate) fn token<'a>(&'a self, key: &str, default: &'a str) -> &'a str {
        let written = self.setting(key);
        written.and_then(|token| token.as_str().or_else(|| token["content"].as_str())).unwrap_or(default)
    }
}

/// The entries of those special tokens that the vocabulary has; `after_space` takes the space before it along, as
/// RoBERTa's mask does.
pub(crate) fn special_tokens(vocab: &Map<String, Value>, tokens: &[&str], after_space: &str) -> Vec<Value> {
    let mut present: Vec<_> =
        tokens.iter().filter_map(|token| Some((vocab.get(*token)?.as_u64()?, *token))).collect();
    present.sort_unstable();
    present.dedup();
    let entry = |(id, token): (u64, &str)| {
        let lstrip = token == after_space;
        json!({ "id": id, "content": token, "single_word": false, "lstrip": lstrip, "rstrip": false,
                "normalized": false, "special": true })
    };
    present.into_iter().map(entry).collect()
}

/// The id of a special token, or the reason why the vocabulary is unusable.
pub(crate) fn id_of(vocab: &Map<String, Value>, token: &str) -> Result<u64, String> {
    vocab
        .get(token)
        .and_then(Value::as_u64)
        .ok_or_else(|| format!("the special token `{token}` is not in it"))
}

pub(crate) fn parse<T: serde::de::DeserializeOwned>(path: &Path, text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|fault| bad(path, fault.to_string()))
}

pub(crate) fn bad(path: &Path, reason: String) -> Error {
    Error::BadTokenizer { file: path.to_owned(), reason }
}
