//! A run: one model trained on a task, or on several at once, under one protocol, in a directory of its own.
//!
//! Everything is read and checked before the first step. What a run does is a function of its description in
//! `run.json`; a run that was killed goes on from its last checkpoint and ends with the same bits.

mod checkpoint;
mod course;
mod directory;
mod prepare;
mod records;
mod rehearse;
mod result;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mtlift_eval::Scores;
use mtlift_glue_data::{Target, Task, TokenCache};
use mtlift_schedule::{HeadStart, Offer};

pub use directory::{NUMERICS, hash_model};
pub(crate) use prepare::open_tokenizer;
pub use records::EvaluationRecord;
use records::StepRecord;
pub use rehearse::{Rehearsal, Speed, rehearse};
pub use result::Outcome;
use result::{RunResult, TaskResult, Timing};

use crate::model::alone;
use crate::predict::{Predictions, write_predictions};
use crate::{Error, Mixing, Protocol, Rows, Settings, StepReport, Trainer, TrainingRows, export, logits};
use checkpoint::Progress;
use directory::Directory;
use prepare::{Part, Prepared};

/// Between checkpoints at most this much time passes, besides those at evaluations. It decides nothing but how much
/// work a killed process loses.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(120);

/// What to run, and where.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// The checkpoint to start from.
    pub model: &'a Path,
    /// The tasks to train on, at least one. The first is the target: its exposure makes an epoch, its score decides when
    /// patience ends.
    pub tasks: &'a [JobTask<'a>],
    /// How several tasks are mixed.
    pub mixing: &'a Mixing,
    /// What becomes of the checkpoint's head.
    pub start: HeadStart,
    /// How.
    pub settings: &'a Settings,
    /// The run's directory, made if need be.
    pub out: &'a Path,
    /// Where token ids are kept between runs, if anywhere.
    pub cache: Option<&'a TokenCache>,
    /// Whether to go on with a run that is there already.
    pub resume: bool,
}

/// A task of a run.
#[derive(Clone, Copy, Debug)]
pub struct JobTask<'a> {
    /// The task.
    pub task: &'a Task,
    /// Uses this many of its training rows, in place of the settings' `max_train`.
    pub max_train: Option<usize>,
}

/// Hears of a run's progress.
pub trait Observer {
    /// Something the user should know before believing the result.
    fn warn(&mut self, message: &str);
    /// Something worth a line.
    fn note(&mut self, message: &str);
    /// Training begins after `done` of `total` steps; a sampler that looks at scores may make it some more or fewer.
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
///
/// # Panics
/// If the job has no task.
pub fn train(job: Job<'_>, observer: &mut dyn Observer) -> Result<Outcome, Error> {
    let mut started = Instant::now();
    let (prepared, mut trainer) = Prepared::read(job, observer)?;
    let mut directory = Directory::claim(job.out, &prepared.description, job.resume)?;
    if let Some(outcome) = directory.finished()? {
        observer.note("the run was finished before; nothing was trained");
        return Ok(outcome);
    }
    let progress = prepared.train(job, &mut trainer, &mut directory, &mut started, observer)?;
    prepared.finish(job, directory, trainer, progress, started, observer)
}

/// Where a finished run in `out` left the model of a task, one of `tasks`.
pub fn model_directory(out: &Path, tasks: usize, task: &str) -> PathBuf {
    out.join(if tasks == 1 { "model".to_owned() } else { format!("model-{task}") })
}

/// Where a finished run in `out` left its predictions on a split of a task, one of `tasks`.
pub fn predictions_file(out: &Path, tasks: usize, task: &str, split: &str) -> PathBuf {
    out.join(if tasks == 1 {
        format!("predictions-{split}.tsv")
    } else {
        format!("predictions-{task}-{split}.tsv")
    })
}

impl Prepared<'_> {
    /// What the training rows of each task should come to.
    fn targets(&self) -> Vec<Vec<Target>> {
        self.tasks.iter().map(|part| part.train.targets.clone().unwrap_or_default()).collect()
    }

    /// The training rows of each task, with their targets.
    fn training_rows<'a>(&'a self, targets: &'a [Vec<Target>]) -> Vec<TrainingRows<'a>> {
        let rows = |(part, targets): (&'a Part<'_>, &'a Vec<Target>)| TrainingRows {
            encoded: &part.train.encoded,
            targets,
        };
        self.tasks.iter().zip(targets).map(rows).collect()
    }

    /// Runs the steps that are left. `started` is put back by the time that earlier processes took.
    fn train(
        &self,
        job: Job<'_>,
        trainer: &mut Trainer,
        directory: &mut Directory,
        started: &mut Instant,
        observer: &mut dyn Observer,
    ) -> Result<Progress, Error> {
        let course = &self.course;
        let mut progress = directory.restore(trainer, || Progress::new(&self.selection, self.tasks.len()))?;
        *started = started.checked_sub(Duration::from_secs_f64(progress.elapsed)).unwrap_or(*started);
        let targets = self.targets();
        let tasks = self.training_rows(&targets);
        let task_weights = job.mixing.task_weights(tasks.len());
        observer.begin(progress.step, course.total_steps);

        let mut epoch = None;
        let mut saved = Instant::now();
        while course.goes_on(&progress) {
            let epoch = match &mut epoch {
                Some(epoch) if progress.within > 0 => epoch,
                epoch => epoch.insert(course.epoch(&mut progress)),
            };
            let rows = epoch.batch(progress.within);
            let weights = job.mixing.loss.weights(rows, &task_weights);
            let learning_rate = course.rate.at(progress.step);
            let clock = Instant::now();
            let report = trainer.step(&tasks, rows, &weights, learning_rate);
            progress.seconds += clock.elapsed().as_secs_f64();
            progress.tokens += report.tokens as u64;
            rows.iter().for_each(|row| progress.seen[row.task as usize] += 1);
            if !(report.loss.is_finite() && report.grad_norm.is_finite()) {
                let of_task = |task| rows.iter().filter(|row| row.task == task).map(|row| row.row).collect();
                let names = self.tasks.iter().map(|part| part.task.name.as_str());
                let rows: Vec<(&str, Vec<u32>)> =
                    names.zip(0..).map(|(name, task)| (name, of_task(task))).collect();
                return Err(directory.fail(progress.step + 1, &report, learning_rate, &rows)?);
            }
            let epochs = (progress.within + 1) as f64 / epoch.steps() as f64 + progress.epoch as f64;
            course.advance(&mut progress, epoch);
            directory.steps.append(&StepRecord::new(progress.step, epochs, learning_rate, &report))?;
            observer.step(progress.step, learning_rate, &report);

            let due = course.is_due(&progress, epoch);
            if due {
                self.evaluate(job, directory, trainer, &mut progress, epochs, observer)?;
            }
            if due || saved.elapsed() > CHECKPOINT_EVERY {
                progress.elapsed = started.elapsed().as_secs_f64();
                directory.save(trainer, &mut progress)?;
                saved = Instant::now();
            }
        }
        Ok(progress)
    }

    /// Looks at the watched rows of every task, and keeps the model if it is the best so far of any.
    fn evaluate(
        &self,
        job: Job<'_>,
        directory: &mut Directory,
        trainer: &mut Trainer,
        progress: &mut Progress,
        epochs: f64,
        observer: &mut dyn Observer,
    ) -> Result<(), Error> {
        let selects = job.settings.protocol != Protocol::Fixed;
        let mut best = false;
        progress.now.clear();
        for (task, part) in self.tasks.iter().enumerate() {
            let (_, scores) = part.score(trainer, task, &part.watched)?;
            let headline = scores.headline();
            progress.now.push(headline);
            let offer = if selects {
                let selection = &mut progress.selections[task];
                selection.offer(progress.step, headline, part.head.metrics().higher_is_better())
            } else {
                Offer::NotBetter
            };
            best |= offer == Offer::Best;
            progress.stopped |= offer == Offer::Stop && task == 0;
            let held_out = job.settings.protocol == Protocol::HeldOut;
            let record = EvaluationRecord {
                step: progress.step,
                epoch: epochs,
                task: part.task.name.clone(),
                rows: if held_out { "held out of train".to_owned() } else { part.watched.split.clone() },
                scores,
                selected: offer == Offer::Best,
            };
            directory.evaluations.append(&record)?;
            observer.evaluation(&record);
        }
        if best {
            directory.save_best(trainer, progress.step)?;
        }
        Ok(())
    }

    /// Scores each task's selected model on dev, exports it, and closes the run.
    fn finish(
        &self,
        job: Job<'_>,
        directory: Directory,
        mut trainer: Trainer,
        progress: Progress,
        started: Instant,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, Error> {
        let mut results = Vec::new();
        for (task, part) in self.tasks.iter().enumerate() {
            let best = progress.selections[task].best();
            if let Some(best) = best {
                directory.load_best(&mut trainer, best.step)?;
            }
            let mut scored = Vec::new();
            for rows in &part.dev {
                let (logits, scores) = part.score(&mut trainer, task, rows)?;
                if let Some(degenerate) = scores.degenerate() {
                    observer.warn(&format!(
                        "{}: the predictions on {} are degenerate ({degenerate}); this seed did not learn the task",
                        part.task.name, rows.split
                    ));
                }
                let path = predictions_file(job.out, self.tasks.len(), &part.task.name, &rows.split);
                write_predictions(&path, &rows.indices, &part.head.labels.names, &logits)?;
                scored.push((rows.split.clone(), scores));
            }
            let model = directory.model(self.tasks.len(), &part.task.name)?;
            if let [_] = self.tasks[..] {
                export(&model, job.model, &self.config, trainer.network(), &trainer.params, &part.head)?;
            } else {
                let (network, params) =
                    alone(&self.config, trainer.network(), &trainer.params, &part.head, task);
                export(&model, job.model, &self.config, &network, &params, &part.head)?;
            }
            results.push(TaskResult::new(part, &progress, task, scored, &trainer));
        }
        let result = RunResult::new(&self.description, &progress, results);
        directory.close(&result, &Timing::new(started, &progress))
    }
}

impl Part<'_> {
    /// Logits and scores of rows under the parameters in training.
    fn score(&self, trainer: &mut Trainer, task: usize, rows: &Rows) -> Result<(Vec<f32>, Scores), Error> {
        let (network, params, workspace, batch) = trainer.evaluation();
        let logits = logits(network, params, task, &rows.encoded, workspace, batch);
        let predictions = Predictions::from_logits(&logits, self.head.outputs());
        let scores = self.head.score(&predictions, rows.targets.as_deref().unwrap_or_default())?;
        Ok((logits, scores))
    }
}
