//! The rows that score a task, against whose labels the predictions of runs are judged: those of dev, and the unused training rows
//! that were asked for beside them. An index is that of a row within its file, so each of the two has predictions of its own.

use mtlift_eval::{GroupScores, Groups, Judged, TaskMetrics};
use mtlift_glue_data::{Kind, Target, Task};
use mtlift_train::{RunFiles, SCORE_ROWS, Yardstick};

use super::labelled::Labelled;
use crate::error::Error;

/// The rows that score a task; none of a support without a dev split.
#[derive(Clone, Debug)]
pub(crate) struct DevSet {
    pub(crate) dev: Labelled,
    /// Unused training rows that are scored beside dev.
    pub(crate) unused: Labelled,
    pub(crate) metrics: TaskMetrics,
    /// The groups of all of them, dev's first; none of a task without groups.
    pub(crate) groups: Option<Groups>,
    /// By which number it is judged.
    pub(crate) judge_by: Yardstick,
}

/// A run on the rows that score.
pub(crate) struct Scored {
    pub(crate) judged: Judged,
    /// The same by its worst group; none of a task without groups, and where none has the rows to be the worst.
    pub(crate) worst: Option<Judged>,
    /// What each group scores; none of a task without groups.
    pub(crate) groups: Option<GroupScores>,
    /// The probability of each row's own label; none of a regression, and of a run that kept no logits.
    pub(crate) gold: Option<Vec<f64>>,
    /// What an ensemble averages; see `Predicted::averaged`.
    pub(crate) averaged: Option<Vec<f64>>,
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
            let both = |(dev, unused): (Vec<f64>, Vec<f64>)| [dev, unused].concat();
            predicted.gold = predicted.gold.zip(unused.gold).map(both);
            predicted.averaged = predicted.averaged.zip(unused.averaged).map(both);
        }
        let judged = self.judged(task, &predicted.classes, &predicted.values)?;
        let of_groups = self.groups.as_ref().map(|groups| self.of_groups(task, groups, &predicted.classes));
        let (groups, worst) = of_groups.transpose()?.unzip();
        let (gold, averaged) = (predicted.gold, predicted.averaged);
        Ok(Scored { judged, worst: worst.flatten(), groups, gold, averaged })
    }

    /// What groups score, and the worst of them as something to compare.
    fn of_groups(
        &self,
        task: &Task,
        groups: &Groups,
        classes: &[usize],
    ) -> Result<(GroupScores, Option<Judged>), Error> {
        let targets = self.dev.targets.iter().chain(&self.unused.targets);
        let reference: Vec<usize> = targets.filter_map(Target::class).collect();
        let scores = groups.scores(classes, &reference)?;
        let worst =
            scores.worst().map(|_| Judged::worst_group(classes, &reference, task.labels.len(), groups));
        Ok((scores, worst.transpose()?))
    }

    /// What the mean of several runs predicts: of `[rows, labels]` probabilities the greatest, of equal ones the first, or
    /// `[rows]` values.
    pub(crate) fn judge_mean(&self, task: &Task, mean: &[f64]) -> Result<Judged, Error> {
        match task.kind {
            Kind::Classification => {
                let greatest = |row: &[f64]| (0..row.len()).rev().max_by(|&a, &b| row[a].total_cmp(&row[b]));
                let classes: Vec<usize> = mean.chunks_exact(task.labels.len()).filter_map(greatest).collect();
                self.judged(task, &classes, &[])
            }
            Kind::Regression => {
                let values: Vec<f32> = mean.iter().map(|&value| value as f32).collect();
                self.judged(task, &[], &values)
            }
        }
    }

    /// Predictions of the task's kind, judged by its yardstick.
    fn judged(&self, task: &Task, classes: &[usize], values: &[f32]) -> Result<Judged, Error> {
        let targets = || self.dev.targets.iter().chain(&self.unused.targets);
        if let (Yardstick::WorstGroup, Some(groups)) = (self.judge_by, &self.groups) {
            let reference: Vec<usize> = targets().filter_map(Target::class).collect();
            return Ok(Judged::worst_group(classes, &reference, task.labels.len(), groups)?);
        }
        Ok(match task.kind {
            Kind::Classification => {
                let reference: Vec<usize> = targets().filter_map(Target::class).collect();
                Judged::classes(classes, &reference, task.labels.len(), task.positive, &self.metrics)?
            }
            Kind::Regression => {
                let reference: Vec<f32> = targets().filter_map(Target::value).collect();
                Judged::values(values, &reference, &self.metrics)?
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::made_up;

    /// By hand: where labels have the same probability it is the first one.
    #[test]
    fn runs_predict_by_their_mean() {
        let subject = made_up::survey(&[("task", 10)]).all.remove(0);
        let mean = [0.6, 0.4, 0.5, 0.5, 0.1, 0.9, 1.0, 0.0];
        let judged = subject.dev.judge_mean(&subject.task, &mean).expect("four rows");
        assert_eq!(judged.headline(), 0.75, "all four rows are of the first label");
    }
}
