//! The rows that score a task, against whose labels the predictions of runs are judged: those of dev, and the unused training rows
//! that were asked for beside them. An index is that of a row within its file, so each of the two has predictions of its own.

use mtlift_eval::{Judged, TaskMetrics};
use mtlift_glue_data::{Kind, Target, Task};
use mtlift_train::{RunFiles, SCORE_ROWS};

use super::labelled::Labelled;
use crate::error::Error;

/// The rows that score a task; none of a support without a dev split.
#[derive(Clone, Debug)]
pub(crate) struct DevSet {
    pub(crate) dev: Labelled,
    /// Unused training rows that are scored beside dev.
    pub(crate) unused: Labelled,
    pub(crate) metrics: TaskMetrics,
}

/// A run on the rows that score.
pub(crate) struct Scored {
    pub(crate) judged: Judged,
    /// The probability of each row's own label; none of a regression, and of a run that kept no logits.
    pub(crate) gold: Option<Vec<f64>>,
}

impl DevSet {
    /// How many rows there are.
    pub(crate) fn rows(&self) -> usize {
        self.dev.rows() + self.unused.rows()
    }

    /// What a run of `tasks` tasks predicts for these rows, judged.
    pub(crate) fn judge(&self, task: &Task, files: &RunFiles, tasks: usize) -> Result<Scored, Error> {
        let of = |rows: &Labelled, name| rows.predicted(task, &files.predictions(tasks, &task.name, name));
        let mut predicted = of(&self.dev, "dev")?;
        if self.unused.rows() > 0 {
            let unused = of(&self.unused, SCORE_ROWS)?;
            predicted.classes.extend(unused.classes);
            predicted.values.extend(unused.values);
            predicted.gold = predicted.gold.zip(unused.gold).map(|(dev, unused)| [dev, unused].concat());
        }
        let targets = || self.dev.targets.iter().chain(&self.unused.targets);
        let judged = match task.kind {
            Kind::Classification => {
                let reference: Vec<usize> = targets().filter_map(Target::class).collect();
                let (labels, positive) = (task.labels.len(), task.positive);
                Judged::classes(&predicted.classes, &reference, labels, positive, &self.metrics)?
            }
            Kind::Regression => {
                let reference: Vec<f32> = targets().filter_map(Target::value).collect();
                Judged::values(&predicted.values, &reference, &self.metrics)?
            }
        };
        Ok(Scored { judged, gold: predicted.gold })
    }
}
