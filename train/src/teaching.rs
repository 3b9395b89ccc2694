//! Distillation: trained models teach a run what they predict together of the rows that it trains on, in place of the labels.
//!
//! The one decision: what is taught is a function of the models and the rows, made anew whenever the run is begun or goes on. So nothing
//! is kept between, and the run is recognised by what it was taught.

use std::path::{Path, PathBuf};

use mtlift_glue_data::{Kind, Target};
use mtlift_schedule::Distillation;

use crate::own_rows::with_own_rows;
use crate::run::{Job, Observer};
use crate::{Error, Rows, SoftLabels, TaskHead, TaughtRows, TrainedModel};

/// What the models in `teachers` teach a run on one task: of the rows that the job trains on the mean of their predictions, and of as many
/// unlabelled ones as the distillation asks for, as far as there are. No label is looked at.
///
/// # Errors
/// If a model cannot be read or is of other labels, or rows cannot be read.
///
/// # Panics
/// If the job has not one task, or there are no teachers.
pub fn taught_by(
    teachers: &[PathBuf],
    distillation: Distillation,
    job: Job<'_>,
    observer: &mut dyn Observer,
) -> Result<TaughtRows, Error> {
    let [part] = job.tasks else { panic!("models teach one task") };
    let (labelled, said, rows, outputs) = with_own_rows(job, part, |own| {
        let mut rows = Rows { targets: None, ..own.train.clone() };
        let labelled = rows.encoded.rows();
        if distillation.unlabelled() > 0 {
            rows.append(own.unlabelled(distillation.unlabelled())?);
        }
        let head = own.reader.head;
        let said = teachers.iter().map(|teacher| predict(teacher, job, head, &rows));
        let said = said.collect::<Result<Vec<Vec<f32>>, Error>>()?;
        Ok((labelled, said, rows, head.outputs()))
    })?;
    observer.note(&format!(
        "{} models teach {labelled} rows in place of their labels, and {} without labels",
        teachers.len(),
        rows.encoded.rows() - labelled
    ));
    Ok(match part.task.kind {
        Kind::Classification => {
            TaughtRows::soft(rows, SoftLabels::mean_of(outputs, &said, distillation.temperature()))
        }
        Kind::Regression => {
            let mean =
                |row| said.iter().map(|values| f64::from(values[row])).sum::<f64>() / said.len() as f64;
            let targets = (0..rows.encoded.rows()).map(|row| Target::Value(mean(row) as f32)).collect();
            TaughtRows { rows: Rows { targets: Some(targets), ..rows }, soft_labels: None }
        }
    })
}

/// A model's logits of the rows, `[rows, L]`, in the order of this head's.
fn predict(teacher: &Path, job: Job<'_>, head: &TaskHead, rows: &Rows) -> Result<Vec<f32>, Error> {
    let settings = job.settings;
    let task = job.tasks[0].task;
    let teacher = TrainedModel::open_in(teacher, task, None, settings.max_tokens, settings.precision)?;
    let logits = teacher.logits(rows)?;
    let theirs = &teacher.head().labels.names;
    let place = |name: &String| theirs.iter().position(|other| other == name);
    let order: Option<Vec<usize>> = head.labels.names.iter().map(place).collect();
    Ok(match order {
        Some(order) => {
            logits.chunks_exact(theirs.len()).flat_map(|row| order.iter().map(|&label| row[label])).collect()
        }
        // The one output of a regression has any name.
        None => logits,
    })
}
