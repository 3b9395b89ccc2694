//! The end of a run: each task's selected model is scored and exported, and the result is written.

use std::time::Instant;

use mtlift_eval::{TaskMetrics, choose_threshold};
use mtlift_glue_data::Target;
use mtlift_nn::{Store, simd};

use super::directory::Directory;
use super::job::{Job, Observer, Outcome};
use super::part::Part;
use super::prepare::Prepared;
use super::progress::Progress;
use super::scoring::{Place, Scored};
use super::training::Looked;
use crate::joint::export_joint;
use crate::model::alone;
use crate::record::{RunResult, TaskResult, ThresholdResult, Timing, peak_rss_mib};
use crate::{Error, Model, Predictions, TaskHead, Threshold, ThresholdBy, Trainer, export, probabilities};

impl Prepared<'_> {
    /// Scores each task's selected model, exports it, and closes the run.
    pub(super) fn finish(
        &self,
        job: Job<'_>,
        directory: Directory,
        mut trainer: Trainer,
        progress: Progress,
        started: Instant,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, Error> {
        trainer.settle();
        let mut results = Vec::new();
        for (task, part) in self.tasks.iter().enumerate() {
            let best = progress.selections[task].best();
            if let Some(best) = best {
                directory.load_best(&mut trainer, best.step)?;
            }
            let by = job.settings.choose_threshold;
            let chosen = by.map(|by| part.threshold(&mut trainer, task, by)).transpose()?;
            let threshold = chosen.as_ref().map(|chosen| &chosen.threshold);
            let place = Place { files: &directory.files, tasks: self.tasks.len() };
            let scored = part.scored(&mut trainer, task, &place, observer)?;
            let model = directory.model(self.tasks.len(), &part.task.name)?;
            if self.tasks.len() == 1 && !trainer.guesses_tokens() {
                export(
                    &model,
                    job.model,
                    &self.config,
                    trainer.network(),
                    &trainer.params,
                    &part.head,
                    threshold,
                )?;
            } else if let Some(reads) = self.reads.filter(|_| trainer.network().reads_beside(task)) {
                let heads: Vec<&TaskHead> = self.tasks.iter().map(|part| &part.head).collect();
                let trained = (&self.config, trainer.network(), &trainer.params);
                export_joint(&model, job.model, trained, reads, &heads, task, threshold)?;
            } else {
                let Model { config, network, params } =
                    alone(&self.config, trainer.network(), &trainer.params, &part.head, task);
                export(&model, job.model, &config, &network, &params, &part.head, threshold)?;
            }
            results.push(task_result(part, &progress, task, scored, chosen, &trainer));
        }
        let supports = results.split_off(1);
        let target = results.pop().expect("a run has a task");
        let result = RunResult {
            protocol: job.settings.protocol.name().to_owned(),
            seed: job.settings.seed,
            precision: job.settings.precision,
            steps: progress.step,
            tokens: progress.tokens,
            target,
            merged: self.merged.clone(),
            adapted: None,
            self_training: self.self_training.clone(),
            consistency: self.consistency.clone(),
            supports,
        };
        let timing = timing(started, &progress);
        directory.close(&result, &timing)?;
        Ok(Outcome { result, timing })
    }
}

impl Part<'_> {
    /// The threshold that is best on the held-out rows with the parameters of the trainer, and what it scores on dev. The rows
    /// of dev have no part in the choice.
    fn threshold(
        &self,
        trainer: &mut Trainer,
        task: usize,
        by: ThresholdBy,
    ) -> Result<ThresholdResult, Error> {
        let positive = self.head.positive();
        let metrics = match by {
            ThresholdBy::Headline => self.head.metrics().clone(),
            ThresholdBy::Metric(metric) => TaskMetrics::check(&[metric])?,
        };
        let Looked { logits, .. } = self.score(trainer, task, &self.watched)?;
        let of_positive: Vec<f64> =
            probabilities(&logits, 2).chunks_exact(2).map(|row| row[positive]).collect();
        let targets = self.watched.targets.as_deref().unwrap_or_default();
        let reference: Vec<usize> = targets.iter().filter_map(Target::class).collect();
        let chosen = choose_threshold(&of_positive, &reference, positive, &metrics)?;
        let mut metrics = None;
        if let Some(dev) = self.dev.first() {
            let Looked { logits, .. } = self.score(trainer, task, dev)?;
            let predictions = Predictions::from_threshold(&logits, positive, chosen.probability);
            metrics = Some(self.head.score(&predictions, dev.targets.as_deref().unwrap_or_default())?);
        }
        Ok(ThresholdResult {
            threshold: Threshold {
                label: self.head.labels.names[positive].clone(),
                probability: chosen.probability,
            },
            chosen_by: by,
            held_out: chosen.score,
            held_out_at_half: chosen.at_half,
            metrics,
        })
    }
}

/// What became of a task.
fn task_result(
    part: &Part<'_>,
    progress: &Progress,
    task: usize,
    scored: Scored,
    threshold: Option<ThresholdResult>,
    trainer: &Trainer,
) -> TaskResult {
    let best = progress.selections[task].best();
    TaskResult {
        task: part.task.name.clone(),
        metrics: scored.metrics,
        groups: scored.groups,
        other_metrics: scored.others,
        score_rows: scored.score_rows,
        train_rows: part.train.encoded.rows(),
        upweighted: part.upweighted,
        seen: progress.seen[task],
        selected_step: best.map_or(progress.step, |best| best.step),
        selected_score: best.map(|best| best.value),
        threshold,
        parameters: hash_parameters(&trainer.params),
    }
}

/// blake3 of all parameters, in hexadecimal.
pub(crate) fn hash_parameters(params: &Store<f32>) -> String {
    let mut hasher = blake3::Hasher::new();
    for values in params.values().chunks(1 << 14) {
        hasher.update(&values.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>());
    }
    hasher.finalize().to_hex().to_string()
}

/// What the run took.
pub(crate) fn timing(started: Instant, progress: &Progress) -> Timing {
    Timing {
        seconds: started.elapsed().as_secs_f64(),
        training_seconds: progress.seconds,
        // A run that makes no step has no speed.
        tokens_per_s: if progress.tokens == 0 { 0.0 } else { progress.tokens as f64 / progress.seconds },
        peak_rss_mib: peak_rss_mib(),
        threads: rayon::current_num_threads(),
        instructions: simd::level().name().to_owned(),
    }
}
