//! The files in which models carry their tokenizers, as one description in the form of `tokenizer.json`. Older
//! directories have a vocabulary only; they get the description that transformers would write for them. What is special to
//! a kind of tokenizer is a file of its own and a line in [`KINDS`].

use super::{byte_level_bpe, wordpiece};
use crate::error::Error;
use serde_json::{Map, Value, json};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The kinds of tokenizer, in the order in which their files are looked for where there is no `tokenizer.json`.
const KINDS: &[Kind] = &[wordpiece::KIND, byte_level_bpe::KIND];

/// A kind of tokenizer.
pub(super) struct Kind {
    /// Describes the tokenizer of a directory that holds the files of this kind.
    pub(super) describe: fn(&Directory<'_>) -> Result<Option<Described>, Error>,
    /// What the settings decide where there is a `tokenizer.json`.
    pub(super) decided: &'static [Decided],
}

/// A description, and the file to name if it proves unusable.
pub(super) type Described = (PathBuf, Value);

/// A field of a part of `tokenizer.json` that a setting decides.
pub(super) struct Decided {
    pub(super) key: &'static str,
    pub(super) part: &'static str,
    /// The part's type: one of another type is left alone.
    pub(super) of_type: &'static str,
    pub(super) field: &'static str,
}

/// A model's directory, and what the small configuration files in it say, the more specific file first.
pub(super) struct Directory<'a> {
    path: &'a Path,
    settings: Vec<Map<String, Value>>,
}

/// The description of the tokenizer in a directory.
pub(super) fn describe(model_dir: &Path) -> Result<Described, Error> {
    let directory = Directory::open(model_dir)?;
    if let (file, Some(text)) = directory.read("tokenizer.json")? {
        let description = directory.adjusted(parse(&file, &text)?);
        return Ok((file, description));
    }
    for kind in KINDS {
        if let Some(described) = (kind.describe)(&directory)? {
            return Ok(described);
        }
    }
    Err(Error::NoTokenizer { dir: model_dir.to_owned() })
}

impl Directory<'_> {
    fn open(path: &Path) -> Result<Directory<'_>, Error> {
        let mut directory = Directory { path, settings: Vec::new() };
        for name in ["tokenizer_config.json", "special_tokens_map.json", "config.json"] {
            if let (file, Some(text)) = directory.read(name)? {
                directory.settings.push(parse(&file, &text)?);
            }
        }
        Ok(directory)
    }

    /// The path of a file, and its text if it is there.
    pub(super) fn read(&self, name: &str) -> Result<(PathBuf, Option<String>), Error> {
        let file = self.path.join(name);
        match fs::read_to_string(&file) {
            Ok(text) => Ok((file, Some(text))),
            Err(fault) if fault.kind() == ErrorKind::NotFound => Ok((file, None)),
            Err(source) => Err(Error::Unreadable { file, source }),
        }
    }

    pub(super) fn setting(&self, key: &str) -> Option<&Value> {
        self.settings.iter().find_map(|file| file.get(key))
    }

    pub(super) fn flag(&self, key: &str, default: bool) -> bool {
        self.setting(key).and_then(Value::as_bool).unwrap_or(default)
    }

    /// A special token, which may be written as a string or as an object with its content.
    pub(super) fn token<'a>(&'a self, key: &str, default: &'a str) -> &'a str {
        let written = self.setting(key);
        written.and_then(|token| token.as_str().or_else(|| token["content"].as_str())).unwrap_or(default)
    }

    /// A `tokenizer.json` without padding and truncation. Where the settings explicitly differ from it, they decide, as
    /// they do in transformers.
    fn adjusted(&self, mut description: Map<String, Value>) -> Value {
        description.insert("padding".to_owned(), Value::Null);
        description.insert("truncation".to_owned(), Value::Null);
        for decided in KINDS.iter().flat_map(|kind| kind.decided) {
            if let Some(value) = self.setting(decided.key)
                && let Some(Value::Object(part)) = description.get_mut(decided.part)
                && part.get("type").is_some_and(|there| there == decided.of_type)
            {
                part.insert(decided.field.to_owned(), value.clone());
            }
        }
        description.into()
    }
}

/// The entries of those special tokens that the vocabulary has; `after_space` takes the space before it along, as
/// RoBERTa's mask does.
pub(super) fn special_tokens(vocab: &Map<String, Value>, tokens: &[&str], after_space: &str) -> Vec<Value> {
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
pub(super) fn id_of(vocab: &Map<String, Value>, token: &str) -> Result<u64, String> {
    vocab
        .get(token)
        .and_then(Value::as_u64)
        .ok_or_else(|| format!("the special token `{token}` is not in it"))
}

pub(super) fn parse<T: serde::de::DeserializeOwned>(path: &Path, text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|fault| bad(path, fault.to_string()))
}

pub(super) fn bad(path: &Path, reason: String) -> Error {
    Error::BadTokenizer { file: path.to_owned(), reason }
}
