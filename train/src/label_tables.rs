//! What the labels of one task say of another's, estimated: a model of the first predicts the training rows of the second, whose
//! labels are known.

use std::path::Path;

use mtlift_glue_data::{Target, Task};
use mtlift_schedule::LabelTable;

use crate::own_rows::with_own_rows;
use crate::run::Job;
use crate::{Error, Settings, TrainedModel, probabilities};

/// The table from `task`, which the model in `directory` was trained on, to the `place`th task of a job, by the rows that the job trains on:
/// `p(b | a) = (n_ab + π_b) / (n_a + 1)`, with `n_ab` the sum of the model's probabilities of `a` over the rows labelled `b`, and `π_b` their
/// share. So a label that is never predicted says what is known without it.
///
/// # Errors
/// If the model or the rows cannot be read.
pub fn estimate_label_table(
    directory: &Path,
    task: &Task,
    job: Job<'_>,
    place: usize,
) -> Result<LabelTable, Error> {
    let part = &job.tasks[place];
    let (to, train) = with_own_rows(job, part, |own| Ok((own.reader.head.labels.names.clone(), own.train)))?;
    let Settings { max_tokens, precision, .. } = *job.settings;
    let model = TrainedModel::open_in(directory, task, None, max_tokens, precision)?;
    let from = &model.head().labels.names;
    let predicted = probabilities(&model.logits(&train)?, from.len());
    let targets = train.targets.as_deref().unwrap_or_default();

    let mut counts = vec![vec![0.0; to.len()]; from.len()];
    let mut shares = vec![0.0; to.len()];
    for (row, class) in predicted.chunks_exact(from.len()).zip(targets.iter().filter_map(Target::class)) {
        shares[class] += 1.0 / targets.len() as f64;
        counts.iter_mut().zip(row).for_each(|(counts, p)| counts[class] += p);
    }
    let row = |counts: &Vec<f64>| {
        let sum: f64 = counts.iter().sum();
        let of = |(count, share): (&f64, &f64)| (count + share) / (sum + 1.0);
        to.iter().cloned().zip(counts.iter().zip(&shares).map(of)).collect()
    };
    let rows = from.iter().cloned().zip(counts.iter().map(row)).collect();
    Ok(LabelTable { from: task.name.clone(), to: part.task.name.clone(), rows })
}
