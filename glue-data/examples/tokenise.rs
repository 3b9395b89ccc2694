//! Reads a split, tokenises it through the cache and packs its first rows; then the report of `check`.
//!
//! ```text
//! cargo run --release -p mtlift-glue-data --example tokenise -- DATA_HOME RTE all-MiniLM-L6-v2
//! ```
#![allow(clippy::print_stdout, reason = "an example's output is its purpose")]

use mtlift_glue_data::{Batch, Error, Task, TokenCache, check};
use mtlift_tokenizer::Tokenizer;
use std::path::PathBuf;
use std::time::Instant;

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let (Some(home), Some(task), Some(model)) = (arguments.next(), arguments.next(), arguments.next()) else {
        println!("usage: tokenise DATA_HOME TASK MODEL");
        return Ok(());
    };
    let home = PathBuf::from(home);
    let task = Task::find(&task, Some(&home))?;
    let tokenizer = Tokenizer::open(&home.join("models").join(model), 128)?;
    let cache = TokenCache::new(std::env::temp_dir().join("mtlift-example-tokens"));

    let split = task.read(task.splits()[0])?;
    let start = Instant::now();
    let tokens = cache.get_or_encode(&split.examples, &tokenizer)?;
    let (encoded, seconds) = (&tokens.encoded, start.elapsed().as_secs_f64());
    let how = if tokens.found { "found in the cache" } else { "tokenised" };
    println!("{} rows, {} tokens, {how} in {seconds:.3} s", encoded.rows(), encoded.ids.len());

    let mut batch = Batch::default();
    batch.pack(encoded, &[0, 1, 2]);
    println!("a batch of {} sequences: offsets {:?}\n", batch.sequences(), batch.offsets);

    println!("{}", check(&task, Some(&tokenizer))?);
    Ok(())
}
