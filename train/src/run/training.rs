//! The loop: step by step to the end, with looks at the watched rows and checkpoints on the way.

use std::time::{Duration, Instant};

use mtlift_eval::{GroupScores, Scores};
use mtlift_glue_data::Target;
use mtlift_schedule::{Offer, Row};

use super::checkpoint;
use super::directory::Directory;
use super::job::{Job, Observer};
use super::part::Part;
use super::prepare::Prepared;
use super::progress::Progress;
use crate::record::{EvaluationRecord, StepRecord, TaskStep};
use crate::{Error, Predictions, Protocol, Rows, StepReport, Trainer, TrainingRows, logits};

/// What rows come to under the parameters in training.
pub(super) struct Looked {
    /// `[rows, outputs]`
    pub(super) logits: Vec<f32>,
    pub(super) scores: Scores,
    /// Of a task with groups.
    pub(super) groups: Option<GroupScores>,
}

impl Prepared<'_> {
    /// What the training rows of each task should come to.
    pub(super) fn targets(&self) -> Vec<Vec<Target>> {
        self.tasks.iter().map(|part| part.train.targets.clone().unwrap_or_default()).collect()
    }

    /// The training rows of each task, with their targets.
    pub(super) fn training_rows<'a>(&'a self, targets: &'a [Vec<Target>]) -> Vec<TrainingRows<'a>> {
        let rows = |(task, (part, targets)): (usize, (&'a Part<'_>, &'a Vec<Target>))| TrainingRows {
            encoded: &part.train.encoded,
            targets,
            soft_labels: part.taught.and_then(|taught| taught.soft_labels.as_ref()),
            class_weights: part.class_weights.as_deref(),
            row_weights: part.row_weights.as_deref(),
            texts: self.text_sets.of_task(task),
        };
        self.tasks.iter().zip(targets).enumerate().map(rows).collect()
    }

    /// Runs the steps that are left. `started` is put back by the time that earlier processes took.
    pub(super) fn train(
        &self,
        job: Job<'_>,
        trainer: &mut Trainer,
        directory: &mut Directory,
        started: &mut Instant,
        observer: &mut dyn Observer,
    ) -> Result<Progress, Error> {
        let course = &self.course;
        let start = Progress::new(&self.selection, self.tasks.len(), self.text_sets.sizes().len());
        let mut progress = directory.restore(trainer, course, start, &mut |why| observer.warn(why))?;
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
            let rows = &self.text_sets.rows(epoch.batch(progress.within))[..];
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
            if progress.within == 0 {
                trainer.epoch_ended();
            }
            directory.steps.append(&self.step_record(
                &progress,
                epochs,
                learning_rate,
                &report,
                trainer,
                rows,
            ))?;
            observer.step(progress.step, learning_rate, &report);

            let due = course.is_due(&progress, epoch);
            if due {
                self.evaluate(job, directory, trainer, &mut progress, epochs, observer)?;
            }
            if checkpoint::is_due(due, saved.elapsed(), trainer) {
                progress.elapsed = started.elapsed().as_secs_f64();
                directory.save(trainer, &mut progress)?;
                saved = Instant::now();
            }
        }
        Ok(progress)
    }

    /// A line on the step that was just made.
    fn step_record(
        &self,
        progress: &Progress,
        epoch: f64,
        learning_rate: f64,
        report: &StepReport,
        trainer: &Trainer,
        rows: &[Row],
    ) -> StepRecord {
        let StepReport { loss, grad_norm, tokens } = *report;
        let task = |(place, part): (usize, &Part<'_>)| {
            let rows = rows.iter().filter(|row| row.task as usize == place).count();
            let loss = trainer.losses()[place] / rows as f64;
            let conflict = trainer.conflict();
            (rows > 0).then(|| TaskStep {
                task: part.task.name.clone(),
                rows,
                loss,
                weight: trainer.coefficient(place),
                grad_norm: conflict.and_then(|conflict| conflict.norm(place)),
                cosines: conflict.map_or(Vec::new(), |conflict| conflict.cosines(place)),
                adversary_accuracy: trainer.told(place).map(|told| told as f64 / rows as f64),
            })
        };
        let tasks = self.tasks.iter().enumerate().filter_map(task).collect();
        StepRecord { step: progress.step, epoch, learning_rate, loss, grad_norm, tokens, tasks }
    }

    /// Looks at the watched rows of every task, and keeps the model if it is the best so far of any.
    pub(super) fn evaluate(
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
            let Looked { scores, groups, .. } = part.score(trainer, task, &part.watched)?;
            let headline = scores.headline();
            let worst_group = groups.as_ref().and_then(GroupScores::worst).cloned();
            let worth = job.settings.select.of(&scores, worst_group.as_ref());
            progress.now.push(headline);
            let offer = if selects {
                let selection = &mut progress.selections[task];
                selection.offer(progress.step, worth, part.head.metrics().higher_is_better())
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
                worst_group,
                selected: offer == Offer::Best,
            };
            directory.evaluations.append(&record)?;
            observer.evaluation(&record);
        }
        trainer.evaluated(&progress.now);
        if best {
            directory.save_best(trainer, progress)?;
        }
        Ok(())
    }
}

impl Part<'_> {
    /// Scores rows under the parameters in training.
    pub(super) fn score(&self, trainer: &mut Trainer, task: usize, rows: &Rows) -> Result<Looked, Error> {
        let (network, params, workspace, batch) = trainer.evaluation();
        let logits = logits(network, params, task, &rows.encoded, workspace, batch);
        rows.check_logits(&logits, self.head.outputs())?;
        let predictions = Predictions::from_logits(&logits, self.head.outputs());
        let scores = self.head.score(&predictions, rows.targets.as_deref().unwrap_or_default())?;
        let groups = rows.group_scores(&predictions)?;
        Ok(Looked { logits, scores, groups })
    }
}
