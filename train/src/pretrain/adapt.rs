//! A model gets used to a task's texts before it is fine-tuned on the task: masked-language modelling on the training rows, of which no
//! label is looked at (task-adaptive pretraining, Gururangan et al. 2020).
//!
//! The one decision: the rows and their tokens are those that fine-tuning sees. So the held-out and dev rows are as unseen as without,
//! and the loss on the rows that select says what was learnt.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use mtlift_encoder::{Checkpoint, Config, Want};
use mtlift_files::{save_tensors, write_atomically};
use mtlift_heads::Form;
use mtlift_nn::{Layout, Linear, Store};
use mtlift_tokenizer::Tokenizer;

use super::prepare::{Prepared, as_set, read};
use super::trainer::MaskedTrainer;
use super::{MaskedNetwork, Masking};
use crate::model::copy_companions;
use crate::record::{RunResult, TaskResult};
use crate::run::{Course, Description, Directory, Part, TextSets, hash_parameters, open_tokenizer, timing};
use crate::{Error, Job, MAX_TOKENS, Mixing, Observer, Outcome};

/// Goes on with masked-language modelling from the job's model on the rows that it has to train on, and exports the model of the last
/// step as `OUT/model`. Labels, and the settings that [`Settings::without_labels`](crate::Settings::without_labels) leaves out, have no
/// part in it. The result has no score but [`RunResult::adapted`].
///
/// # Errors
/// If anything is wrong with model, data, settings or directory, the tokenizer has no mask, or the loss stops being finite. What was
/// saved stays.
///
/// # Panics
/// If the job has not one task.
pub fn adapt(job: Job<'_>, observer: &mut dyn Observer) -> Result<Outcome, Error> {
    let mut started = Instant::now();
    let (prepared, mut trainer) = prepare(job, observer)?;
    let mut directory = Directory::claim(job.out, &prepared.description, job.resume)?;
    if let Some((result, timing)) = directory.finished()? {
        observer.note("the run was finished before; nothing was trained");
        return Ok(Outcome { result, timing });
    }
    let progress = prepared.train(&mut trainer, &mut directory, &mut started, observer)?;
    let held_out = trainer.evaluate(&prepared.held_out);
    let task = job.tasks[0].task.name.clone();
    export(job.model, &directory.model(1, &task)?, &prepared.config, &trainer)?;
    let result = RunResult {
        protocol: job.settings.protocol.name().to_owned(),
        seed: job.settings.seed,
        precision: job.settings.precision,
        steps: progress.step,
        tokens: progress.tokens,
        target: TaskResult {
            task,
            metrics: None,
            groups: None,
            other_metrics: BTreeMap::new(),
            score_rows: None,
            train_rows: prepared.train.rows(),
            upweighted: None,
            seen: progress.seen[0],
            selected_step: progress.step,
            selected_score: None,
            threshold: None,
            parameters: hash_parameters(&trainer.params),
        },
        merged: None,
        adapted: Some(held_out),
        self_training: None,
        consistency: None,
        supports: Vec::new(),
    };
    let timing = timing(started, &progress);
    directory.close(&result, &timing)?;
    Ok(Outcome { result, timing })
}

/// Whether the model in `directory` can be adapted to texts. No weights are read.
///
/// # Errors
/// If it has no tokenizer, or one that cannot mask.
pub fn check_texts(directory: &Path) -> Result<(), Error> {
    Masking::new(&Tokenizer::open(directory, MAX_TOKENS)?, 0).map(|_| ())
}

fn prepare(job: Job<'_>, observer: &mut dyn Observer) -> Result<(Prepared, MaskedTrainer), Error> {
    let [task] = job.tasks else { panic!("a model is adapted to the texts of one task") };
    let settings = &job.settings.without_labels();
    settings.check()?;
    let job = Job { settings, ..job };
    let config = as_set(Config::read(job.model)?, settings)?;
    let tokenizer = open_tokenizer(job.model, &config, settings.max_tokens)?;
    let masking = Masking::new(&tokenizer, settings.seed)?;
    let part = Part::read(job, task, &config, &tokenizer, observer)?;
    let course = Course::check(settings, &Mixing::default(), 1, &[part.train.encoded.rows()])?;
    let network = MaskedNetwork::new(&config);
    let params = read(job.model, &config, &network, settings.seed, observer)?;
    observer.note(&format!(
        "texts of {}: {} rows to train on, {} steps",
        task.task.name,
        part.train.encoded.rows(),
        course.total_steps
    ));
    let parts = [part];
    let mut description =
        Description::new(job, &parts, &TextSets::of(&parts), &tokenizer, course.total_steps)?;
    description.add("objective", "masked-language-modelling".into());
    let [Part { train, watched, .. }] = parts;
    let trainer = MaskedTrainer::new(network, params, masking, settings);
    let (train, held_out) = (train.encoded, watched.encoded);
    Ok((Prepared { description, config, tokenizer: None, train, held_out, course }, trainer))
}

/// Writes a directory that transformers' `AutoModelForMaskedLM` loads. A pooler goes along as it was: fine-tuning would have gone on
/// from it, and does so from here.
fn export(source: &Path, to: &Path, config: &Config, trainer: &MaskedTrainer) -> Result<(), Error> {
    copy_companions(source, to)?;
    let json = config.to_masked_json("float32");
    write_atomically(&to.join("config.json"), |file| Ok(serde_json::to_writer_pretty(file, &json)?))?;
    let pooler = pooler(config);
    let (of_pooler, report) =
        Checkpoint::open(source)?.read(config.family.prefix(), &pooler, |_| Want::Optional)?;
    let mut tensors = tensors(trainer.layout(), &trainer.params);
    tensors.extend(
        self::tensors(&pooler, &of_pooler)
            .into_iter()
            .filter(|(name, ..)| !report.missing.iter().any(|missing| missing == name)),
    );
    Ok(save_tensors(&to.join("model.safetensors"), &tensors)?)
}

/// The pooler of the family's head for classification, if it has one.
fn pooler(config: &Config) -> Layout {
    let mut layout = Layout::default();
    if let Some(form) = Form::of(config.family.head()).filter(|form| form.pools) {
        Linear::new(&mut layout, form.dense, config.hidden, config.hidden);
    }
    layout
}

/// All parameters by name, with shape and values.
fn tensors<'a>(layout: &'a Layout, params: &'a Store<f32>) -> Vec<(&'a str, &'a [usize], &'a [f32])> {
    let entries = layout.entries().iter();
    entries.map(|entry| (&*entry.name, &*entry.shape, &params.values()[entry.range.clone()])).collect()
}
