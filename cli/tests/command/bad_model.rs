//! Model directories that are damaged, hostile or of two kinds at once: refused by name before the run's directory is made.

use std::fs;

use serde_json::{Value, json};

use crate::folder::{Folder, bert};

const COMMAND: &str = "train --model model --task task.toml --out out";

#[track_caller]
fn refused(folder: &Folder, message: &str) {
    folder.fails(COMMAND, message);
    assert!(!folder.path("out").exists(), "found before anything is written");
}

/// The weights' header and data, to be changed and written back.
fn weights(folder: &Folder) -> (Value, Vec<u8>) {
    let bytes = fs::read(folder.path("model/model.safetensors")).unwrap();
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    (serde_json::from_slice(&bytes[8..8 + length]).unwrap(), bytes[8 + length..].to_vec())
}

fn write_weights(folder: &Folder, header: &Value, data: &[u8]) {
    let header = header.to_string();
    let bytes = [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat();
    folder.write("model/model.safetensors", bytes);
}

const WORDS: &str = "bert.embeddings.word_embeddings.weight";

#[test]
fn tokenizer_with_a_larger_vocabulary() {
    let folder = Folder::new();
    let vocabulary = folder.read("model/vocab.txt");
    folder.write("model/vocab.txt", vocabulary + "more\n");
    refused(
        &folder,
        "the tokenizer has 61 tokens, the model's vocabulary 60: they do not belong together (is the directory a mix of two \
         models?)",
    );
}

#[test]
fn no_tokenizer() {
    let folder = Folder::new();
    fs::remove_file(folder.path("model/vocab.txt")).unwrap();
    refused(
        &folder,
        "model holds no tokenizer: expected tokenizer.json, vocab.txt, or vocab.json with merges.txt; \
         transformers' `AutoTokenizer.from_pretrained(..).save_pretrained(..)` writes tokenizer.json",
    );
}

#[test]
fn truncated_weights() {
    let folder = Folder::new();
    let (header, data) = weights(&folder);
    write_weights(&folder, &header, &data[..data.len() - 10]);
    let (all, left) = (data.len(), data.len() - 10);
    refused(
        &folder,
        &format!(
            "model/model.safetensors: not a valid safetensors file: the file is cut short: its tensors take {all} bytes, but \
             {left} follow the header"
        ),
    );
}

#[test]
fn header_length_beyond_the_file() {
    let folder = Folder::new();
    folder.write("model/model.safetensors", [&u64::MAX.to_le_bytes()[..], b"{}"].concat());
    refused(
        &folder,
        "model/model.safetensors: not a valid safetensors file: the header is said to take 18446744073709551615 bytes, but only \
         2 follow",
    );
}

#[test]
fn overlapping_ranges() {
    let folder = Folder::new();
    let (mut header, data) = weights(&folder);
    // Word embeddings come first; the next tensor is said to begin inside them.
    let next = "bert.embeddings.position_embeddings.weight";
    header[next]["data_offsets"] = json!([3836, 3836 + 32 * 16 * 4]);
    write_weights(&folder, &header, &data);
    refused(
        &folder,
        &format!(
            "model/model.safetensors: not a valid safetensors file: the data of `{next}` begin at byte 3836, before those of \
             `{WORDS}` end at 3840"
        ),
    );
}

#[test]
fn wrong_type() {
    let folder = Folder::new();
    let (mut header, data) = weights(&folder);
    header[WORDS]["dtype"] = "I32".into();
    write_weights(&folder, &header, &data);
    refused(
        &folder,
        &format!("model/model.safetensors: tensor `{WORDS}` is of type I32, expected F32, F16 or BF16"),
    );
}

#[test]
fn missing_tensor() {
    let folder = Folder::new();
    let (mut header, data) = weights(&folder);
    let info = header.as_object_mut().unwrap().remove(WORDS).unwrap();
    header["something.else"] = info;
    write_weights(&folder, &header, &data);
    refused(&folder, &format!("model: tensor `{WORDS}` is missing from the weights"));
}

#[test]
fn wrong_shape() {
    let folder = Folder::new();
    let (mut header, data) = weights(&folder);
    header[WORDS]["shape"] = json!([30, 32]);
    write_weights(&folder, &header, &data);
    refused(
        &folder,
        &format!("model/model.safetensors: tensor `{WORDS}` has shape [30, 32], expected [60, 16]"),
    );
}

#[test]
fn only_a_pickle() {
    let folder = Folder::new();
    fs::rename(folder.path("model/model.safetensors"), folder.path("model/pytorch_model.bin")).unwrap();
    refused(
        &folder,
        "model has its weights only as pytorch_model.bin, a pickle, which is not read because reading one can run code; \
         where transformers is installed, this writes model.safetensors beside it:\n\
         python -c \"import transformers as t; d = 'model'; \
         getattr(t, t.AutoConfig.from_pretrained(d).architectures[0]).from_pretrained(d).save_pretrained(d)\"",
    );
}

#[test]
fn no_weights() {
    let folder = Folder::new();
    fs::remove_file(folder.path("model/model.safetensors")).unwrap();
    refused(
        &folder,
        "model holds no weights: expected model.safetensors, or model.safetensors.index.json with its shards",
    );
}

#[test]
fn configuration_of_another_network() {
    let folder = Folder::new();
    let mut config = bert();
    config["model_type"] = "gpt2".into();
    folder.write("model/config.json", config.to_string());
    refused(
        &folder,
        "model/config.json: `model_type` is \"gpt2\", expected one of bert, roberta, xlm-roberta, camembert, distilbert, electra",
    );
}

#[test]
fn two_models_in_one_directory_are_found_by_their_shapes() {
    let folder = Folder::new();
    let mut config = bert();
    config["num_hidden_layers"] = 3.into();
    folder.write("model/config.json", config.to_string());
    refused(
        &folder,
        "model: tensor `bert.encoder.layer.2.attention.output.LayerNorm.bias` (and 15 more) is missing from the weights",
    );
}

#[test]
fn encoder_without_a_head_cannot_be_evaluated() {
    let folder = Folder::new();
    folder.fails(
        "evaluate --model model --task task.toml",
        "model has no classification head: train one first, or give a directory that `mtlift train` wrote",
    );
}
