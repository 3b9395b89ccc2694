//! Which files of a repository are a model.

use mtlift_hub::model_files;

fn chosen(all: &[&str]) -> Result<String, String> {
    let all: Vec<String> = all.iter().map(|&file| file.to_owned()).collect();
    model_files(&all).map(|files| files.join(" "))
}

#[test]
fn one_form_of_the_weights_is_taken() {
    let all = [
        ".gitattributes",
        "README.md",
        "config.json",
        "flax_model.msgpack",
        "merges.txt",
        "model.safetensors",
        "onnx/model.onnx",
        "pytorch_model.bin",
        "rust_model.ot",
        "tf_model.h5",
        "tokenizer.json",
        "tokenizer_config.json",
        "vocab.json",
        "1_Pooling/config.json",
    ];
    assert_eq!(
        chosen(&all).unwrap(),
        "config.json tokenizer.json tokenizer_config.json vocab.json merges.txt model.safetensors"
    );
    let electra = ["config.json", "flax_model.msgpack", "pytorch_model.bin", "tf_model.h5", "vocab.txt"];
    assert_eq!(chosen(&electra).unwrap(), "config.json vocab.txt pytorch_model.bin");
}

#[test]
fn shards_come_with_their_index() {
    let (one, two) = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors");
    let index = "model.safetensors.index.json";
    let all = ["config.json", one, two, "model.fp16-00001-of-00002.safetensors", index, "pytorch_model.bin"];
    assert_eq!(chosen(&all).unwrap(), format!("config.json {one} {two} {index}"));
    assert_eq!(chosen(&["config.json", two, index]).unwrap_err(), "1 of its 2 shards are there");
    assert_eq!(
        chosen(&["config.json", index]).unwrap_err(),
        "there is model.safetensors.index.json and no shard of it"
    );
}

#[test]
fn what_is_missing_is_named() {
    assert_eq!(
        chosen(&["model.safetensors"]).unwrap_err(),
        "there is no config.json: it is no model in Hugging Face layout"
    );
    assert_eq!(
        chosen(&["config.json", "tf_model.h5"]).unwrap_err(),
        "there is no model.safetensors and no pytorch_model.bin (its weights are tf_model.h5)"
    );
}
