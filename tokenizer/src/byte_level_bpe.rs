//! RoBERTa's tokenizer: byte-level byte-pair encoding in `vocab.json` and `merges.txt`; `<s> a </s>`, and for pairs
//! `<s> a </s></s> b </s>` in one segment.

use crate::error::Error;
use crate::kind::{Decided, Described, Directory, Kind, bad, id_of, parse, special_tokens};
use serde_json::{Map, Value, json};

pub(crate) const KIND: Kind = Kind {
    classes: &["RobertaTokenizer"],
    describe,
    decided: &[decided("pre_tokenizer", "ByteLevel"), decided("post_processor", "RobertaProcessing")],
};

const fn decided(part: &'static str, of_type: &'static str) -> Decided {
    Decided { key: "add_prefix_space", part, of_type, field: "add_prefix_space" }
}

fn describe(directory: &Directory<'_>) -> Result<Option<Described>, Error> {
    let (vocabulary, merges) = (directory.read("vocab.json")?, directory.read("merges.txt")?);
    let ((vocabulary, Some(vocab)), (merges, Some(pairs))) = (vocabulary, merges) else { return Ok(None) };
    let vocab = parse(&vocabulary, &vocab)?;
    let pairs = merge_pairs(&pairs).map_err(|reason| bad(&merges, reason))?;
    let description = description(directory, vocab, pairs).map_err(|reason| bad(&vocabulary, reason))?;
    Ok(Some((vocabulary, description)))
}

pub(crate) fn description(
    directory: &Directory<'_>,
    vocab: Map<String, Value>,
    merges: Vec<[&str; 2]>,
) -> Result<Value, String> {
    let [cls, sep] = [directory.token("cls_token", "<s>"), directory.token("sep_token", "</s>")];
    let [cls_id, sep_id] = [id_of(&vocab, cls)?, id_of(&vocab, sep)?];
    let mask = directory.token("mask_token", "<mask>");
    let others = [directory.token("pad_token", "<pad>"), directory.token("unk_token", "<unk>")];
    let prefix_space = directory.flag("add_prefix_space", false);
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
