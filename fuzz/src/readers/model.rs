//! What else is in a model's directory: its configuration and its tokenizer.

use mtlift_encoder::Config;
use mtlift_tokenizer::{Error, Tokenizer};

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
    let world = World::with_tasks();
    let genuine = vec![world.read("model/vocab.txt")];
    Target::new(Form::Bytes, genuine, move |bytes| {
        world.write("model/vocab.txt", bytes);
        encode(&world)
    })
}

pub(super) fn tokenizer() -> Target {
    let world = World::with_tasks();
    let tokenizer = Tokenizer::open(&world.path("model"), 12).expect("the vocabulary is genuine");
    let genuine = tokenizer.library().to_string(false).expect("a tokenizer can be written").into_bytes();
    Target::new(Form::Json, vec![genuine], move |bytes| {
        world.write("model/tokenizer.json", bytes);
        encode(&world)
    })
}

pub(super) fn merges() -> Target {
    let world = World::new();
    world.write("model/config.json", r#"{"model_type": "roberta"}"#);
    let vocabulary = r#"{"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "<mask>": 4, "a": 5, "b": 6, "ab": 7, "Ġ": 8, "Ġa": 9}"#;
    world.write("model/vocab.json", vocabulary);
    let genuine = vec![b"#version: 0.2\na b\n\xc4\xa0 a\n".to_vec()];
    Target::new(Form::Bytes, genuine, move |bytes| {
        world.write("model/merges.txt", bytes);
        encode(&world)
    })
}

/// Opens the tokenizer and encodes a text and a pair.
fn encode(world: &World) -> Result<(), Error> {
    let tokenizer = Tokenizer::open(&world.path("model"), 12)?;
    let text = "w1 ab \u{fffd} w2";
    tokenizer.encode([text])?;
    tokenizer.encode([(text, "w3 a b")]).map(drop)
}
