//! BERT's tokenizer (also DistilBERT's and ELECTRA's): `vocab.txt`, a word piece per line.

use crate::error::Error;
use crate::kind::{Decided, Described, Directory, Kind, bad, id_of, special_tokens};
use serde_json::{Map, Value, json};

pub(crate) const KIND: Kind = Kind {
    classes: &["BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer"],
    describe,
    decided: &[
        decided("do_lower_case", "lowercase"),
        decided("strip_accents", "strip_accents"),
        decided("tokenize_chinese_chars", "handle_chinese_chars"),
    ],
};

const fn decided(key: &'static str, field: &'static str) -> Decided {
    Decided { key, part: "normalizer", of_type: "BertNormalizer", field }
}

fn describe(directory: &Directory<'_>) -> Result<Option<Described>, Error> {
    let (file, Some(vocab)) = directory.read("vocab.txt")? else { return Ok(None) };
    let description = description(directory, &vocab).map_err(|reason| bad(&file, reason))?;
    Ok(Some((file, description)))
}

pub(crate) fn description(directory: &Directory<'_>, vocab: &str) -> Result<Value, String> {
    let lines = vocab.strip_suffix('\n').unwrap_or(vocab).split('\n');
    let vocab: Map<String, Value> =
        lines.enumerate().map(|(id, piece)| (piece.trim_end_matches('\r').to_owned(), id.into())).collect();
    let [cls, sep] = [directory.token("cls_token", "[CLS]"), directory.token("sep_token", "[SEP]")];
    let unk = directory.token("unk_token", "[UNK]");
    let [cls_id, sep_id] = [id_of(&vocab, cls)?, id_of(&vocab, sep)?];
    id_of(&vocab, unk)?;
    let others = [directory.token("pad_token", "[PAD]"), directory.token("mask_token", "[MASK]")];
    Ok(json!({
        "version": "1.0",
        "added_tokens": special_tokens(&vocab, &[unk, cls, sep, others[0], others[1]], ""),
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": true,
            "handle_chinese_chars": directory.flag("tokenize_chinese_chars", true),
            "strip_accents": directory.setting("strip_accents"),
            "lowercase": directory.flag("do_lower_case", true),
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
