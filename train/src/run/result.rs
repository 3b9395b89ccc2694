//! What a run came to: the numbers, which are the same after every interruption, and the time they took, which is not.

use std::collections::BTreeMap;
use std::time::Instant;

use mtlift_eval::Scores;
use mtlift_nn::simd;
use serde::Serialize;
use serde_json::{Map, Value};

use super::checkpoint::Progress;
use super::directory::Description;
use super::prepare::Part;
use crate::Trainer;

/// What a run leaves: the contents of `result.json` and `timing.json`.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Task, protocol, seed, metrics: the same bits however often the run was interrupted.
    pub result: Map<String, Value>,
    /// Seconds, speed and memory of the process that finished it.
    pub timing: Map<String, Value>,
}

/// `result.json`.
#[derive(Clone, Debug, Serialize)]
pub(super) struct RunResult {
    protocol: &'static str,
    seed: u64,
    steps: u64,
    /// Real tokens trained on.
    tokens: u64,
    /// The first task.
    #[serde(flatten)]
    target: TaskResult,
    /// The tasks trained on beside it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    supports: Vec<TaskResult>,
}

/// What became of one task.
#[derive(Clone, Debug, Serialize)]
pub(super) struct TaskResult {
    task: String,
    /// On dev: every metric of the task, and the headline, their mean.
    metrics: Scores,
    /// The same on the task's other dev splits: MNLI's mismatched.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    other_metrics: BTreeMap<String, Scores>,
    /// Its rows to train on.
    train_rows: usize,
    /// How often one of them was trained on.
    seen: u64,
    /// The step whose model was scored and exported.
    selected_step: u64,
    /// Its headline on the rows that select; none where nothing selects.
    #[serde(skip_serializing_if = "Option::is_none")]
    selected_score: Option<f64>,
    /// blake3 of its parameters, those of all tasks.
    parameters: String,
}

impl RunResult {
    pub(super) fn new(description: &Description, progress: &Progress, mut tasks: Vec<TaskResult>) -> Self {
        let supports = tasks.split_off(1);
        let target = tasks.pop().expect("a run has a task");
        let (steps, tokens) = (progress.step, progress.tokens);
        Self { protocol: description.protocol, seed: description.seed, steps, tokens, target, supports }
    }
}

impl TaskResult {
    pub(super) fn new(
        part: &Part<'_>,
        progress: &Progress,
        task: usize,
        scored: Vec<(String, Scores)>,
        trainer: &Trainer,
    ) -> Self {
        let mut hasher = blake3::Hasher::new();
        for values in trainer.params.values().chunks(1 << 14) {
            hasher.update(&values.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>());
        }
        let mut scored = scored.into_iter();
        let (_, metrics) = scored.next().expect("a run reads at least one dev split before it starts");
        let best = progress.selections[task].best();
        Self {
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
}

/// `timing.json`.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Timing {
    /// From the start of the run to its end, evaluations and all; of a process that was killed, up to its last checkpoint.
    seconds: f64,
    /// Seconds of all training steps, of earlier processes too.
    training_seconds: f64,
    /// Real tokens of the training steps over their seconds.
    tokens_per_s: f64,
    /// The most memory the process had; none where the system does not say.
    peak_rss_mib: Option<u64>,
    threads: usize,
    /// The vector instructions in use.
    instructions: &'static str,
}

impl Timing {
    pub(super) fn new(started: Instant, progress: &Progress) -> Self {
        Self {
            seconds: started.elapsed().as_secs_f64(),
            training_seconds: progress.seconds,
            tokens_per_s: progress.tokens as f64 / progress.seconds,
            peak_rss_mib: peak_rss_mib(),
            threads: rayon::current_num_threads(),
            instructions: simd::level().name(),
        }
    }
}

/// Linux's high-water mark of the resident set.
pub(super) fn peak_rss_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? / 1024)
}
