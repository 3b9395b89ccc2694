//! Logits of many rows, and what they predict.

use std::io::Write;
use std::path::Path;

use mtlift_eval::{Outcome, Scores, TaskMetrics};
use mtlift_files::write_atomically;
use mtlift_glue_data::{Encoded, Target};
use mtlift_nn::Store;

use crate::{Error, Network, PackedBatch, Workspace};

/// Tokens of a batch in evaluation: enough for the products, few beside a training batch.
const TOKENS: usize = 2048;

/// The logits of all rows for a task's head, `[rows, L]`, in the order of the rows.
pub fn logits(
    network: &Network,
    params: &Store<f32>,
    task: usize,
    encoded: &Encoded,
    workspace: &mut Workspace<f32>,
    batch: &mut PackedBatch,
) -> Vec<f32> {
    let mut all = Vec::new();
    let mut row = 0;
    while row < encoded.rows() {
        batch.clear(network.tasks());
        while row < encoded.rows()
            && (batch.keys().is_empty() || batch.tokens().tokens() + encoded.range(row).len() <= TOKENS)
        {
            batch.push(task, encoded, row, None);
            row += 1;
        }
        network.forward(params, batch, None, workspace);
        all.extend(workspace.logits(task));
    }
    all
}

/// What a task's logits predict, a row each.
#[derive(Clone, Debug, PartialEq)]
pub enum Predictions {
    /// The label with the greatest logit; of equal ones the first.
    Classes(Vec<usize>),
    /// The value.
    Values(Vec<f32>),
}

impl Predictions {
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

/// Writes a file with a line for each row, as [`predictions_to`] does.
///
/// # Errors
/// If the file cannot be written.
pub fn write_predictions(
    path: &Path,
    indices: &[String],
    labels: &[String],
    logits: &[f32],
) -> Result<(), Error> {
    Ok(write_atomically(path, |file| predictions_to(file, indices, labels, logits))?)
}

/// Writes a line for each row: its index, what it is predicted to be, and a column for each label with its logit. A
/// regression has the one value.
///
/// # Errors
/// If `to` cannot be written to.
pub fn predictions_to(
    to: &mut dyn Write,
    indices: &[String],
    labels: &[String],
    logits: &[f32],
) -> std::io::Result<()> {
    match Predictions::from_logits(logits, labels.len()) {
        Predictions::Values(values) => {
            writeln!(to, "index\tprediction")?;
            indices.iter().zip(values).try_for_each(|(index, value)| writeln!(to, "{index}\t{value}"))
        }
        Predictions::Classes(classes) => {
            writeln!(to, "index\tprediction\t{}", labels.join("\t"))?;
            for ((index, class), row) in indices.iter().zip(classes).zip(logits.chunks_exact(labels.len())) {
                write!(to, "{index}\t{}", labels[class])?;
                row.iter().try_for_each(|logit| write!(to, "\t{logit}"))?;
                writeln!(to)?;
            }
            Ok(())
        }
    }
}
