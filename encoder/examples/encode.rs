//! Encodes two sequences of token ids with the model in a directory, and prints what loading found and the first values of
//! each first token's hidden state.
//!
//! Run: `cargo run -p mtlift-encoder --example encode -- DIRECTORY`

use std::path::Path;

use mtlift_encoder::{Checkpoint, Config, Encoder, Error, Input, Want};
use mtlift_nn::{Layout, Store};

#[expect(clippy::print_stdout, reason = "an example prints its results")]
fn main() -> Result<(), Error> {
    let Some(directory) = std::env::args_os().nth(1) else {
        println!("usage: encode DIRECTORY, which holds config.json and model.safetensors");
        return Ok(());
    };
    let directory = Path::new(&directory);

    let config = Config::read(directory)?;
    let mut layout = Layout::default();
    let encoder = Encoder::new(&mut layout, &config);
    let mut params: Store<f32> = layout.zeros();
    let report = Checkpoint::open(directory)?
        .load(config.family.prefix(), &layout, &mut params, |_| Want::Required)?;
    println!("{}, {} layers of width {}: {report}", config.family, config.layers, config.hidden);

    let input = Input { ids: &[2, 7, 5, 3, 2, 9, 3], segments: &[0; 7], offsets: &[0, 4, 7], dropout: None };
    input.check(&config)?;
    let mut cache = encoder.cache();
    encoder.forward(&params, &input, &mut cache);
    let hidden = encoder.hidden_states(&cache).view();
    for (sequence, &first) in input.offsets[..input.sequences()].iter().enumerate() {
        let values: Vec<String> = hidden.row(first).iter().take(5).map(|x| format!("{x:.4}")).collect();
        println!("sequence {sequence}: {} ..", values.join(" "));
    }
    Ok(())
}
