//! Tokens that small files beside the vocabulary add to it: `added_tokens_decoder` of `tokenizer_config.json`, or in older
//! directories `added_tokens.json` and the special tokens. They are added in the order in which transformers' fast
//! tokenizers add them (`PreTrainedTokenizerFast.__init__`). The library numbers a new token itself, one after the other:
//! a file that gives it another number is refused, because its model has another row for it.

use crate::error::Error;
use crate::kind::{Directory, bad, parse};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use tokenizers::Tokenizer as Library;

/// A token and the number that a file gives it.
pub(crate) struct Added {
    file: PathBuf,
    content: String,
    id: u32,
}

impl Added {
    /// That a tokenizer has the token under this number.
    pub(crate) fn check(&self, library: &Library) -> Result<(), Error> {
        match library.token_to_id(&self.content) {
            Some(id) if id == self.id => Ok(()),
            found => {
                let found = found.map_or_else(|| "none".to_owned(), |id| id.to_string());
                let reason = format!(
                    "the token `{}` has the id {}, but in the order of the files it gets {found}: the files are of different \
                     tokenizers, or one is missing",
                    self.content, self.id
                );
                Err(bad(&self.file, reason))
            }
        }
    }
}

/// Adds to a description what the other files add; returns the tokens whose number a file gives.
pub(crate) fn add(directory: &Directory<'_>, description: &mut Value) -> Result<Vec<Added>, Error> {
    let special = special_tokens(directory);
    let (numbered, added) = match directory.placed_setting("added_tokens_decoder") {
        Some((file, Value::Object(decoder))) => from_decoder(file.to_owned(), decoder, &special)?,
        _ => from_added_tokens(directory, &special)?,
    };
    // The role of a token that the vocabulary has makes it one that is looked for in texts.
    let vocab = &description["model"]["vocab"];
    let in_vocab = |token: &Special| vocab[token.entry["content"].as_str().unwrap_or_default()].is_u64();
    let wanted: Vec<&Special> =
        special.iter().filter(|token| token.is_additional || in_vocab(token)).collect();
    let Some(Value::Array(there)) = description
        .as_object_mut()
        .map(|parts| parts.entry("added_tokens").or_insert_with(|| Value::Array(Vec::new())))
    else {
        return Ok(added);
    };
    for entry in numbered {
        if !there.iter().any(|old| same(old, &entry)) {
            there.push(entry);
        }
    }
    for token in wanted {
        if !there.iter().any(|old| old["content"] == token.entry["content"]) {
            // The library's own number follows; the one here only has to be one.
            let mut entry = token.entry.clone();
            entry.insert("id".to_owned(), 0.into());
            there.push(entry.into());
        }
    }
    Ok(added)
}

/// A token that has a role, as the settings have it.
struct Special {
    entry: Map<String, Value>,
    /// It is one of a list beyond the roles, so that the vocabulary need not have it.
    is_additional: bool,
}

const ROLES: [&str; 7] =
    ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];
const LISTS: [&str; 2] = ["additional_special_tokens", "extra_special_tokens"];

fn special_tokens(directory: &Directory<'_>) -> Vec<Special> {
    let roles = ROLES.iter().filter_map(|role| directory.setting(role)).map(|token| (token, false));
    let lists = LISTS.iter().filter_map(|list| directory.setting(list));
    let listed = lists.filter_map(Value::as_array).flatten().map(|token| (token, true));
    let special = |(token, is_additional)| Some(Special { entry: entry(token, true)?, is_additional });
    roles.chain(listed).filter_map(special).collect()
}

/// The entries of `added_tokens_decoder`, by their numbers.
fn from_decoder(
    file: PathBuf,
    decoder: &Map<String, Value>,
    special: &[Special],
) -> Result<(Vec<Value>, Vec<Added>), Error> {
    let mut tokens = BTreeMap::new();
    for (id, token) in decoder {
        let read = || Some((id.parse::<u32>().ok()?, entry(token, false)?));
        let (id, token) = read().ok_or_else(|| {
            bad(
                &file,
                format!(
                    "`added_tokens_decoder` has `{id}`: {token}, expected an id and a token with its content"
                ),
            )
        })?;
        tokens.insert(id, token);
    }
    Ok(numbered(file, tokens, special))
}

/// The entries of `added_tokens.json`, by their numbers.
fn from_added_tokens(
    directory: &Directory<'_>,
    special: &[Special],
) -> Result<(Vec<Value>, Vec<Added>), Error> {
    let (file, Some(text)) = directory.read("added_tokens.json")? else { return Ok(Default::default()) };
    let ids: BTreeMap<String, u32> = parse(&file, &text)?;
    let entry_of = |content: &String| {
        let of_role = special.iter().find(|token| token.entry["content"] == **content);
        of_role.map_or_else(|| plain(content, false), |token| token.entry.clone())
    };
    let tokens = ids.iter().map(|(content, &id)| (id, entry_of(content))).collect();
    Ok(numbered(file, tokens, special))
}

fn numbered(
    file: PathBuf,
    tokens: BTreeMap<u32, Map<String, Value>>,
    special: &[Special],
) -> (Vec<Value>, Vec<Added>) {
    let mut added = Vec::new();
    let entries = tokens.into_iter().map(|(id, mut entry)| {
        let content = entry["content"].as_str().unwrap_or_default().to_owned();
        if special.iter().any(|token| token.entry["content"] == *content) {
            entry.insert("special".to_owned(), true.into());
        }
        entry.insert("id".to_owned(), id.into());
        added.push(Added { file: file.clone(), content, id });
        entry.into()
    });
    (entries.collect(), added)
}

/// The entry of a token that is written as a string, or as an object with its content.
fn entry(token: &Value, special: bool) -> Option<Map<String, Value>> {
    match token {
        Value::String(content) => Some(plain(content, special)),
        Value::Object(fields) => {
            let content = fields.get("content")?.as_str()?;
            let flag = |name: &str| fields.get(name).and_then(Value::as_bool);
            let mut entry = plain(content, special || flag("special").unwrap_or(false));
            for name in ["single_word", "lstrip", "rstrip", "normalized"] {
                if let Some(value) = flag(name) {
                    entry.insert(name.to_owned(), value.into());
                }
            }
            Some(entry)
        }
        _ => None,
    }
}

fn plain(content: &str, special: bool) -> Map<String, Value> {
    let entry = json!({ "content": content, "single_word": false, "lstrip": false, "rstrip": false,
                        "normalized": !special, "special": special });
    match entry {
        Value::Object(entry) => entry,
        _ => unreachable!("it is written as one above"),
    }
}

/// Whether two entries are of one token that is found alike.
fn same(a: &Value, b: &Value) -> bool {
    ["content", "single_word", "lstrip", "rstrip", "normalized", "special"]
        .iter()
        .all(|key| a[*key] == b[*key])
}
