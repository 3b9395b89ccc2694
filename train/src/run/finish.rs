//! The end of a run: each task's selected model is scored and exported, and the result is written.

use std::time::Instant;

use mtlift_eval::Scores;
use mtlift_nn::simd;

use super::directory::Directory;
use super::job::{Job, Observer, Outcome};
use super::part::Part;
use super::prepare::Prepared;
use super::progress::Progress;
use crate::model::alone;
use crate::record::{RunResult, TaskResult, Timing, peak_rss_mib, write_predictions};
use crate::{Error, Trainer, export};

impl Prepared<'_> {
    /// Scores each task's selected model on dev, exports it, and closes the run.
    pub(super) fn finish(
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
                let path = directory.files.predictions(self.tasks.len(), &part.task.name, &rows.split);
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
            results.push(task_result(part, &progress, task, scored, &trainer));
        }
        let supports = results.split_off(1);
        let target = results.pop().expect("a run has a task");
        let result = RunResult {
            protocol: job.settings.protocol.name().to_owned(),
            seed: job.settings.seed,
            steps: progress.step,
            tokens: progress.tokens,
            target,
            supports,
        };
        directory.close(&result, &timing(started, &progress))
    }
}

/// What became of a task; `scored` are its dev splits, the first being the one that counts.
fn task_result(
    part: &Part<'_>,
    progress: &Progress,
    task: usize,
    scored: Vec<(String, Scores)>,
    trainer: &Trainer,
) -> TaskResult {
    let mut hasher = blake3::Hasher::new();
    for values in trainer.params.values().chunks(1 << 14) {
        hasher.update(&values.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>());
    }
    let mut scored = scored.into_iter();
    let (_, metrics) = scored.next().expect("a run reads at least one dev split before it starts");
    let best = progress.selections[task].best();
    TaskResult {
        task: part.task.name.clone(),
        metrics,
        other_metrics: scored.collect(),
        train_rows: part.train.encoded.rows(),
        seen: progress.seen[task],
        selected_step: best.map_or(progress.step, |best| best.step),
        selected_score: best.map(|best| best.value),
        parameters: hasher.finalize().to_hex().to_string(),
    }
}

fn timing(started: Instant, progress: &Progress) -> Timing {
    Timing {
        seconds: started.elapsed().as_secs_f64(),
        training_seconds: progress.seconds,
        tokens_per_s: progress.tokens as f64 / progress.seconds,
        peak_rss_mib: peak_rss_mib(),
        threads: rayon::current_num_threads(),
        instructions: simd::level().name().to_owned(),
    }
}
