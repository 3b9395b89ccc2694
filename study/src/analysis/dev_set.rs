//! A task's dev labels, against which the predictions of runs are judged.

use std::path::Path;

use mtlift_eval::{Judged, TaskMetrics};
use mtlift_files::read_text;
use mtlift_glue_data::{Kind, Target};

use crate::error::Error;
use crate::subjects::Subject;

/// The dev labels of a task, in the order of its files.
pub(super) struct DevSet {
    targets: Vec<Target>,
    metrics: TaskMetrics,
}

impl DevSet {
    pub(super) fn read(subject: &Subject) -> Result<Self, Error> {
        let split = subject.task.read("dev")?;
        let metrics = subject.task.metrics.iter().map(|name| name.parse()).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { targets: split.targets().unwrap_or_default(), metrics: TaskMetrics::check(&metrics)? })
    }

    /// A run's predictions on the dev set, judged.
    pub(super) fn judge(&self, subject: &Subject, file: &Path) -> Result<Judged, Error> {
        let text = read_text(file)?;
        let fault = |what: String| Error::from(mtlift_files::Error::Record { file: file.to_owned(), what });
        let predicted: Vec<&str> =
            text.lines().skip(1).map(|line| line.split('\t').nth(1).unwrap_or_default()).collect();
        if predicted.len() != self.targets.len() {
            return Err(fault(format!("{} predictions for {} rows", predicted.len(), self.targets.len())));
        }
        let unknown = |word: &&str| fault(format!("`{word}` is no prediction of task {}", subject.task.name));
        Ok(match subject.task.kind {
            Kind::Classification => {
                let class = |word: &&str| {
                    subject.task.labels.iter().position(|label| label == word).ok_or_else(|| unknown(word))
                };
                let predicted = predicted.iter().map(class).collect::<Result<Vec<usize>, Error>>()?;
                let reference: Vec<usize> = self.targets.iter().filter_map(Target::class).collect();
                Judged::classes(
                    &predicted,
                    &reference,
                    subject.task.labels.len(),
                    subject.task.positive,
                    &self.metrics,
                )?
            }
            Kind::Regression => {
                let value = |word: &&str| word.parse::<f32>().map_err(|_| unknown(word));
                let predicted = predicted.iter().map(value).collect::<Result<Vec<f32>, Error>>()?;
                let reference: Vec<f32> = self.targets.iter().filter_map(Target::value).collect();
                Judged::values(&predicted, &reference, &self.metrics)?
            }
        })
    }
}
