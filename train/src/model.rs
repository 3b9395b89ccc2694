//! A model's parameters: read from a checkpoint, completed with a fresh head, written back for transformers.

use std::path::Path;

use mtlift_encoder::{Checkpoint, Config, LoadReport, Want};
use mtlift_files::{make_directory, read_bytes, write_atomically};
use mtlift_glue_data::{Kind, Task};
use mtlift_nn::random::Stream;
use mtlift_nn::{Entry, Role, Store, draw_normal};
use serde_json::Value;

use crate::head::{Origin, TaskHead};
use crate::threshold::{self, Threshold};
use crate::{Design, Error, MaskedNetwork, Network};

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
    /// Reads the checkpoint in `directory` with one head. What of the head is fresh is drawn N(0, `initializer_range`)
    /// from the stream of its name under `seed`; fresh biases are zero.
    ///
    /// # Errors
    /// If the weights cannot be read, or do not fit.
    pub fn read(
        directory: &Path,
        config: Config,
        head: &TaskHead,
        seed: u64,
    ) -> Result<(Self, LoadReport), Error> {
        let checkpoint = open(directory)?;
        let network = Network::new(&config, &[head.outputs()]);
        let (params, report) = read_alone(&checkpoint, &config, &network, head, seed)?;
        Ok((Self { config, network, params }, report))
    }

    /// Reads the checkpoint with a head for each task, as `design` says; of tasks that share one the first decides how it starts.
    /// A task's head starts with the values that it has in a model of that task alone, and what it reads beside counts nothing
    /// at first; private features and an adversary are drawn.
    ///
    /// # Errors
    /// As [`Model::read`].
    ///
    /// # Panics
    /// As [`Design::network`].
    pub fn read_joint(
        directory: &Path,
        config: Config,
        heads: &[&TaskHead],
        design: &Design,
        seed: u64,
    ) -> Result<(Self, LoadReport), Error> {
        if let [head] = heads {
            return Self::read(directory, config, head, seed);
        }
        let outputs: Vec<usize> = heads.iter().map(|head| head.outputs()).collect();
        let network = design.network(&config, &outputs);
        let checkpoint = open(directory)?;
        // Made when the first task has shown that the weights are of this size.
        let mut params: Option<Store<f32>> = None;
        let mut first = None;
        // Backwards, so that of tasks with one head the first has the last word.
        for (task, head) in heads.iter().enumerate().rev() {
            let alone = Network::new(&config, &outputs[task..=task]);
            let (values, report) = read_alone(&checkpoint, &config, &alone, head, seed)?;
            let params = params.get_or_insert_with(|| network.layout().zeros());
            for (to, from) in network.beside(task, &alone) {
                params.values_mut()[to.range.clone()].copy_from_slice(&values.values()[from.range.clone()]);
            }
            first = Some(report);
        }
        let (mut params, report) = params.zip(first).expect("a model has a task");
        let is_drawn = |entry: &&Entry| matches!(entry.role, Role::Private(_) | Role::Adversary);
        for entry in network.layout().entries().iter().filter(is_drawn) {
            draw_fresh(&mut params, entry, &config, seed);
        }
        Ok((Self { config: design.used(&config), network, params }, report))
    }
}

impl Model {
    /// The same with a head that guesses masked tokens beside that of its task, as the checkpoint in `directory` has it or else drawn, and
    /// what runs it.
    ///
    /// # Errors
    /// If the weights cannot be read.
    pub(crate) fn guessing_tokens(self, directory: &Path, seed: u64) -> Result<(Self, MaskedNetwork), Error> {
        let Self { config, network, params: of_task } = self;
        let (network, guessing) = network.guessing_tokens(&config);
        let mut params = network.layout().zeros();
        params.values_mut()[..of_task.values().len()].copy_from_slice(of_task.values());
        let is_new = |entry: &Entry| entry.range.start >= of_task.values().len();
        let want = |entry: &Entry| if is_new(entry) { Want::Optional } else { Want::Skipped };
        let report = open(directory)?.load(config.family.prefix(), network.layout(), &mut params, want)?;
        let missing = report.missing.iter().filter_map(|name| network.layout().find(name));
        for entry in missing.filter(|entry| is_new(entry)) {
            draw_fresh(&mut params, entry, &config, seed);
        }
        Ok((Self { config, network, params }, guessing))
    }
}

/// The weights of a model whose head reads more than the encoder.
pub(crate) const JOINT_WEIGHTS: &str = "mtlift.safetensors";

/// Whether the model in a directory has a head that reads more than the encoder.
pub(crate) fn is_joint(directory: &Path) -> bool {
    directory.join(JOINT_WEIGHTS).is_file()
}

fn open(directory: &Path) -> Result<Checkpoint, Error> {
    if is_joint(directory) {
        return Err(Error::Joint { directory: directory.to_owned() });
    }
    Ok(Checkpoint::open(directory)?)
}

/// How many layers the model in `directory` has. No weights are read.
///
/// # Errors
/// If its configuration cannot be read.
pub fn count_layers(directory: &Path) -> Result<usize, Error> {
    Ok(Config::read(directory)?.layers)
}

/// How many parameters the model in `directory` has with a head for `task`, and one for masked tokens where it guesses them. No weights
/// are read.
///
/// # Errors
/// If its configuration cannot be read.
pub fn count_parameters(directory: &Path, task: &Task, guesses_tokens: bool) -> Result<usize, Error> {
    let outputs = if task.kind == Kind::Regression { 1 } else { task.labels.len() };
    let config = Config::read(directory)?;
    let network = Network::new(&config, &[outputs]);
    let network = if guesses_tokens { network.guessing_tokens(&config).0 } else { network };
    Ok(network.layout().len())
}

/// Bytes of what goes with the model in `directory` wherever it goes: its tokenizer and licence.
pub fn companion_bytes(directory: &Path) -> u64 {
    let files = COMPANIONS.iter().filter_map(|name| std::fs::metadata(directory.join(name)).ok());
    files.map(|file| file.len()).sum()
}

/// The model of one task alone: the encoder as far as its head reads, and its head.
pub(crate) fn alone(
    config: &Config,
    network: &Network,
    params: &Store<f32>,
    head: &TaskHead,
    task: usize,
) -> Model {
    let config = config.cut_to(network.layers(task));
    let alone = Network::new(&config, &[head.outputs()]);
    let mut values = alone.layout().zeros();
    for (from, to) in network.beside(task, &alone) {
        values.values_mut()[to.range.clone()].copy_from_slice(&params.values()[from.range.clone()]);
    }
    Model { config, network: alone, params: values }
}

/// The parameters of a network with one head.
fn read_alone(
    checkpoint: &Checkpoint,
    config: &Config,
    network: &Network,
    head: &TaskHead,
    seed: u64,
) -> Result<(Store<f32>, LoadReport), Error> {
    let prefix = config.family.prefix();
    let (mut params, report) = if head.origin == Origin::Kept {
        checkpoint.read(prefix, network.layout(), |_| Want::Required)?
    } else {
        checkpoint.read(prefix, network.layout(), want_pretrained)?
    };
    for name in &report.missing {
        let entry = network.layout().find(name).expect("the report lists the layout's names");
        draw_fresh(&mut params, entry, config, seed);
    }
    if let Origin::Mapped { outputs, from } = &head.origin {
        let there = Network::new(config, &[*outputs]);
        let (values, _) = checkpoint.read(prefix, there.layout(), |_| Want::Required)?;
        for (to, source) in network.layout().entries().iter().zip(there.layout().entries()) {
            let (to_values, from_values) =
                (&mut params.values_mut()[to.range.clone()], &values.values()[source.range.clone()]);
            if matches!(to.role, Role::Projection(_)) {
                let (rows, each) = (from.len(), to_values.len() / from.len());
                for (row, source) in (0..rows).zip(from) {
                    if let Some(source) = source {
                        to_values[row * each..][..each]
                            .copy_from_slice(&from_values[source * each..][..each]);
                    }
                }
            } else {
                to_values.copy_from_slice(from_values);
            }
        }
    }
    Ok((params, report))
}

/// Fresh values of a parameter, as transformers' `_init_weights`: matrices from N(0, `initializer_range`), from the stream of
/// their name; a vector is the scale of a LayerNorm, which is one, or a bias, which is zero.
pub(crate) fn draw_fresh(params: &mut Store<f32>, entry: &Entry, config: &Config, seed: u64) {
    let values = &mut params.values_mut()[entry.range.clone()];
    if entry.shape.len() == 2 {
        let stream = Stream::new(seed, &format!("init.{}", entry.name));
        draw_normal(values, config.initializer_range, stream);
    } else {
        values.fill(if entry.name.ends_with(".weight") { 1.0 } else { 0.0 });
    }
}

/// What of a checkpoint a fresh head is put on: all of the encoder, and its pooler where there is one.
pub(crate) fn want_pretrained(entry: &Entry) -> Want {
    match entry.role {
        Role::Encoder => Want::Required,
        Role::Pooler(_) => Want::Optional,
        Role::Hidden(_) | Role::Projection(_) | Role::Side(_) | Role::Private(_) | Role::Adversary => {
            Want::Skipped
        }
    }
}

/// Makes a model's directory, with the tokenizer and the licence of the model in `source`.
pub(crate) fn copy_companions(source: &Path, directory: &Path) -> Result<(), Error> {
    make_directory(directory)?;
    for name in COMPANIONS {
        let file = source.join(name);
        if file.is_file() {
            let bytes = read_bytes(&file)?;
            write_atomically(&directory.join(name), |to| std::io::Write::write_all(to, &bytes))?;
        }
    }
    Ok(())
}

/// Writes a directory that transformers' `AutoModelForSequenceClassification` loads: configuration with the head's labels,
/// weights, and tokenizer and licence of the model in `source`; a threshold goes into the configuration.
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
    threshold: Option<&Threshold>,
) -> Result<(), Error> {
    copy_companions(source, directory)?;
    write_config(directory, config, head, threshold, None)?;
    Ok(mtlift_encoder::save(directory, network.layout(), params)?)
}

/// Writes `config.json` with the head's labels, its threshold, and a key more where one is given.
pub(crate) fn write_config(
    directory: &Path,
    config: &Config,
    head: &TaskHead,
    threshold: Option<&Threshold>,
    more: Option<(&str, Value)>,
) -> Result<(), Error> {
    let mut json = config.to_json(&head.labels.names, head.labels.problem_type);
    if let Some(fields) = json.as_object_mut() {
        // One that the model began with was of other weights.
        fields.remove(threshold::KEY);
        if let Some(threshold) = threshold {
            fields.insert(threshold::KEY.to_owned(), serde_json::json!(threshold));
        }
        fields.extend(more.map(|(key, value)| (key.to_owned(), value)));
    }
    Ok(write_atomically(&directory.join("config.json"), |file| {
        Ok(serde_json::to_writer_pretty(file, &json)?)
    })?)
}
