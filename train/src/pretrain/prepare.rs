//! All that pretraining reads and makes before its first step: tokenizer, sequences, model. Whatever is wrong with them is
//! found here.

use std::path::Path;

use mtlift_encoder::{Checkpoint, Config, Input, Want};
use mtlift_glue_data::{Document, Text, pack};
use mtlift_nn::random::Stream;
use mtlift_nn::{Role, Store};
use mtlift_tokenizer::{Encoded, Tokenizer, TrainedTokenizer};
use serde_json::json;

use super::job::{PretrainingJob, PretrainingStart};
use super::trainer::MaskedTrainer;
use super::{MaskedNetwork, Masking};
use crate::model::draw_fresh;
use crate::precision::check_processor;
use crate::run::{Course, Description, NUMERICS, hash_model, open_tokenizer};
use crate::{Error, Identity, MAX_TOKENS, Mixing, Observer, Settings};

/// Everything that a run needs but the parameters: those are the trainer's.
pub(super) struct Prepared {
    pub(super) description: Description,
    pub(super) config: Config,
    /// The tokenizer's files, if it was trained for this run.
    pub(super) tokenizer: Option<TrainedTokenizer>,
    pub(super) train: Encoded,
    pub(super) held_out: Encoded,
    pub(super) course: Course,
}

/// What a run starts from: configuration, tokenizer, and the tokenizer's files if it was trained just now.
type Begin = (Config, Tokenizer, Option<TrainedTokenizer>);

impl Prepared {
    pub(super) fn read(
        job: PretrainingJob<'_>,
        observer: &mut dyn Observer,
    ) -> Result<(Self, MaskedTrainer), Error> {
        let settings = job.settings;
        settings.check()?;
        let (config, tokenizer, trained) = begin(job)?;
        let config = as_set(config, settings)?;
        let network = MaskedNetwork::new(&config);
        let masking = Masking::new(&tokenizer, settings.seed)?;

        let (mut train, mut held_out) = (Vec::new(), Vec::new());
        for text in job.texts {
            divide(text, settings.held_out, &mut train, &mut held_out);
        }
        let documents = train.len() + held_out.len();
        if train.is_empty() || held_out.is_empty() {
            return Err(Error::TooFewDocuments { documents });
        }
        let [train, held_out] = [pack(&train, &tokenizer)?, pack(&held_out, &tokenizer)?];
        for Encoded { ids, segments, offsets, .. } in [&train, &held_out] {
            Input { ids, segments, offsets, dropout: None }.check(&config)?;
        }
        let course = Course::check(settings, &Mixing::default(), 1, &[train.rows()])?;
        let params = match job.start {
            PretrainingStart::Fresh { .. } => fresh(&config, &network, settings.seed),
            PretrainingStart::Model(directory) => {
                read(directory, &config, &network, settings.seed, observer)?
            }
        };
        observer.note(&format!(
            "{documents} documents in {} texts: {} sequences with {} tokens to train on, {} sequences held out, {} steps",
            job.texts.len(),
            train.rows(),
            train.ids.len(),
            held_out.rows(),
            course.total_steps,
        ));
        observer.note(&format!(
            "{} of {} layers: {} parameters, {} tokens of vocabulary",
            config.family,
            config.layers,
            network.layout().len(),
            tokenizer.vocabulary_size(),
        ));
        let description = describe(job, &tokenizer, [&train, &held_out], course.total_steps)?;
        let trainer = MaskedTrainer::new(network, params, masking, settings);
        Ok((Self { description, config, tokenizer: trained, train, held_out, course }, trainer))
    }
}

fn begin(job: PretrainingJob<'_>) -> Result<Begin, Error> {
    match job.start {
        PretrainingStart::Model(directory) => {
            let config = Config::read(directory)?;
            let tokenizer = open_tokenizer(directory, &config, job.settings.max_tokens)?;
            Ok((config, tokenizer, None))
        }
        PretrainingStart::Fresh { shape, tokenizer: kind, vocabulary } => {
            let documents = job.texts.iter().flat_map(|text| &text.documents);
            let pieces = documents.flat_map(|document| &document.pieces).map(String::as_str);
            let trained = kind.train(vocabulary, pieces)?;
            let asked = job.settings.max_tokens;
            if let Some(asked) = asked.filter(|&asked| asked > shape.positions) {
                return Err(Error::TooManyTokens { asked, limit: shape.positions });
            }
            let tokenizer = trained.tokenizer(asked.unwrap_or(MAX_TOKENS.min(shape.positions)))?;
            let json = shape.config(kind, tokenizer.vocabulary_size());
            let config = Config::from_json(json, "the new model's config.json".as_ref())?;
            Ok((config, tokenizer, Some(trained)))
        }
    }
}

/// Puts a text's documents where they belong. Drawn without the seed, as held-out rows of a task are.
fn divide(text: &Text, held_out: f64, train: &mut Vec<Document>, out: &mut Vec<Document>) {
    let stream = Stream::new(0, "held-out").child(out.len() as u64 + train.len() as u64);
    for (document, at) in text.documents.iter().zip(0..) {
        let to = if stream.at(at).uniform() < held_out { &mut *out } else { &mut *train };
        to.push(document.clone());
    }
}

/// The configuration as the settings have it.
pub(super) fn as_set(mut config: Config, settings: &Settings) -> Result<Config, Error> {
    check_processor(settings.precision)?;
    config.precision = settings.precision;
    if let Some(rate) = settings.dropout {
        (config.hidden_dropout, config.attention_dropout) = (rate, rate);
    }
    Ok(config)
}

/// The parameters of a checkpoint, with a fresh head where it has none.
pub(super) fn read(
    directory: &Path,
    config: &Config,
    network: &MaskedNetwork,
    seed: u64,
    observer: &mut dyn Observer,
) -> Result<Store<f32>, Error> {
    let mut params = network.layout().zeros();
    let checkpoint = Checkpoint::open(directory)?;
    let report = checkpoint.load(config.family.prefix(), network.layout(), &mut params, |entry| {
        if entry.role == Role::Encoder { Want::Required } else { Want::Optional }
    })?;
    observer.note(&format!("model {}: {report}", directory.display()));
    draw(&mut params, &report.missing, config, network, seed);
    Ok(params)
}

/// New parameters, the encoder's too.
fn fresh(config: &Config, network: &MaskedNetwork, seed: u64) -> Store<f32> {
    let mut params = network.layout().zeros();
    let names: Vec<String> = network.layout().entries().iter().map(|entry| entry.name.clone()).collect();
    draw(&mut params, &names, config, network, seed);
    params
}

/// Draws the parameters of these names, which are the layout's.
fn draw(params: &mut Store<f32>, names: &[String], config: &Config, network: &MaskedNetwork, seed: u64) {
    for name in names {
        let entry = network.layout().find(name).expect("these are the layout's names");
        draw_fresh(params, entry, config, seed);
    }
}

fn describe(
    job: PretrainingJob<'_>,
    tokenizer: &Tokenizer,
    [train, held_out]: [&Encoded; 2],
    steps: u64,
) -> Result<Description, Error> {
    let model = match job.start {
        PretrainingStart::Fresh { shape, .. } => json!(shape),
        PretrainingStart::Model(directory) => json!(hash_model(directory)?),
    };
    let text = |text: &Text| json!({"text": text.name, "file": text.hash, "documents": text.documents.len()});
    let json = json!({
        "objective": "masked-language-modelling",
        "model": model,
        "tokenizer": tokenizer.fingerprint(),
        "max_tokens": tokenizer.max_tokens(),
        "texts": job.texts.iter().map(text).collect::<Vec<_>>(),
        "sequences": {"train": train.rows(), "held_out": held_out.rows()},
        "steps": steps,
        "settings": job.settings.identity(),
        "weights": job.float.name(),
    });
    Ok(Description::of(json, NUMERICS))
}
