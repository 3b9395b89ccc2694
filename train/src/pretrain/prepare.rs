//! All that pretraining reads and makes before its first step: tokenizer, sequences, model. Whatever is wrong with them is
//! found here.

use mtlift_encoder::{Checkpoint, Config, Input, Want};
use mtlift_glue_data::{Document, Text, pack};
use mtlift_nn::random::Stream;
use mtlift_nn::{AdamWConfig, Role, Store};
use mtlift_tokenizer::{Encoded, Tokenizer, TrainedTokenizer};
use serde_json::json;

use super::job::{PretrainingJob, PretrainingStart};
use super::trainer::MaskedTrainer;
use super::{MaskedNetwork, Masking};
use crate::model::draw_fresh;
use crate::precision::check_processor;
use crate::run::{Course, Description, NUMERICS, hash_model, open_tokenizer};
use crate::{Error, Identity, MAX_TOKENS, Mixing, Observer};

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
        check_processor(settings.precision)?;
        let (mut config, tokenizer, trained) = begin(job)?;
        config.precision = settings.precision;
        if let Some(rate) = settings.dropout {
            (config.hidden_dropout, config.attention_dropout) = (rate, rate);
        }
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
        let course = Course::check(settings, &Mixing::default(), &[train.rows()])?;
        let params = parameters(job, &config, &network, observer)?;
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
        let trainer = MaskedTrainer::new(
            network,
            params,
            masking,
            AdamWConfig { weight_decay: settings.weight_decay, ..AdamWConfig::default() },
            Stream::new(settings.seed, "dropout"),
            settings.clip,
            settings.micro_batch.unwrap_or(settings.batch),
        );
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

/// The parameters of the first step.
fn parameters(
    job: PretrainingJob<'_>,
    config: &Config,
    network: &MaskedNetwork,
    observer: &mut dyn Observer,
) -> Result<Store<f32>, Error> {
    let mut params = network.layout().zeros();
    let fresh = match job.start {
        PretrainingStart::Fresh { .. } => {
            network.layout().entries().iter().map(|entry| entry.name.clone()).collect()
        }
        PretrainingStart::Model(directory) => {
            let checkpoint = Checkpoint::open(directory)?;
            let report = checkpoint.load(config.family.prefix(), network.layout(), &mut params, |entry| {
                if entry.role == Role::Encoder { Want::Required } else { Want::Optional }
            })?;
            observer.note(&format!("model {}: {report}", directory.display()));
            report.missing
        }
    };
    for name in &fresh {
        let entry = network.layout().find(name).expect("these are the layout's names");
        draw_fresh(&mut params, entry, config, job.settings.seed);
    }
    Ok(params)
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
