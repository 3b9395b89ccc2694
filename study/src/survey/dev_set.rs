//! A task's dev labels, against which the predictions of runs are judged.

use std::collections::BTreeMap;
use std::path::Path;

use mtlift_eval::{Judged, TaskMetrics};
use mtlift_glue_data::{Kind, Target, Task};
use mtlift_train::{Prediction, read_predictions};

use crate::error::Error;

/// The dev rows of a task, in the order of its file; none of a support without a dev split.
#[derive(Clone, Debug)]
pub(crate) struct DevSet {
    pub(crate) indices: Vec<String>,
    pub(crate) targets: Vec<Target>,
    pub(crate) metrics: TaskMetrics,
}

impl DevSet {
    /// How many rows there are.
    pub(crate) fn rows(&self) -> usize {
        self.targets.len()
    }

    /// A run's predictions on the dev set, judged. A prediction is that of the row of its index, wherever it stands.
    pub(crate) fn judge(&self, task: &Task, file: &Path) -> Result<Judged, Error> {
        let fault = |what: String| Error::from(mtlift_files::Error::Record { file: file.to_owned(), what });
        let predicted = self.in_order(read_predictions(file)?).map_err(fault)?;
        let unknown = |word: &String| fault(format!("`{word}` is no prediction of task {}", task.name));
        Ok(match task.kind {
            Kind::Classification => {
                let class = |word: &String| {
                    task.labels.iter().position(|label| label == word).ok_or_else(|| unknown(word))
                };
                let predicted = predicted.iter().map(class).collect::<Result<Vec<usize>, Error>>()?;
                let reference: Vec<usize> = self.targets.iter().filter_map(Target::class).collect();
                Judged::classes(&predicted, &reference, task.labels.len(), task.positive, &self.metrics)?
            }
            Kind::Regression => {
                let value = |word: &String| word.parse::<f32>().map_err(|_| unknown(word));
                let predicted = predicted.iter().map(value).collect::<Result<Vec<f32>, Error>>()?;
                let reference: Vec<f32> = self.targets.iter().filter_map(Target::value).collect();
                Judged::values(&predicted, &reference, &self.metrics)?
            }
        })
    }

    /// The predictions in the order of the rows. Where rows share an index, their predictions are taken as they come.
    fn in_order(&self, predictions: Vec<Prediction>) -> Result<Vec<String>, String> {
        if predictions.len() != self.rows() {
            return Err(format!("{} predictions for {} rows", predictions.len(), self.rows()));
        }
        let mut of_index: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for Prediction { index, prediction } in predictions.into_iter().rev() {
            of_index.entry(index).or_default().push(prediction);
        }
        let missing = |index: &String| format!("there is no prediction for the row with index `{index}`");
        let take = |index: &String| of_index.get_mut(index).and_then(Vec::pop).ok_or_else(|| missing(index));
        self.indices.iter().map(take).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mtlift_eval::Metric;

    fn dev_set(indices: &[&str]) -> DevSet {
        DevSet {
            indices: indices.iter().map(|&index| index.to_owned()).collect(),
            targets: vec![Target::Class(0); indices.len()],
            metrics: TaskMetrics::check(&[Metric::Accuracy]).expect("a metric"),
        }
    }

    fn predictions(rows: &[(&str, &str)]) -> Vec<Prediction> {
        let row = |&(index, word): &(&str, &str)| Prediction { index: index.into(), prediction: word.into() };
        rows.iter().map(row).collect()
    }

    #[test]
    fn predictions_are_matched_by_index_and_not_by_order() {
        let found = dev_set(&["3", "1", "2"]).in_order(predictions(&[("1", "b"), ("2", "c"), ("3", "a")]));
        assert_eq!(found, Ok(["a", "b", "c"].map(str::to_owned).to_vec()));
    }

    #[test]
    fn rows_that_share_an_index_keep_their_order() {
        let found = dev_set(&["x", "y", "x"]).in_order(predictions(&[("x", "a"), ("x", "b"), ("y", "c")]));
        assert_eq!(found, Ok(["a", "c", "b"].map(str::to_owned).to_vec()));
    }

    #[test]
    fn a_row_without_prediction_is_named() {
        let found = dev_set(&["1", "2"]).in_order(predictions(&[("1", "a"), ("3", "b")]));
        assert_eq!(found, Err("there is no prediction for the row with index `2`".to_owned()));
        let found = dev_set(&["1"]).in_order(Vec::new());
        assert_eq!(found, Err("0 predictions for 1 rows".to_owned()));
    }
}
