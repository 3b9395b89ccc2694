//! A run: one model trained on one task under one protocol, in a directory of its own.
//!
//! Everything is read and checked before the first step. What a run does is a function of its description in
//! `run.json`; a run that was killed goes on from its last checkpoint and ends with the same bits.

mod checkpoint;
mod directory;
mod records;
mod result;

use std::path::Path;
use std::time::{Duration, Instant};

use mtlift_encoder::Config;
use mtlift_eval::Scores;
use mtlift_glue_data::{Task, TextEncoder, TokenCache};
use mtlift_nn::AdamWConfig;
use mtlift_nn::random::Stream;
use mtlift_schedule::{EvaluationPoints, LearningRate, Offer, Order, Selection};

pub use records::EvaluationRecord;
use records::StepRecord;
pub use result::Outcome;
use result::{RunResult, Timing};

use crate::predict::{Predictions, write_predictions};
use crate::{
    Error, MAX_TOKENS, Model, Protocol, Reader, Rows, Settings, StepReport, TaskHead, Trainer, TrainingRows,
    export, logits,
};
use checkpoint::Progress;
use directory::{Description, Directory};

/// Between checkpoints at most this much time passes, besides those at evaluations. It decides nothing but how much
/// work a killed process loses.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(120);

/// What to run, and where.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// The checkpoint to start from.
    pub model: &'a Path,
    /// The task.
    pub task: &'a Task,
    /// How.
    pub settings: &'a Settings,
    /// The run's directory, made if need be.
    pub out: &'a Path,
    /// Where token ids are kept between runs, if anywhere.
    pub cache: Option<&'a TokenCache>,
    /// Whether to go on with a run that is there already.
    pub resume: bool,
}

/// Hears of a run's progress.
pub trait Observer {
    /// Something the user should know before believing the result.
    fn warn(&mut self, message: &str);
    /// Something worth a line.
    fn note(&mut self, message: &str);
    /// Training begins after `done` of `total` steps.
    fn begin(&mut self, done: u64, total: u64);
    /// A step was made.
    fn step(&mut self, step: u64, learning_rate: f64, report: &StepReport);
    /// An evaluation was made.
    fn evaluation(&mut self, evaluation: &EvaluationRecord);
}

/// Trains, evaluates and exports.
///
/// # Errors
/// If anything is wrong with model, data, settings or directory, or the loss stops being finite. What was saved stays.
pub fn train(job: Job<'_>, observer: &mut dyn Observer) -> Result<Outcome, Error> {
    let started = Instant::now();
    let (prepared, mut trainer) = Prepared::read(job, observer)?;
    let mut directory = Directory::claim(job.out, &prepared.description, job.resume)?;
    if let Some(outcome) = directory.finished()? {
        observer.note("the run was finished before; nothing was trained");
        return Ok(outcome);
    }
    let progress = prepared.train(job, &mut trainer, &mut directory, observer)?;
    prepared.finish(job, directory, trainer, progress, started, observer)
}

/// Everything that is read before the first step, but for the parameters: those are the trainer's.
struct Prepared {
    description: Description,
    head: TaskHead,
    config: Config,
    train: Rows,
    /// What evaluations during training look at: the held-out rows, or the first dev split.
    watched: Rows,
    dev: Vec<Rows>,
    order: Order,
    rate: LearningRate,
    points: EvaluationPoints,
    selection: Selection,
    total_steps: u64,
}

impl Prepared {
    fn read(job: Job<'_>, observer: &mut dyn Observer) -> Result<(Self, Trainer), Error> {
        let (settings, task) = (job.settings, job.task);
        settings.check()?;
        let mut config = Config::read(job.model)?;
        if let Some(rate) = settings.dropout {
            (config.hidden_dropout, config.attention_dropout, config.classifier_dropout) = (rate, rate, rate);
        }
        let encoder = open_tokenizer(job.model, &config, settings.max_tokens)?;
        let head = TaskHead::to_train(&config, task)?;
        let reader = Reader { task, head: &head, encoder: &encoder, cache: job.cache };
        let hold_out = settings.protocol == Protocol::HeldOut;
        let mut warn = |why: &str| observer.warn(why);
        let data = reader.training(settings, hold_out, &mut warn)?;
        let dev: Vec<Rows> = task
            .dev_splits()
            .into_iter()
            .map(|split| reader.labelled(split, &mut warn))
            .collect::<Result<_, _>>()?;
        let Some(first_dev) = dev.first() else {
            let found = task.splits().join(", ");
            return Err(Error::NoSplit { task: task.name.clone(), split: "dev".into(), found });
        };
        let watched = data.held_out.unwrap_or_else(|| first_dev.clone());
        for rows in dev.iter().chain([&data.train, &watched]) {
            rows.check(&config)?;
        }

        let order = Order::check(&[data.train.encoded.rows()], settings.batch)?;
        let per_epoch = order.steps_per_epoch();
        let all = per_epoch * u64::from(settings.epochs);
        let total_steps = settings.max_steps.map_or(all, |most| most.min(all));
        let rate =
            LearningRate::check(settings.schedule, settings.learning_rate, settings.warmup, total_steps)?;
        let points = EvaluationPoints::check(settings.evaluate_every, per_epoch, total_steps)?;
        let selection = Selection::check(settings.patience)?;

        let (Model { config, network, params }, report) =
            Model::read(job.model, config, &head, settings.seed)?;
        observer.note(&format!("model {}: {report}", job.model.display()));
        observer.note(&format!(
            "task {}: {} rows to train on, {total_steps} steps; head for {} {}",
            task.name,
            data.train.encoded.rows(),
            head.labels.names.join(", "),
            if head.kept { "kept from the model" } else { "drawn fresh" }
        ));
        if !report.unexpected.is_empty() {
            observer
                .warn(&format!("weights of an encoder that the configuration does not describe: {report}"));
        }
        let splits: Vec<&Rows> = [&data.train, &watched].into_iter().chain(&dev).collect();
        let description = Description::new(job, &head, &encoder, total_steps, &splits)?;
        let trainer = Trainer::new(
            network,
            params,
            AdamWConfig { weight_decay: settings.weight_decay, ..AdamWConfig::default() },
            Some(Stream::new(settings.seed, "dropout")),
            settings.clip,
            settings.micro_batch.unwrap_or(settings.batch),
        );
        let prepared = Self {
            description,
            head,
            config,
            train: data.train,
            watched,
            dev,
            order,
            rate,
            points,
            selection,
            total_steps,
        };
        Ok((prepared, trainer))
    }

    /// Runs the steps that are left.
    fn train(
        &self,
        job: Job<'_>,
        trainer: &mut Trainer,
        directory: &mut Directory,
        observer: &mut dyn Observer,
    ) -> Result<Progress, Error> {
        let mut progress = directory.restore(trainer, &self.selection)?;
        let targets = self.train.targets.clone().unwrap_or_default();
        let tasks = [TrainingRows { encoded: &self.train.encoded, targets: &targets }];
        let orders = Stream::new(job.settings.seed, "order");
        let per_epoch = self.order.steps_per_epoch();
        observer.begin(progress.step, self.total_steps);

        let mut epoch = None;
        let mut saved = Instant::now();
        while progress.step < self.total_steps && !progress.stopped {
            let (number, within) = (progress.step / per_epoch, progress.step % per_epoch);
            if within == 0 || epoch.is_none() {
                epoch = Some(self.order.epoch(&mut orders.at(number)));
            }
            let rows = epoch.as_ref().map_or(&[][..], |epoch| epoch.batch(within));
            let learning_rate = self.rate.at(progress.step);
            let clock = Instant::now();
            let report = trainer.step(&tasks, rows, learning_rate);
            progress.seconds += clock.elapsed().as_secs_f64();
            progress.tokens += report.tokens as u64;
            progress.step += 1;
            if !(report.loss.is_finite() && report.grad_norm.is_finite()) {
                let rows = rows.iter().map(|row| row.row).collect();
                return Err(directory.fail(progress.step, &report, learning_rate, rows)?);
            }
            let record = StepRecord::new(progress.step, per_epoch, learning_rate, &report);
            directory.steps.append(&record)?;
            observer.step(progress.step, learning_rate, &report);

            let due = self.points.is_due(progress.step);
            if due {
                let record = self.evaluate(job, directory, trainer, &mut progress)?;
                observer.evaluation(&record);
            }
            if due || saved.elapsed() > CHECKPOINT_EVERY {
                directory.save(trainer, &mut progress)?;
                saved = Instant::now();
            }
        }
        Ok(progress)
    }

    /// Looks at the watched rows, and keeps the model if it is the best so far.
    fn evaluate(
        &self,
        job: Job<'_>,
        directory: &mut Directory,
        trainer: &mut Trainer,
        progress: &mut Progress,
    ) -> Result<EvaluationRecord, Error> {
        let scores = self.score(trainer, &self.watched)?.1;
        let selects = job.settings.protocol != Protocol::Fixed;
        let offer = if selects {
            progress.selection.offer(progress.step, scores.headline(), self.head.metrics().higher_is_better())
        } else {
            Offer::NotBetter
        };
        match offer {
            Offer::Best => directory.save_best(trainer, progress.step)?,
            Offer::Stop => progress.stopped = true,
            Offer::NotBetter => {}
        }
        let rows = if job.settings.protocol == Protocol::HeldOut {
            "held out of train"
        } else {
            &self.watched.split
        };
        let record = EvaluationRecord {
            step: progress.step,
            epoch: progress.step as f64 / self.order.steps_per_epoch() as f64,
            rows: rows.to_owned(),
            scores,
            selected: offer == Offer::Best,
        };
        directory.evaluations.append(&record)?;
        Ok(record)
    }

    /// Logits and scores of rows under the parameters in training.
    fn score(&self, trainer: &mut Trainer, rows: &Rows) -> Result<(Vec<f32>, Scores), Error> {
        let (network, params, workspace, batch) = trainer.evaluation();
        let logits = logits(network, params, 0, &rows.encoded, workspace, batch);
        let predictions = Predictions::from_logits(&logits, self.head.outputs());
        let scores = self.head.score(&predictions, rows.targets.as_deref().unwrap_or_default())?;
        Ok((logits, scores))
    }

    /// Scores the selected model on dev, exports it, and closes the run.
    fn finish(
        &self,
        job: Job<'_>,
        directory: Directory,
        mut trainer: Trainer,
        progress: Progress,
        started: Instant,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, Error> {
        if let Some(best) = progress.selection.best() {
            directory.load_best(&mut trainer, best.step)?;
        }
        let mut scored = Vec::new();
        for rows in &self.dev {
            let (logits, scores) = self.score(&mut trainer, rows)?;
            if let Some(degenerate) = scores.degenerate() {
                observer.warn(&format!(
                    "{}: the predictions on {} are degenerate ({degenerate}); this seed did not learn the task",
                    job.task.name, rows.split
                ));
            }
            let path = job.out.join(format!("predictions-{}.tsv", rows.split));
            write_predictions(&path, &rows.indices, &self.head.labels.names, &logits)?;
            scored.push((rows.split.clone(), scores));
        }
        export(&directory.model()?, job.model, &self.config, trainer.network(), &trainer.params, &self.head)?;
        let result = RunResult::new(&self.description, &progress, scored, &trainer);
        directory.close(&result, &Timing::new(started, &progress))
    }
}

/// The tokenizer in a model's directory, checked against the model.
pub(crate) fn open_tokenizer(
    directory: &Path,
    config: &Config,
    max_tokens: Option<usize>,
) -> Result<TextEncoder, Error> {
    let limit = config.max_tokens();
    let max_tokens = match max_tokens {
        Some(asked) if asked > limit => return Err(Error::TooManyTokens { asked, limit }),
        Some(asked) => asked,
        None => MAX_TOKENS.min(limit),
    };
    let encoder = TextEncoder::open(directory, max_tokens)?;
    if encoder.vocabulary_size() > config.vocabulary {
        return Err(Error::Vocabulary { tokenizer: encoder.vocabulary_size(), model: config.vocabulary });
    }
    Ok(encoder)
}
