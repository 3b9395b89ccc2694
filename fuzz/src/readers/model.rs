//! What is in a model's directory: its configuration, its tokenizer, and all of it together.

use mtlift_encoder::Config;
use mtlift_glue_data::{Document, Error, pack};
use mtlift_tokenizer::Tokenizer;
use mtlift_train::TrainedModel;
use serde_json::{Map, Value, json};

use super::run::{with_joint_model, with_trained_model};
use super::torch::pickled;
use super::world::World;
use crate::mutate::Form;
use crate::target::Target;

pub(super) fn config() -> Target {
    let bert = World::copy_of("train/tests/golden/bert-gelu-new-4class");
    let others = ["distilbert-relu-3class", "electra-widened-regression", "roberta-relu-regression"];
    let others = others.map(|name| World::copy_of(&format!("train/tests/golden/{name}")).read("config.json"));
    let genuine = [vec![bert.read("config.json")], others.to_vec()].concat();
    Target::new(Form::Json, genuine, move |bytes| {
        bert.write("config.json", bytes);
        Config::read(bert.root()).map(drop)
    })
}

pub(super) fn vocabulary() -> Target {
    World::with_tasks().target(&[("model/vocab.txt", Form::Bytes)], encode)
}

/// With what the small files beside it say.
pub(super) fn tokenizer() -> Target {
    let world = World::with_tasks();
    let tokenizer = Tokenizer::open(&world.path("model"), 12).expect("the vocabulary is genuine");
    world.write(
        "model/tokenizer.json",
        tokenizer.library().to_string(false).expect("a tokenizer can be written"),
    );
    let settings = r#"{"do_lower_case": true, "strip_accents": null, "tokenize_chinese_chars": true, "cls_token": "[CLS]",
                       "added_tokens_decoder": {"29": {"content": "[NEW]", "lstrip": false, "special": false}}}"#;
    world.write("model/tokenizer_config.json", settings);
    world.write("model/special_tokens_map.json", r#"{"mask_token": {"content": "[MASK]", "lstrip": true}}"#);
    let files = ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"];
    let names = files.map(|name| format!("model/{name}"));
    world.target(&names.each_ref().map(|name| (name.as_str(), Form::Json)), encode)
}

pub(super) fn byte_level_bpe() -> Target {
    let world = World::new();
    world.write("model/config.json", r#"{"model_type": "roberta"}"#);
    world.write("model/added_tokens.json", r#"{"<new>": 10}"#);
    let vocabulary = r#"{"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "<mask>": 4, "a": 5, "b": 6, "ab": 7, "Ġ": 8, "Ġa": 9}"#;
    world.write("model/vocab.json", vocabulary);
    world.write("model/merges.txt", "#version: 0.2\na b\n\u{120} a\n");
    let files = [
        ("model/merges.txt", Form::Bytes),
        ("model/vocab.json", Form::Json),
        ("model/added_tokens.json", Form::Json),
    ];
    world.target(&files, encode)
}

/// Opens the tokenizer and encodes a text and a pair.
fn encode(world: &World) -> Result<(), Error> {
    let tokenizer = Tokenizer::open(&world.path("model"), 12)?;
    let (text, pair) = ("w1 ab \u{fffd} w2", ("-", "w3 a b"));
    tokenizer.encode([text])?;
    tokenizer.encode([pair])?;
    tokenizer.without_token([pair])?;
    pack(&[Document { pieces: vec!["w1".to_owned(), "ab w2".to_owned()] }], &tokenizer).map(drop)
}

pub(super) fn directory() -> Target {
    let world = with_trained_model();
    let files = [
        ("config.json", Form::Json),
        ("model.safetensors", Form::Tensors),
        ("tokenizer_config.json", Form::Json),
        ("special_tokens_map.json", Form::Json),
        ("added_tokens.json", Form::Json),
        ("vocab.txt", Form::Bytes),
    ];
    let mut config: Map<String, Value> = serde_json::from_slice(&world.read("out/model-pairs/config.json"))
        .expect("the configuration is genuine");
    config.insert("mtlift_threshold".to_owned(), json!({"label": "yes", "probability": 0.5}));
    world.write("out/model-pairs/config.json", Value::from(config).to_string());
    world
        .write("out/model-pairs/tokenizer_config.json", r#"{"do_lower_case": true, "model_max_length": 16}"#);
    world.write("out/model-pairs/special_tokens_map.json", r#"{"sep_token": "[SEP]"}"#);
    world.write("out/model-pairs/added_tokens.json", r#"{"[MASK]": 4}"#);
    whole(world, &files)
}

pub(super) fn pickled_directory() -> Target {
    let world = with_trained_model();
    let weights = pickled(&world.path("out/model-pairs/model.safetensors"));
    world.write("out/model-pairs/pytorch_model.bin", weights);
    std::fs::remove_file(world.path("out/model-pairs/model.safetensors")).expect("the weights are there");
    whole(world, &[("pytorch_model.bin", Form::Torch)])
}

/// A model whose head reads the other task's.
pub(super) fn joint_directory() -> Target {
    whole(with_joint_model(), &[("config.json", Form::Json), ("mtlift.safetensors", Form::Tensors)])
}

/// The model predicts the rows of its task.
fn whole(world: World, files: &[(&str, Form)]) -> Target {
    let names: Vec<String> = files.iter().map(|(name, _)| format!("out/model-pairs/{name}")).collect();
    let files: Vec<(&str, Form)> =
        names.iter().zip(files).map(|(name, &(_, form))| (name.as_str(), form)).collect();
    let task = world.task("pairs");
    world.target(&files, move |world| {
        let model = TrainedModel::open(&world.path("out/model-pairs"), &task, None, Some(12))?;
        let rows = model.read(&task, "dev", None, &mut |_| {})?;
        let predictions = model.predictions(&model.logits(&rows)?, model.threshold())?;
        model.score(&task, &rows, &predictions).map(drop)
    })
}
