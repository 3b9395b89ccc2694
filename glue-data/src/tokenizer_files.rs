//! The files in which models carry their tokenizers, as one description in the form of `tokenizer.json`. Older BERT and
//! RoBERTa directories have a vocabulary only; they get the description that transformers would write for them.

use crate::error::Error;
use serde_json::{Map, Value, json};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The description, and the file to name if it proves unusable.
pub(crate) fn describe(model_dir: &Path) -> Result<(PathBuf, Value), Error> {
    let directory = Directory::open(model_dir)?;
    let [whole, word_pieces, vocabulary, merges] =
        ["tokenizer.json", "vocab.txt", "vocab.json", "merges.txt"].map(|name| model_dir.join(name));
    if let Some(text) = read(&whole)? {
        let description = directory.adjusted(parse(&whole, &text)?);
        Ok((whole, description))
    } else if let Some(text) = read(&word_pieces)? {
        let description = directory.bert(&text).map_err(|reason| bad(&word_pieces, reason))?;
        Ok((word_pieces, description))
    } else if let (Some(vocab), Some(pairs)) = (read(&vocabulary)?, read(&merges)?) {
        let vocab = parse(&vocabulary, &vocab)?;
        let pairs = merge_pairs(&pairs).map_err(|reason| bad(&merges, reason))?;
        let description = directory.roberta(vocab, pairs).map_err(|reason| bad(&vocabulary, reason))?;
        Ok((vocabulary, description))
    } else {
        Err(Error::NoTokenizer { dir: model_dir.to_owned() })
    }
}

/// What the small configuration files beside a tokenizer say, the more specific file first.
struct Directory {
    settings: Vec<Map<String, Value>>,
}

impl Directory {
    fn open(model_dir: &Path) -> Result<Directory, Error> {
        let mut settings = Vec::new();
        for name in ["tokenizer_config.json", "special_tokens_map.json", "config.json"] {
            let path = model_dir.join(name);
            if let Some(text) = read(&path)? {
                settings.push(parse(&path, &text)?);
            }
        }
        Ok(Directory { settings })
    }

    fn setting(&self, key: &str) -> Option<&Value> {
        self.settings.iter().find_map(|file| file.get(key))
    }

    fn flag(&self, key: &str, default: bool) -> bool {
        self.setting(key).and_then(Value::as_bool).unwrap_or(default)
    }

    /// A special token, which may be written as a string or as an object with its content.
    fn token<'a>(&'a self, key: &str, default: &'a str) -> &'a str {
        let written = self.setting(key);
        written.and_then(|token| token.as_str().or_else(|| token["content"].as_str())).unwrap_or(default)
    }

    /// A `tokenizer.json` without padding and truncation. Where the configuration explicitly differs from it in case,
    /// accents, Chinese characters or prefix space, the configuration decides, as it does in transformers.
    fn adjusted(&self, mut description: Map<String, Value>) -> Value {
        description.insert("padding".to_owned(), Value::Null);
        description.insert("truncation".to_owned(), Value::Null);
        let parts = [
            ("normalizer", "BertNormalizer", "do_lower_case", "lowercase"),
            ("normalizer", "BertNormalizer", "strip_accents", "strip_accents"),
            ("normalizer", "BertNormalizer", "tokenize_chinese_chars", "handle_chinese_chars"),
            ("pre_tokenizer", "ByteLevel", "add_prefix_space", "add_prefix_space"),
            ("post_processor", "RobertaProcessing", "add_prefix_space", "add_prefix_space"),
        ];
        for (part, kind, key, field) in parts {
            if let Some(value) = self.setting(key)
                && let Some(Value::Object(part)) = description.get_mut(part)
                && part.get("type").is_some_and(|there| there == kind)
            {
                part.insert(field.to_owned(), value.clone());
            }
        }
        description.into()
    }

    /// BERT's tokenizer (also DistilBERT's and ELECTRA's): a word piece per line.
    fn bert(&self, vocab: &str) -> Result<Value, String> {
        let lines = vocab.strip_suffix('\n').unwrap_or(vocab).split('\n');
        let vocab: Map<String, Value> = lines
            .enumerate()
            .map(|(id, piece)| (piece.trim_end_matches('\r').to_owned(), id.into()))
            .collect();
        let [cls, sep] = [self.token("cls_token", "[CLS]"), self.token("sep_token", "[SEP]")];
        let unk = self.token("unk_token", "[UNK]");
        let [cls_id, sep_id] = [id_of(&vocab, cls)?, id_of(&vocab, sep)?];
        id_of(&vocab, unk)?;
        let others = [self.token("pad_token", "[PAD]"), self.token("mask_token", "[MASK]")];
        Ok(json!({
            "version": "1.0",
            "added_tokens": special_tokens(&vocab, &[unk, cls, sep, others[0], others[1]], ""),
            "normalizer": {
                "type": "BertNormalizer",
                "clean_text": true,
                "handle_chinese_chars": self.flag("tokenize_chinese_chars", true),
                "strip_accents": self.setting("strip_accents"),
                "lowercase": self.flag("do_lower_case", true),
            },
            "pre_tokenizer": { "type": "BertPreTokenizer" },
            "post_processor": { "type": "BertProcessing", "sep": [sep, sep_id], "cls": [cls, cls_id] },
            "model": {
                "type": "WordPiece",
                "unk_token": unk,
                "continuing_subword_prefix": "##",
                "max_input_chars_per_word": 100,
                "vocab": vocab,
            },
        }))
    }

    /// RoBERTa's byte-level byte-pair encoding: `<s> a </s>`, and for pairs `<s> a </s></s> b </s>` in one segment.
    fn roberta(&self, vocab: Map<String, Value>, merges: Vec<[&str; 2]>) -> Result<Value, String> {
        let [cls, sep] = [self.token("cls_token", "<s>"), self.token("sep_token", "</s>")];
        let [cls_id, sep_id] = [id_of(&vocab, cls)?, id_of(&vocab, sep)?];
        let mask = self.token("mask_token", "<mask>");
        let others = [self.token("pad_token", "<pad>"), self.token("unk_token", "<unk>")];
        let prefix_space = self.flag("add_prefix_space", false);
        Ok(json!({
            "version": "1.0",
            "added_tokens": special_tokens(&vocab, &[cls, others[0], sep, others[1], mask], mask),
            "normalizer": null,
            "pre_tokenizer": { "type": "ByteLevel", "add_prefix_space": prefix_space, "trim_offsets": true },
            "post_processor": {
                "type": "RobertaProcessing",
                "sep": [sep, sep_id],
                "cls": [cls, cls_id],
                "trim_offsets": true,
                "add_prefix_space": prefix_space,
            },
            "model": { "type": "BPE", "vocab": vocab, "merges": merges },
        }))
    }
}

/// The entries of those special tokens that the vocabulary has; `after_space` takes the space before it along, as
/// RoBERTa's mask does.
fn special_tokens(vocab: &Map<String, Value>, tokens: &[&str], after_space: &str) -> Vec<Value> {
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

fn id_of(vocab: &Map<String, Value>, token: &str) -> Result<u64, String> {
    vocab
        .get(token)
        .and_then(Value::as_u64)
        .ok_or_else(|| format!("the special token `{token}` is not in it"))
}

/// The pairs of `merges.txt`, the first having the highest rank.
fn merge_pairs(text: &str) -> Result<Vec<[&str; 2]>, String> {
    let lines =
        text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with("#version"));
    lines
        .map(|(i, line)| match line.split_once(' ') {
            Some((left, right)) => Ok([left, right]),
            None => Err(format!("line {}: expected two tokens separated by a space, found `{line}`", i + 1)),
        })
        .collect()
}

/// The file's text, or `None` if there is no such file.
fn read(path: &Path) -> Result<Option<String>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(fault) if fault.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::Unreadable { file: path.to_owned(), source }),
    }
}

fn parse<T: serde::de::DeserializeOwned>(path: &Path, text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|fault| bad(path, fault.to_string()))
}

fn bad(path: &Path, reason: String) -> Error {
    Error::BadTokenizer { file: path.to_owned(), reason }
}
