//! An entry of the token cache. No fault of it is an error: what cannot be used is made again.

use mtlift_glue_data::{Batch, TokenCache};
use mtlift_tokenizer::Tokenizer;

use super::world::{World, files};
use crate::mutate::Form;
use crate::target::Target;

pub(super) fn entry() -> Target {
    let world = World::with_tasks();
    let tokenizer = Tokenizer::open(&world.path("model"), 12).expect("the tokenizer is genuine");
    let examples = world.task("pairs").read("train").expect("the rows are genuine").examples;
    let cache = TokenCache::new(world.path("cache"));
    cache.get_or_encode(&examples, &tokenizer).expect("the rows can be encoded");
    let (name, _) = files(&world.path("cache")).pop_first().expect("the entry was stored");
    let rows: Vec<usize> = (0..examples.len()).collect();
    let mut batch = Batch::default();
    world.target(&[(&format!("cache/{name}"), Form::TokenCache)], move |_| {
        let cached = cache.get_or_encode(&examples, &tokenizer).map_err(|error| error.to_string())?;
        batch.pack(&cached.encoded, &rows);
        if cached.found { Ok(()) } else { Err("the entry is made again".to_owned()) }
    })
}
