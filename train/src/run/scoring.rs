//! What a task's selected model scores: each dev split, and the first of them together with the unused training rows that were asked
//! for. Their predictions are a file of their own, because an index is that of a row within its split.

use std::collections::BTreeMap;

use mtlift_eval::Scores;
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
            let (logits, scores) = self.score(trainer, task, rows)?;
            let path = place.files.predictions(place.tasks, &self.task.name, name);
            write_predictions(&path, &rows.indices, &self.head.labels.names, &logits)?;
            Ok::<_, Error>((logits, scores))
        };
        let mut dev = Vec::new();
        for rows in &self.dev {
            let (logits, scores) = predict(&rows.split, rows)?;
            // What lies in the rows themselves was said before the first step.
            if let Some(degenerate) = scores.degenerate().filter(|degenerate| !degenerate.is_of_reference()) {
                observer.warn(&format!(
                    "{}: the predictions on {} are degenerate ({degenerate}); this seed did not learn the task",
                    self.task.name, rows.split
                ));
            }
            dev.push((rows, logits, scores));
        }
        let mut dev = dev.into_iter();
        let (mut metrics, mut score_rows) = (None, None);
        if let Some((first, logits, alone)) = dev.next() {
            metrics = Some(alone.clone());
            if let Some(unused) = &self.unused {
                let (of_unused, scores) = predict(SCORE_ROWS, unused)?;
                metrics = Some(self.together(&[(first, &logits), (unused, &of_unused)])?);
                score_rows = Some(ScoreRows { rows: unused.encoded.rows(), dev: alone, unused: scores });
            }
        }
        let others = dev.map(|(rows, _, scores)| (rows.split.clone(), scores)).collect();
        Ok(Scored { metrics, others, score_rows })
    }

    /// The scores of rows and their logits, all taken as one set.
    fn together(&self, parts: &[(&Rows, &Vec<f32>)]) -> Result<Scores, Error> {
        let logits: Vec<f32> = parts.iter().flat_map(|(_, logits)| logits.iter().copied()).collect();
        let targets: Vec<Target> =
            parts.iter().filter_map(|(rows, _)| rows.targets.as_ref()).flatten().copied().collect();
        self.head.score(&Predictions::from_logits(&logits, self.head.outputs()), &targets)
    }
}
