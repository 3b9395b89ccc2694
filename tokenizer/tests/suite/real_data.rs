//! The tokenizers of real models on GLUE's texts, against Hugging Face's own library and against each other.

use crate::common::{Folder, data_home};
use mtlift_tokenizer::{Texts, Tokenizer};
use serde_json::json;
use std::fs;
use std::path::Path;

/// The rows of a GLUE file, of which these columns are texts.
struct Rows(Vec<Vec<String>>);

impl Rows {
    fn read(home: &Path, file: &str, columns: &[usize], header: bool) -> Rows {
        let text = fs::read_to_string(home.join("glue").join(file)).unwrap();
        let row = |line: &str| {
            let fields: Vec<&str> = line.split('\t').collect();
            columns.iter().map(|&column| fields[column].to_owned()).collect()
        };
        Rows(text.split_terminator('\n').skip(usize::from(header)).map(row).collect())
    }

    fn texts(&self) -> impl Iterator<Item = Texts<'_>> {
        self.0.iter().map(|row| Texts { first: &row[0], second: row.get(1).map(String::as_str) })
    }
}

/// File, columns of its texts, whether it has a header.
const RTE_TRAIN: (&str, &[usize], bool) = ("RTE/train.tsv", &[1, 2], true);
const RTE_TEST: (&str, &[usize], bool) = ("RTE/test.tsv", &[1, 2], true);
const COLA_DEV: (&str, &[usize], bool) = ("CoLA/dev.tsv", &[3], false);
const STS_B_TRAIN: (&str, &[usize], bool) = ("STS-B/train.tsv", &[7, 8], true);

/// That two tokenizers say the same of files and of one text.
fn assert_same(home: &Path, [one, other]: &[Tokenizer; 2], files: &[(&str, &[usize], bool)], text: &str) {
    assert_eq!(one.vocabulary_size(), other.vocabulary_size());
    for &(file, columns, header) in files {
        let rows = Rows::read(home, file, columns, header);
        assert_eq!(one.encode(rows.texts()).unwrap(), other.encode(rows.texts()).unwrap(), "{file}");
    }
    assert_eq!(one.encode([text]).unwrap(), other.encode([text]).unwrap());
}

/// `golden/make_tokens.py` recorded them.
#[test]
#[ignore = "needs the data home: set MTLIFT_HOME and run with --include-ignored"]
fn token_ids_are_those_of_the_reference() {
    let home = data_home();
    let golden: serde_json::Value = serde_json::from_str(include_str!("../golden/tokens.json")).unwrap();
    let tokenizer = Tokenizer::open(&home.join("models/all-MiniLM-L6-v2"), 128).unwrap();
    assert_eq!(tokenizer.vocabulary_size(), 30_522);
    let (file, columns, header) = RTE_TRAIN;
    let rows = Rows::read(&home, file, columns, header);
    let encoded = tokenizer.encode(rows.texts().take(3)).unwrap();
    for row in 0..3 {
        let range = encoded.range(row);
        assert_eq!(json!(encoded.ids[range.clone()]), golden["first_token_ids"][row]);
        assert_eq!(json!(encoded.segments[range]), golden["first_segment_ids"][row]);
    }
}

/// A model directory without its `tokenizer.json`.
fn vocabulary_only(model: &Path, files: &[&str]) -> Folder {
    let folder = Folder::new();
    files.iter().for_each(|name| folder.write(name, fs::read(model.join(name)).unwrap()));
    folder
}

#[test]
#[ignore = "needs the data home: set MTLIFT_HOME and run with --include-ignored"]
fn a_vocabulary_makes_the_same_bert_tokenizer() {
    let home = data_home();
    for model in ["all-MiniLM-L6-v2", "bert-tiny-splade"] {
        let model = home.join("models").join(model);
        let bare = vocabulary_only(&model, &["vocab.txt", "tokenizer_config.json", "config.json"]);
        let both = [&model, bare.path()].map(|directory| Tokenizer::open(directory, 128).unwrap());
        let special = "a [MASK] b[SEP]c [PAD] İstanbul 東京 \u{a0}é";
        assert_same(&home, &both, &[RTE_TRAIN, RTE_TEST, COLA_DEV, STS_B_TRAIN], special);
    }
}

#[test]
#[ignore = "needs the data home: set MTLIFT_HOME and run with --include-ignored"]
fn a_vocabulary_and_merges_make_the_same_roberta_tokenizer() {
    let home = data_home();
    let model = home.join("models/roberta-base-tokenizer");
    let bare = vocabulary_only(&model, &["vocab.json", "merges.txt", "config.json"]);
    let both = [&model, bare.path()].map(|directory| Tokenizer::open(directory, 128).unwrap());
    for tokenizer in &both {
        assert_eq!(tokenizer.vocabulary_size(), 50_265);
        let single = tokenizer.encode(["Hello world!"]).unwrap();
        assert_eq!(single.ids, [0, 31_414, 232, 328, 2]);
        let pair = tokenizer.encode([("Hello world!", "Hello")]).unwrap();
        assert_eq!(pair.ids, [0, 31_414, 232, 328, 2, 2, 31_414, 2]);
        assert_eq!(pair.segments, [0; 8]);
    }
    let special = "a <mask> b</s>c <pad> İstanbul 東京 \u{a0}é 🦀";
    assert_same(&home, &both, &[RTE_TRAIN, RTE_TEST, COLA_DEV], special);
}

#[test]
#[ignore = "needs the data home: set MTLIFT_HOME and run with --include-ignored"]
fn the_prefix_space_is_respected() {
    let home = data_home();
    let model = home.join("models/roberta-base-tokenizer");
    for files in [&["vocab.json", "merges.txt"][..], &["tokenizer.json"][..]] {
        let folder = vocabulary_only(&model, files);
        folder.write("tokenizer_config.json", "{\"add_prefix_space\": true}");
        let tokenizer = Tokenizer::open(folder.path(), 128).unwrap();
        let [with, without] = [" Hello", "Hello"].map(|text| tokenizer.encode([text]).unwrap().ids);
        assert_eq!(without, [0, 20_920, 2], "{files:?}");
        assert_eq!(with, without);
    }
}

/// A tokenizer file made for training has padding to a fixed length and a short limit baked in.
#[test]
#[ignore = "needs the data home: set MTLIFT_HOME and run with --include-ignored"]
fn baked_in_padding_and_truncation_are_overridden() {
    let home = data_home();
    let tokenizer = Tokenizer::open(&home.join("models/all-MiniLM-L6-v2"), 256).unwrap();
    let encoded = tokenizer.encode([&*"word ".repeat(200), "word"]).unwrap();
    assert_eq!(encoded.lengths().collect::<Vec<_>>(), [202, 3]);
}
