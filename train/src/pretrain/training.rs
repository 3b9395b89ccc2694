//! The loop of pretraining: step by step to the end, with looks at held-out text and checkpoints on the way.

use std::time::{Duration, Instant};

use mtlift_schedule::Selection;

use super::prepare::Prepared;
use super::trainer::MaskedTrainer;
use crate::record::{MaskedEvaluation, StepRecord};
use crate::run::{Directory, Progress, checkpoint_is_due};
use crate::{Error, Observer, StepReport};

impl Prepared {
    /// Runs the steps that are left. `started` is put back by the time that earlier processes took.
    pub(super) fn train(
        &self,
        trainer: &mut MaskedTrainer,
        directory: &mut Directory,
        started: &mut Instant,
        observer: &mut dyn Observer,
    ) -> Result<Progress, Error> {
        let course = &self.course;
        let selection = Selection::check(None)?;
        let start = Progress::new(&selection, 1, 1);
        let mut progress = directory.restore(trainer, course, start, &mut |why| observer.warn(why))?;
        *started = started.checked_sub(Duration::from_secs_f64(progress.elapsed)).unwrap_or(*started);
        observer.begin(progress.step, course.total_steps);

        let mut epoch = None;
        let mut saved = Instant::now();
        while course.goes_on(&progress) {
            let epoch = match &mut epoch {
                Some(epoch) if progress.within > 0 => epoch,
                epoch => epoch.insert(course.epoch(&mut progress)),
            };
            let rows = epoch.batch(progress.within);
            let learning_rate = course.rate.at(progress.step);
            let clock = Instant::now();
            let report = trainer.step(&self.train, rows, progress.epoch, learning_rate);
            progress.seconds += clock.elapsed().as_secs_f64();
            let StepReport { loss, grad_norm, tokens } = report;
            progress.tokens += tokens as u64;
            progress.seen[0] += rows.len() as u64;
            if !(loss.is_finite() && grad_norm.is_finite()) {
                let rows = [("text", rows.iter().map(|row| row.row).collect())];
                return Err(directory.fail(progress.step + 1, &report, learning_rate, &rows)?);
            }
            let epochs = (progress.within + 1) as f64 / epoch.steps() as f64 + progress.epoch as f64;
            course.advance(&mut progress, epoch);
            let (step, tasks) = (progress.step, Vec::new());
            let record = StepRecord { step, epoch: epochs, learning_rate, loss, grad_norm, tokens, tasks };
            directory.steps.append(&record)?;
            observer.step(step, learning_rate, &report);

            let due = course.is_due(&progress, epoch);
            if due {
                let scores = trainer.evaluate(&self.held_out);
                observer.note(&format!("step {step}, epoch {epochs:.2}: {scores} on held-out text"));
                directory.evaluations.append(&MaskedEvaluation { step, epoch: epochs, scores })?;
            }
            if checkpoint_is_due(due, saved.elapsed(), trainer) {
                progress.elapsed = started.elapsed().as_secs_f64();
                directory.save(trainer, &mut progress)?;
                saved = Instant::now();
            }
        }
        Ok(progress)
    }
}
