//! What a task's selected model scores: each dev split, and the first of them together with the unused training rows that were asked
//! for. Their predictions are a file of their own, because an index is that of a row within its split.

use std::collections::BTreeMap;

use mtlift_eval::{GroupScores, Scores};
use mtlift_glue_data::Target;

use super::job::Observer;
use super::part::Part;
use crate::record::{RunFiles, SCORE_ROWS, ScoreRows, write_predictions};
use crate::{Error, Predictions, Rows, Trainer};

/// Where predictions go, one of `tasks`.
pub(super) struct Place<'a> {
    pub(super) files: &'a RunFiles,
    pub(super) tasks: usize,
}

/// What a task's selected model scores.
pub(super) struct Scored {
    /// On all rows that score.
    pub(super) metrics: Option<Scores>,
    /// On the same, of a task with groups.
    pub(super) groups: Option<GroupScores>,
    /// On the other dev splits.
    pub(super) others: BTreeMap<String, Scores>,
    pub(super) score_rows: Option<ScoreRows>,
}

impl Part<'_> {
    /// Scores with the parameters of the trainer, and writes the predictions.
    pub(super) fn scored(
        &self,
        trainer: &mut Trainer,
        task: usize,
        place: &Place<'_>,
        observer: &mut dyn Observer,
    ) -> Result<Scored, Error> {
        let mut predict = |name: &str, rows: &Rows| {
            let looked = self.score(trainer, task, rows)?;
            let path = place.files.predictions(place.tasks, &self.task.name, name);
            write_predictions(&path, &rows.indices, &self.head.labels.names, &looked.logits)?;
            Ok::<_, Error>(looked)
        };
        let mut dev = Vec::new();
        for rows in &self.dev {
            let looked = predict(&rows.split, rows)?;
            // What lies in the rows themselves was said before the first step.
            if let Some(degenerate) =
                looked.scores.degenerate().filter(|degenerate| !degenerate.is_of_reference())
            {
                observer.warn(&format!(
                    "{}: the predictions on {} are degenerate ({degenerate}); this seed did not learn the task",
                    self.task.name, rows.split
                ));
            }
            dev.push((rows, looked));
        }
        let mut dev = dev.into_iter();
        let (mut metrics, mut groups, mut score_rows) = (None, None, None);
        if let Some((first, alone)) = dev.next() {
            metrics = Some(alone.scores.clone());
            groups = alone.groups.clone();
            if let Some(unused) = &self.unused {
                let looked = predict(SCORE_ROWS, unused)?;
                let together = [(first, &*alone.logits), (unused, &*looked.logits)];
                metrics = Some(self.together(&together)?);
                groups = self.groups_together(&together)?;
                let (rows, dev, unused) = (unused.encoded.rows(), alone.scores, looked.scores);
                score_rows = Some(ScoreRows { rows, dev, unused });
            }
        }
        let others = dev.map(|(rows, looked)| (rows.split.clone(), looked.scores)).collect();
        Ok(Scored { metrics, groups, others, score_rows })
    }

    /// The scores of rows and their logits, both taken as one set.
    fn together(&self, parts: &[(&Rows, &[f32]); 2]) -> Result<Scores, Error> {
        let (predictions, targets) = self.joined(parts);
        self.head.score(&predictions, &targets)
    }

    /// The scores of their groups, of a task with groups.
    fn groups_together(&self, parts: &[(&Rows, &[f32]); 2]) -> Result<Option<GroupScores>, Error> {
        let [(one, _), (other, _)] = parts;
        let (predictions, targets) = self.joined(parts);
        let (Some(one), Some(other), Predictions::Classes(predicted)) =
            (&one.groups, &other.groups, predictions)
        else {
            return Ok(None);
        };
        let reference: Vec<usize> = targets.iter().filter_map(Target::class).collect();
        Ok(Some(one.and(other).scores(&predicted, &reference)?))
    }

    fn joined(&self, parts: &[(&Rows, &[f32]); 2]) -> (Predictions, Vec<Target>) {
        let logits: Vec<f32> = parts.iter().flat_map(|(_, logits)| logits.iter().copied()).collect();
        let targets = parts.iter().filter_map(|(rows, _)| rows.targets.as_ref()).flatten().copied();
        (Predictions::from_logits(&logits, self.head.outputs()), targets.collect())
    }
}
