//! The files in which models carry their tokenizers, as one description in the form of `tokenizer.json`. Older
//! directories have a vocabulary only; they get the description that transformers would write for them. What is special to
//! a kind of tokenizer is a file of its own and a line in [`KINDS`].

use crate::added::{self, Added};
use crate::error::Error;
use crate::kind::{Described, Directory, Kind, bad, parse};
use crate::{byte_level_bpe, wordpiece};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// The kinds of tokenizer, in the order in which their files are looked for where there is no `tokenizer.json`.
const KINDS: &[Kind] = &[wordpiece::KIND, byte_level_bpe::KIND];

/// A description, the file to name if it proves unusable, and what files beside it add.
pub(crate) struct Complete {
    pub(crate) file: PathBuf,
    pub(crate) description: Value,
    pub(crate) added: Vec<Added>,
}

/// The description of the tokenizer in a directory.
pub(crate) fn describe(model_dir: &Path) -> Result<Complete, Error> {
    let directory = Directory::open(model_dir)?;
    let (file, mut description) = described(&directory)?;
    let added = added::add(&directory, &mut description)?;
    Ok(Complete { file, description, added })
}

fn described(directory: &Directory<'_>) -> Result<Described, Error> {
    if let (file, Some(text)) = directory.read("tokenizer.json")? {
        let description = adjusted(directory, parse(&file, &text)?);
        return Ok((file, description));
    }
    for kind in KINDS {
        if let Some(described) = (kind.describe)(directory)? {
            check_class(directory, kind, &described)?;
            return Ok(described);
        }
    }
    Err(Error::NoTokenizer { directory: directory.path().to_owned() })
}

/// That the settings do not ask for another tokenizer, which may use the same names of files.
fn check_class(directory: &Directory<'_>, kind: &Kind, (file, _): &Described) -> Result<(), Error> {
    let Some((place, Value::String(class))) = directory.placed_setting("tokenizer_class") else {
        return Ok(());
    };
    if kind.classes.contains(&class.trim_end_matches("Fast")) {
        return Ok(());
    }
    let name = file.file_name().unwrap_or_default().display();
    Err(bad(
        place,
        format!(
            "`tokenizer_class` is {class}; from {name}, without a tokenizer.json, only {} can be made",
            kind.classes.join(", ")
        ),
    ))
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
