//! The files in which models carry their tokenizers, as one description in the form of `tokenizer.json`. Older
//! directories have a vocabulary only; they get the description that transformers would write for them. What is special to
//! a kind of tokenizer is a file of its own and a line in [`KINDS`].

use super::kind::{Described, Directory, Kind, parse};
use super::{byte_level_bpe, wordpiece};
use crate::error::Error;
use serde_json::{Map, Value};
use std::path::Path;

/// The kinds of tokenizer, in the order in which their files are looked for where there is no `tokenizer.json`.
const KINDS: &[Kind] = &[wordpiece::KIND, byte_level_bpe::KIND];

/// The description of the tokenizer in a directory.
pub(super) fn describe(model_dir: &Path) -> Result<Described, Error> {
    let directory = Directory::open(model_dir)?;
    if let (file, Some(text)) = directory.read("tokenizer.json")? {
        let description = adjusted(&directory, parse(&file, &text)?);
        return Ok((file, description));
    }
    for kind in KINDS {
        if let Some(described) = (kind.describe)(&directory)? {
            return Ok(described);
        }
    }
    Err(Error::NoTokenizer { dir: model_dir.to_owned() })
}

/// A `tokenizer.json` without padding and truncation. Where the settings explicitly differ from it, they decide, as
/// they do in transformers.
fn adjusted(directory: &Directory<'_>, mut description: Map<String, Value>) -> Value {
    description.insert("padding".to_owned(), Value::Null);
    description.insert("truncation".to_owned(), Value::Null);
    for decided in KINDS.iter().flat_map(|kind| kind.decided) {
        if let Some(value) = directory.setting(decided.key)
            && let Some(Value::Object(part)) = description.get_mut(decided.part)
            && part.get("type").is_some_and(|there| there == decided.of_type)
        {
            part.insert(decided.field.to_owned(), value.clone());
        }
    }
    description.into()
}
