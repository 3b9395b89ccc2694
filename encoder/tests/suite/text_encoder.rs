//! Texts to vectors: transformers' for the model in this repository, the same in every company, and an error where there is none.

use std::fs;
use std::path::{Path, PathBuf};

use mtlift_encoder::{Config, Encoder, Pooling, TextEncoder, save};
use mtlift_nn::{Layout, Store, check::random_store};
use serde::Deserialize;
use serde_json::json;

use crate::files;

fn demo_model() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/demo-model")
}

#[derive(Deserialize)]
struct Golden {
    texts: Vec<Recorded>,
}

#[derive(Deserialize)]
struct Recorded {
    text: String,
    mean: Vec<f32>,
    first_token: Vec<f32>,
}

/// `golden/texts.py` recorded them; one text is too long, one is empty.
#[test]
fn vectors_are_those_of_transformers() {
    let Golden { texts } = serde_json::from_str(include_str!("../golden/texts.json")).unwrap();
    let encoder = TextEncoder::open(demo_model()).unwrap();
    let written: Vec<&str> = texts.iter().map(|recorded| &*recorded.text).collect();
    for (pooling, expected) in [
        (Pooling::Mean, texts.iter().map(|recorded| &recorded.mean).collect::<Vec<_>>()),
        (Pooling::FirstToken, texts.iter().map(|recorded| &recorded.first_token).collect()),
    ] {
        let vectors = encoder.clone().pooled_by(pooling).encode_texts(&written).unwrap();
        assert_eq!(vectors.dim(), (4, 160));
        for (text, (ours, theirs)) in vectors.rows().into_iter().zip(expected).enumerate() {
            let worst = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            // They are recorded to five places.
            assert!(worst < 3e-5, "text {text}, {pooling:?}: {worst}");
        }
    }
}

/// Enough texts for several batches, in two orders and each alone.
#[test]
fn a_text_has_the_same_vector_alone_and_among_others() {
    let words = ["lamp", "the", "shone", "unspeakably", "a", "7", "café"];
    let text =
        |of: usize| (0..of * 5 % 97).map(|at| words[(of + at) % words.len()]).collect::<Vec<_>>().join(" ");
    let texts: Vec<String> = (0..60).map(text).collect();
    for pooling in [Pooling::Mean, Pooling::FirstToken] {
        let encoder = TextEncoder::open(demo_model()).unwrap().pooled_by(pooling);
        let together = encoder.encode_texts(&texts).unwrap();
        let reversed: Vec<&String> = texts.iter().rev().collect();
        let reversed = encoder.encode_texts(&reversed).unwrap();
        for (text, vector) in texts.iter().zip(together.rows()).step_by(7) {
            assert_eq!(vector, encoder.encode_texts(&[text]).unwrap().row(0), "{text}");
        }
        assert!(together.rows().into_iter().rev().eq(reversed.rows()), "{pooling:?}");
    }
}

#[test]
fn no_texts_have_no_vectors() {
    let none: [&str; 0] = [];
    assert_eq!(TextEncoder::open(demo_model()).unwrap().encode_texts(&none).unwrap().dim(), (0, 160));
}

/// A model of two words, whose tokenizer adds no special tokens and knows a third.
fn two_words() -> tempfile::TempDir {
    let directory = files::directory();
    let config = json!({
        "model_type": "bert", "vocab_size": 2, "hidden_size": 4, "num_attention_heads": 1, "intermediate_size": 4,
        "num_hidden_layers": 1, "max_position_embeddings": 8,
    });
    let tokenizer = json!({
        "version": "1.0", "added_tokens": [], "normalizer": null, "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": null,
        "model": {"type": "WordLevel", "unk_token": "a", "vocab": {"a": 0, "b": 1, "c": 2}},
    });
    fs::write(directory.path().join("config.json"), config.to_string()).unwrap();
    fs::write(directory.path().join("tokenizer.json"), tokenizer.to_string()).unwrap();
    let mut layout = Layout::default();
    Encoder::new(&mut layout, &Config::read(directory.path()).unwrap());
    let params: Store<f32> = random_store(&layout, "params");
    save(directory.path(), &layout, &params).unwrap();
    directory
}

#[test]
fn texts_that_have_no_vector_are_named() {
    let directory = two_words();
    let encoder = TextEncoder::open(directory.path()).unwrap();
    assert_eq!(encoder.encode_texts(&["a b", "b"]).unwrap().dim(), (2, 4));
    let refused = |texts: &[&str]| encoder.encode_texts(texts).unwrap_err().to_string();
    assert_eq!(
        refused(&["a", "b", " "]),
        "the text at place 2 has no token, expected at least one: leave empty texts out"
    );
    assert_eq!(
        refused(&["a c"]),
        "token id 2 is not below the model's vocabulary of 2: the tokenizer is another model's"
    );
}

#[test]
fn a_directory_without_one_of_the_three_is_refused() {
    for (missing, message) in [
        ("config.json", "DIR has no config.json: expected the directory of a model"),
        ("tokenizer.json", "DIR holds no tokenizer: expected tokenizer.json"),
        ("model.safetensors", "DIR holds no weights: expected model.safetensors"),
    ] {
        let directory = two_words();
        fs::remove_file(directory.path().join(missing)).unwrap();
        let refused = files::message(&TextEncoder::open(directory.path()).unwrap_err(), directory.path());
        assert!(refused.starts_with(message), "{refused}");
    }
}
