//! Model directories that are damaged, hostile or of two kinds at once: refused by name before the run's directory is made.

use std::fs;
use std::io::Write;
use std::path::Path;

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
        &format!("model/model.safetensors: tensor `{WORDS}` is of type I32, expected F32, F16, BF16 or F64"),
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
fn pytorch_model_bin_that_is_no_archive() {
    let folder = Folder::new();
    fs::remove_file(folder.path("model/model.safetensors")).unwrap();
    folder.write("model/pytorch_model.bin", "nothing that torch wrote");
    refused(
        &folder,
        "model/pytorch_model.bin: not a PyTorch checkpoint that can be read: it is no whole zip archive (invalid Zip archive: \
         Could not find EOCD): download or save it again",
    );
}

#[test]
fn a_pickle_that_would_run_something() {
    let folder = Folder::new();
    fs::remove_file(folder.path("model/model.safetensors")).unwrap();
    let mut archive = zip::ZipWriter::new(fs::File::create(folder.path("model/pytorch_model.bin")).unwrap());
    archive.start_file("archive/data.pkl", zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(b"\x80\x02cos\nsystem\nX\x09\0\0\0touch ran\x85R.").unwrap();
    archive.finish().unwrap();
    refused(
        &folder,
        "model/pytorch_model.bin: not a PyTorch checkpoint that can be read: it names `os.system`, which is no part of plain \
         weights, and nothing that a pickle names is run; if you trust it, save the weights alone with \
         torch.save(model.state_dict(), ..)",
    );
    assert!(!folder.path("ran").exists());
}

#[test]
fn no_weights() {
    let folder = Folder::new();
    fs::remove_file(folder.path("model/model.safetensors")).unwrap();
    let expected = "model holds no weights: expected model.safetensors or pytorch_model.bin, or either's index.json with its \
                    shards";
    refused(&folder, expected);
    folder.write("model/model.onnx", "");
    refused(
        &folder,
        &format!(
            "{expected}; it has model.onnx, which is not read: get the model in safetensors form, or load it with transformers \
             and `save_pretrained` it"
        ),
    );
}

/// Case not_what_it_says: what `git clone` leaves where Git LFS is not installed.
#[test]
fn lfs_pointer() {
    let folder = Folder::new();
    folder.write(
        "model/model.safetensors",
        "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 17544824\n",
    );
    refused(
        &folder,
        "model/model.safetensors: this is a Git LFS pointer in place of the file: `git lfs pull` in its repository fetches \
         the file, or download it again",
    );
}

const DAMAGED: &str = "not finite in float32: the file is damaged, or was saved after training had diverged; get or train the model again";

/// Sets the first values of a tensor.
fn spoil(folder: &Folder, model: &str, tensor: &str, values: usize, value: f32) {
    let file = folder.path(&format!("{model}/model.safetensors"));
    let mut bytes = fs::read(&file).unwrap();
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let header: Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    let from = 8 + length + header[tensor]["data_offsets"][0].as_u64().unwrap() as usize;
    bytes[from..from + 4 * values].copy_from_slice(&value.to_le_bytes().repeat(values));
    fs::write(file, bytes).unwrap();
}

/// Case nan_numbers.
#[test]
fn nan_weight() {
    let folder = Folder::new();
    spoil(&folder, "model", "bert.encoder.layer.1.output.dense.weight", 3, f32::NAN);
    let tensor = "tensor `bert.encoder.layer.1.output.dense.weight`";
    refused(&folder, &format!("model/model.safetensors: 3 of the 512 values of {tensor} are {DAMAGED}"));
}

/// Case nan_numbers.
#[test]
fn trained_nan_head_and_trained_nan_encoder() {
    let folder = Folder::new();
    folder.run(&format!("{COMMAND} --max-steps 2")).success();
    let trained = fs::read(folder.path("out/model/model.safetensors")).unwrap();
    for (tensor, of) in [("classifier.bias", 2), ("bert.encoder.layer.1.output.dense.bias", 16)] {
        fs::write(folder.path("out/model/model.safetensors"), &trained).unwrap();
        spoil(&folder, "out/model", tensor, 1, f32::NAN);
        for command in ["evaluate", "predict --out predictions.tsv"] {
            folder.fails(
                &format!("{command} --model out/model --task task.toml"),
                &format!(
                    "out/model/model.safetensors: 1 of the {of} values of tensor `{tensor}` is {DAMAGED}"
                ),
            );
        }
    }
    assert!(!folder.path("predictions.tsv").exists());
}

#[test]
fn logit_that_is_not_finite_is_no_label() {
    let folder = Folder::new();
    folder.run(&format!("{COMMAND} --max-steps 2")).success();
    // The pooler's tanh gives 1, 16 times.
    spoil(&folder, "out/model", "bert.pooler.dense.bias", 16, 1e3);
    spoil(&folder, "out/model", "classifier.weight", 16, f32::MAX);
    for (command, split) in [("evaluate", "dev"), ("predict --out predictions.tsv", "test")] {
        let run = folder.run(&format!("{command} --model out/model --task task.toml")).code(1).stdout("");
        let stderr = String::from_utf8(run.get_output().stderr.clone()).unwrap();
        assert!(
            stderr.starts_with(&format!("error: the row with index 0 of {split} has the logits [")),
            "{stderr}"
        );
        assert!(stderr.contains("expected finite numbers ("), "{stderr}");
    }
    assert!(!folder.path("predictions.tsv").exists());
}

/// Case model_beneath: a folder of sentence-transformers, an adapter, a run.
#[test]
fn model_beneath() {
    let folder = Folder::new();
    let refused = |model: &str, hint: &str| {
        let command = format!("train --model {model} --task task.toml --out out");
        folder.fails(&command, &format!("{model} has no config.json: {hint}"));
    };
    fs::create_dir_all(folder.path("sentences")).unwrap();
    fs::rename(folder.path("model"), folder.path("sentences/0_Transformer")).unwrap();
    folder.write("sentences/modules.json", "[]");
    refused("sentences", "the model is sentences/0_Transformer; give that directory");
    fs::create_dir_all(folder.path("sentences/0_Transformer/onnx")).unwrap();
    refused(
        "sentences/0_Transformer/onnx",
        "the directory above it is a model: give sentences/0_Transformer",
    );
    folder.write("run/model-a/config.json", "{}");
    folder.write("run/model-b/config.json", "{}");
    refused("run", "give the directory of one model: run/model-a, run/model-b");
    folder.write("adapter/adapter_config.json", "{}");
    refused(
        "adapter",
        "it holds an adapter, a change to another model: merge the two first (`merge_and_unload()` in peft) and save the whole",
    );
    folder.fails(
        "data check task.toml --model sentences",
        "sentences has no config.json: the model is sentences/0_Transformer; give that directory",
    );
    folder.write("empty/README.md", "");
    refused("empty", "expected the directory of a model, with config.json, its weights and its tokenizer");
}

/// Sizes that would take gigabytes are compared with the weights before memory is taken for them.
#[test]
fn configuration_of_a_giant() {
    let folder = Folder::new();
    let mut config = bert();
    config["vocab_size"] = (1 << 24).into();
    config["intermediate_size"] = (1 << 18).into();
    folder.write("model/config.json", config.to_string());
    refused(
        &folder,
        &format!("model/model.safetensors: tensor `{WORDS}` has shape [60, 16], expected [16777216, 16]"),
    );
}

/// Case added_tokens: what cannot be honoured is named.
#[test]
fn added_tokens_of_another_tokenizer() {
    let folder = Folder::new();
    folder.write("model/added_tokens.json", r#"{"lampx": 59, "[ITEM]": 60}"#);
    refused(
        &folder,
        "model/added_tokens.json: not a usable tokenizer file: the token `lampx` has the id 59, but in the order of the files it \
         gets 60: the files are of different tokenizers, or one is missing",
    );
}

#[test]
fn tokenizer_class_that_is_not_read() {
    let folder = Folder::new();
    folder.write("model/tokenizer_config.json", r#"{"tokenizer_class": "BertJapaneseTokenizer"}"#);
    refused(
        &folder,
        "model/tokenizer_config.json: not a usable tokenizer file: `tokenizer_class` is BertJapaneseTokenizer; from vocab.txt, \
         without a tokenizer.json, only BertTokenizer, DistilBertTokenizer, ElectraTokenizer can be made",
    );
}

/// What is read is what a run is known by, whichever the container. The model is a reference that torch saved.
#[test]
fn a_run_is_known_by_the_bytes_of_pytorch_model_bin() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../train/tests/golden/electra-silu-unprojected");
    let folder = Folder::new();
    let files = Folder::copy_of(&golden);
    let vocab: Vec<String> = (0..13).map(|word| format!("w{word}\n")).collect();
    files.write("vocab.txt", format!("[UNK]\n[PAD]\n[CLS]\n[SEP]\n[MASK]\n{}", vocab.concat()));
    let mut hashes = Vec::new();
    for out in ["one", "two"] {
        let model = files.path("").display().to_string();
        let command =
            format!("train --model {model} --task task.toml --out {out} --max-steps 2 --max-tokens 13");
        folder.run(&command).success();
        hashes.push(folder.json(&format!("{out}/run.json"))["model"].clone());
        let file = files.path("pytorch_model.bin");
        let mut bytes = fs::read(&file).unwrap();
        // A bit of a value in the middle of the file.
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(file, bytes).unwrap();
    }
    assert_ne!(hashes[0], hashes[1]);
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
