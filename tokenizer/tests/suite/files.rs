//! The small files beside a vocabulary: they are honoured as transformers honours them, or named as what cannot be. And
//! tokenizers on which the library panics: an error, whatever they do.

use mtlift_tokenizer::{Texts, Tokenizer};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::common::{Folder, small_bert};

#[derive(Deserialize)]
struct Golden {
    texts: Vec<String>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    files: Map<String, Value>,
    ids: Vec<Vec<u32>>,
}

/// `golden/make.py` recorded them.
#[test]
fn ids_are_those_of_auto_tokenizer() {
    let Golden { texts, cases } = serde_json::from_str(include_str!("../golden/tokenizers.json")).unwrap();
    assert_eq!(cases.len(), 14);
    for case in cases {
        let folder = Folder::new();
        for (name, content) in &case.files {
            folder.write(name, content.as_str().map_or_else(|| content.to_string(), str::to_owned));
        }
        let tokenizer =
            Tokenizer::open(folder.path(), 64).unwrap_or_else(|fault| panic!("{}: {fault}", case.name));
        for (text, ids) in texts.iter().zip(&case.ids) {
            let encoded = tokenizer.encode([text]).unwrap();
            assert_eq!(&encoded.ids, ids, "{}: `{text}`", case.name);
        }
    }
}

#[test]
fn files_that_cannot_be_honoured_are_named() {
    let folder = small_bert();
    let refused = || folder.message(Tokenizer::open(folder.path(), 64));
    let unusable = "not a usable tokenizer file";
    let cure = "the files are of different tokenizers, or one is missing";
    folder.write("added_tokens.json", r#"{"more": 16}"#);
    assert_eq!(
        refused(),
        format!(
            "DIR/added_tokens.json: {unusable}: the token `more` has the id 16, but in the order of the files it gets 15: {cure}"
        )
    );
    folder.write("added_tokens.json", r#"{"w3": 15}"#);
    assert_eq!(
        refused(),
        format!(
            "DIR/added_tokens.json: {unusable}: the token `w3` has the id 15, but in the order of the files it gets 8: {cure}"
        )
    );
    folder.write("added_tokens.json", r#"{"more": "15"}"#);
    assert_eq!(
        refused(),
        format!(
            "DIR/added_tokens.json: {unusable}: invalid type: string \"15\", expected u32 at line 1 column 13"
        )
    );
    // What `tokenizer_config.json` says of added tokens, it says for all.
    folder.write("tokenizer_config.json", r#"{"added_tokens_decoder": {"15": {"content": "more"}}}"#);
    Tokenizer::open(folder.path(), 64).unwrap();
    folder.write("tokenizer_config.json", r#"{"added_tokens_decoder": {"-1": {"content": "more"}}}"#);
    assert_eq!(
        refused(),
        format!(
            "DIR/tokenizer_config.json: {unusable}: `added_tokens_decoder` has `-1`: {{\"content\":\"more\"}}, expected an id and a \
             token with its content"
        )
    );
    folder.write("tokenizer_config.json", r#"{"tokenizer_class": "BertweetTokenizer"}"#);
    assert_eq!(
        refused(),
        format!(
            "DIR/tokenizer_config.json: {unusable}: `tokenizer_class` is BertweetTokenizer; from vocab.txt, without a \
             tokenizer.json, only BertTokenizer, DistilBertTokenizer, ElectraTokenizer can be made"
        )
    );
    folder.write(
        "tokenizer_config.json",
        "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
    );
    assert_eq!(
        refused(),
        format!(
            "DIR/tokenizer_config.json: {unusable}: it is a Git LFS pointer in place of the file: `git lfs pull` in its \
             repository fetches the file, or download it again"
        )
    );
    folder.write("tokenizer_config.json", "<!DOCTYPE html>\n<html>");
    assert_eq!(
        refused(),
        format!(
            "DIR/tokenizer_config.json: {unusable}: it is a web page, perhaps an error's or a login's: download the file itself again"
        )
    );
}

#[test]
fn no_tokenizer() {
    let folder = Folder::with(&[("config.json", b"{}"), ("vocab.json", b"{}")]);
    assert_eq!(
        folder.message(Tokenizer::open(folder.path(), 128)),
        "DIR holds no tokenizer: expected tokenizer.json, vocab.txt, or vocab.json with merges.txt; transformers' \
         `AutoTokenizer.from_pretrained(..).save_pretrained(..)` writes tokenizer.json"
    );
}

#[test]
fn unusable_tokenizers() {
    let open = |files: &[(&str, &[u8])]| {
        let folder = Folder::with(files);
        folder.message(Tokenizer::open(folder.path(), 128))
    };
    assert_eq!(
        open(&[("vocab.txt", b"[CLS]\n[UNK]\nword\n")]),
        "DIR/vocab.txt: not a usable tokenizer file: the special token `[SEP]` is not in it"
    );
    assert_eq!(
        open(&[("vocab.json", b"{\"<s>\": 0, \"</s>\": 1}"), ("merges.txt", b"#version: 0.2\na b\nab\n")]),
        "DIR/merges.txt: not a usable tokenizer file: line 3: expected two tokens separated by a space, found `ab`"
    );
    assert_eq!(
        open(&[("tokenizer.json", b"{\"version\": ")]),
        "DIR/tokenizer.json: not a usable tokenizer file: EOF while parsing a value at line 1 column 12"
    );
    for not_one in ["[]", "{}", "7", "null"] {
        let message = open(&[("tokenizer.json", not_one.as_bytes())]);
        assert!(
            message.starts_with("DIR/tokenizer.json: not a usable tokenizer file: "),
            "{not_one}: {message}"
        );
    }
    let message = open(&[("tokenizer.json", b"\xff")]);
    assert!(message.starts_with("cannot read DIR/tokenizer.json: "), "{message}");
}

#[test]
fn limit_without_room() {
    let folder = small_bert();
    assert_eq!(
        folder.message(Tokenizer::open(folder.path(), 4)),
        "the limit is 4 tokens, expected at least 5: the special tokens and one token of each text"
    );
    Tokenizer::open(folder.path(), 5).unwrap();
}

/// A `tokenizer.json` of words, with this processor.
fn whole(processor: Value) -> Folder {
    let description = json!({
        "version": "1.0", "added_tokens": [], "normalizer": null, "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": processor,
        "model": {"type": "WordLevel", "unk_token": "u", "vocab": {"u": 0, "s": 1, "w": 2}},
    });
    Folder::with(&[("tokenizer.json", description.to_string().as_bytes())])
}

/// A template whose texts come with more special tokens than pairs of texts do.
#[test]
fn more_special_tokens_than_the_limit() {
    let special = json!({"SpecialToken": {"id": "s", "type_id": 0}});
    let text = |id: &str| json!({"Sequence": {"id": id, "type_id": 0}});
    let folder = whole(json!({
        "type": "TemplateProcessing",
        "single": [special, special, special, special, text("A")],
        "pair": [text("A"), text("B")],
        "special_tokens": {"s": {"id": "s", "ids": [1, 1, 1], "tokens": ["s", "s", "s"]}},
    }));
    let refused = |limit| {
        let tokenizer = Tokenizer::open(folder.path(), limit);
        folder.message(tokenizer.and_then(|tokenizer| tokenizer.encode(["w w w w"])))
    };
    for limit in [1, 4, 8, 13] {
        let message = refused(limit);
        assert!(
            message.starts_with(&format!("the limit is {limit} tokens, expected at least ")),
            "{message}"
        );
    }
}

/// Files on which the library panics when it reads them or tokenises with them; found by fuzzing.
#[test]
fn a_panic_of_the_library_is_an_error_that_names_the_file() {
    let missing = json!({
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "s", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
        "special_tokens": {},
    });
    let merges = json!({
        "version": "1.0", "added_tokens": [], "normalizer": null, "pre_tokenizer": null, "post_processor": null,
        "model": {"type": "BPE", "continuing_subword_prefix": "#####", "vocab": {"": 0, "##b": 1, "b": 2},
                  "merges": [["", "##b"]]},
    });
    for folder in [whole(missing), Folder::with(&[("tokenizer.json", merges.to_string().as_bytes())])] {
        let open = || Tokenizer::open(folder.path(), 64);
        let encoded = open().and_then(|tokenizer| tokenizer.encode(["w b"]).map(drop));
        let framed = open().and_then(|tokenizer| tokenizer.frame().map(drop));
        for message in [encoded, framed].map(|failed| folder.message(failed)) {
            assert!(message.starts_with("DIR/tokenizer.json: not a usable tokenizer file: "), "{message}");
        }
    }
}

/// Files that mutation made, each named after the place in the library or here where it once ended in a panic. Reading it, and
/// rows with it, gives tokens or an error that names the file.
#[test]
fn files_that_once_ended_in_a_panic() {
    let files: [&[u8]; 6] = [
        include_bytes!("../hostile/tokenizer-mod.rs_143_26.json"),
        include_bytes!("../hostile/tokenizer-model.rs_265_29.json"),
        include_bytes!("../hostile/tokenizer-template.rs_556_54.json"),
        include_bytes!("../hostile/tokenizer-template.rs_563_61.json"),
        include_bytes!("../hostile/tokenizer-template.rs_681_18.json"),
        include_bytes!("../hostile/tokenizer-tokenizer.rs_130_48.json"),
    ];
    let rows: [Texts<'_>; 3] = ["a b ab".into(), ("", "w").into(), ("ab \u{301}é", "a ab").into()];
    for file in files {
        let folder = Folder::with(&[("tokenizer.json", file)]);
        for max_tokens in [3, 16] {
            let encoded = Tokenizer::open(folder.path(), max_tokens)
                .and_then(|tokenizer| rows.iter().try_for_each(|&row| tokenizer.encode([row]).map(drop)));
            if let Err(fault) = encoded {
                let message = folder.message::<()>(Err(fault));
                assert!(message.contains("tokenizer.json") || message.contains("tokens"), "{message}");
            }
        }
    }
}
