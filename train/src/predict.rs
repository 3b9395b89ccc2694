//! Logits of many rows, and what they predict.

use std::ops::Range;

use mtlift_encoder::TOKENS_ALONE;
use mtlift_eval::{Outcome, Scores, TaskMetrics};
use mtlift_glue_data::Target;
use mtlift_nn::random::Stream;
use mtlift_nn::{DropoutStep, Real, Store, each_alone};
use mtlift_tokenizer::Encoded;

use crate::batch::PASS;
use crate::{Error, Network, PackedBatch, Workspace};

/// The logits of all rows for a task's head, `[rows, L]`, in the order of the rows.
pub fn logits(
    network: &Network,
    params: &Store<f32>,
    task: usize,
    encoded: &Encoded,
    workspace: &mut Workspace<f32>,
    batch: &mut PackedBatch,
) -> Vec<f32> {
    logits_in_pass(network, params, task, encoded, None, workspace, batch)
}

/// The same of a network whose weights are packed: then each thread takes small batches by itself.
pub fn logits_of_packed(network: &Network, params: &Store<f32>, task: usize, encoded: &Encoded) -> Vec<f32> {
    let batches = encoded.batches(TOKENS_ALONE);
    let memory = || (network.inference_workspace(), PackedBatch::default());
    let parts = each_alone(batches.len(), memory, |at, (workspace, batch)| {
        fill(batch, network, task, encoded, batches[at].clone());
        network.forward(params, batch, None, workspace);
        workspace.logits(task).iter().copied().collect::<Vec<_>>()
    });
    parts.concat()
}

/// The same under the dropout masks of a pass, where one is given: those of the pass and the row, wherever it stands.
pub(crate) fn logits_in_pass(
    network: &Network,
    params: &Store<f32>,
    task: usize,
    encoded: &Encoded,
    pass: Option<(Stream, u64)>,
    workspace: &mut Workspace<f32>,
    batch: &mut PackedBatch,
) -> Vec<f32> {
    let mut all = Vec::new();
    workspace.keep(false);
    for rows in encoded.batches(PASS) {
        fill(batch, network, task, encoded, rows);
        let dropout = pass.map(|(stream, pass)| DropoutStep::new(stream, pass, batch.keys()));
        network.forward(params, batch, dropout, workspace);
        all.extend(workspace.logits(task));
    }
    workspace.keep(true);
    all
}

/// Fills a batch with some rows, without targets.
pub(crate) fn fill(
    batch: &mut PackedBatch,
    network: &Network,
    task: usize,
    encoded: &Encoded,
    rows: Range<usize>,
) {
    batch.clear(network.tasks());
    rows.for_each(|row| batch.push(task, encoded, row, None));
}

/// What a task's logits predict, a row each.
#[derive(Clone, Debug, PartialEq)]
pub enum Predictions {
    /// The label with the greatest logit; of equal ones the first.
    Classes(Vec<usize>),
    /// The value.
    Values(Vec<f32>),
}

/// The softmax of each row of `[rows, labels]` logits.
pub fn probabilities(logits: &[f32], labels: usize) -> Vec<f64> {
    probabilities_at(logits, labels, 1.0)
}

/// The same of logits divided by a temperature. With the exponential of the kernels, not the system's: runs are trained on what comes of it.
pub(crate) fn probabilities_at(logits: &[f32], labels: usize, temperature: f64) -> Vec<f64> {
    let mut all = Vec::with_capacity(logits.len());
    for row in logits.chunks_exact(labels) {
        let greatest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let powers = row.iter().map(|logit| (f64::from(logit - greatest) / temperature).exponential());
        let sum: f64 = powers.clone().sum();
        all.extend(powers.map(|power| power / sum));
    }
    all
}

impl Predictions {
    /// Of `[rows, 2]` logits: label `positive` where its probability is at least `threshold`, else the other.
    pub fn from_threshold(logits: &[f32], positive: usize, threshold: f64) -> Self {
        let class = |row: &[f64]| if row[positive] >= threshold { positive } else { 1 - positive };
        Predictions::Classes(probabilities(logits, 2).chunks_exact(2).map(class).collect())
    }

    /// Of `[rows, labels]` logits; with one label they are values.
    pub fn from_logits(logits: &[f32], labels: usize) -> Self {
        if labels == 1 {
            return Predictions::Values(logits.to_vec());
        }
        let greatest = |row: &[f32]| (0..labels).fold(0, |best, l| if row[l] > row[best] { l } else { best });
        Predictions::Classes(logits.chunks_exact(labels).map(greatest).collect())
    }

    /// Their scores against the targets, of `labels` labels with the given one as F1's positive.
    ///
    /// # Errors
    /// If the metrics are for the other kind, or a prediction is not finite.
    pub fn score(
        &self,
        targets: &[Target],
        metrics: &TaskMetrics,
        labels: usize,
        positive: usize,
    ) -> Result<Scores, Error> {
        let outcome = match self {
            Predictions::Classes(predicted) => {
                let reference: Vec<usize> = targets.iter().filter_map(Target::class).collect();
                Outcome::classes(predicted, &reference, labels, positive)?
            }
            Predictions::Values(predicted) => {
                let reference: Vec<f32> = targets.iter().filter_map(Target::value).collect();
                Outcome::values(predicted, &reference)?
            }
        };
        Ok(metrics.score(&outcome)?)
    }
}
