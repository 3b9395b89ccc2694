//! A model's parameters: read from a checkpoint, completed with a fresh head, written back for transformers.

use std::path::Path;

use mtlift_encoder::{Checkpoint, Config, LoadReport, Want, write_atomically};
use mtlift_nn::random::Stream;
use mtlift_nn::{Store, draw_normal};

use crate::head::TaskHead;
use crate::{Error, Network};

/// Files that go with a model wherever it goes: its tokenizer, and the terms it comes under.
const COMPANIONS: [&str; 10] = [
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "sentencepiece.bpe.model",
    "LICENSE",
    "NOTICE",
];

/// A network with its parameters.
#[derive(Debug)]
pub struct Model {
    /// Its configuration.
    pub config: Config,
    /// Its structure.
    pub network: Network,
    /// Its parameters.
    pub params: Store<f32>,
}

impl Model {
    /// Reads the checkpoint in `directory` with `head`. A fresh head's weights are drawn N(0, `initializer_range`)
    /// from the stream of their name under `seed`, its biases are zero.
    ///
    /// # Errors
    /// If the weights cannot be read, or do not fit.
    pub fn read(
        directory: &Path,
        config: Config,
        head: &TaskHead,
        seed: u64,
    ) -> Result<(Self, LoadReport), Error> {
        let network = Network::new(&config, &[head.outputs()]);
        let mut params = network.layout().zeros();
        let checkpoint = Checkpoint::open(directory)?;
        let prefix = config.family.prefix();
        let report = if head.kept {
            checkpoint.load(prefix, network.layout(), &mut params, |_| Want::Required)?
        } else {
            checkpoint.load(prefix, network.layout(), &mut params, want_pretrained(&network))?
        };
        for name in &report.missing {
            let entry = network.layout().find(name).expect("the report lists the layout's names");
            // Vectors of a head are biases: they stay zero.
            if entry.shape.len() == 2 {
                let stream = Stream::new(seed, &format!("init.{name}"));
                draw_normal(&mut params.values_mut()[entry.range.clone()], config.initializer_range, stream);
            }
        }
        Ok((Self { config, network, params }, report))
    }
}

/// What of a checkpoint a fresh head is put on: all of the encoder, and its pooler where there is one.
pub(crate) fn want_pretrained(network: &Network) -> impl Fn(&str) -> Want {
    let encoder: std::collections::BTreeSet<String> = network.encoder_names().map(str::to_owned).collect();
    move |name| {
        if encoder.contains(name) {
            Want::Required
        } else if name.contains(".pooler.") {
            Want::Optional
        } else {
            Want::Skipped
        }
    }
}

/// Writes a directory that transformers' `AutoModelForSequenceClassification` loads: configuration with the head's labels,
/// weights, and tokenizer and licence of the model in `source`.
///
/// # Errors
/// If a file cannot be read or written.
pub fn export(
    directory: &Path,
    source: &Path,
    config: &Config,
    network: &Network,
    params: &Store<f32>,
    head: &TaskHead,
) -> Result<(), Error> {
    let unwritable = |source| Error::Unwritable { file: directory.to_owned(), source };
    std::fs::create_dir_all(directory).map_err(unwritable)?;
    for name in COMPANIONS {
        let file = source.join(name);
        if file.is_file() {
            let bytes = std::fs::read(&file).map_err(|source| Error::Unreadable { file, source })?;
            write_atomically(&directory.join(name), |to| std::io::Write::write_all(to, &bytes))?;
        }
    }
    let json = config.to_json(&head.labels.names, head.labels.problem_type);
    write_atomically(&directory.join("config.json"), |file| Ok(serde_json::to_writer_pretty(file, &json)?))?;
    Ok(mtlift_encoder::save(directory, network.layout(), params)?)
}
