//! Rows of a file with their labels, and what a run predicts for them. A prediction is that of the row of its index, wherever it
//! stands.

use std::collections::BTreeMap;
use std::path::Path;

use mtlift_glue_data::{Example, Kind, Target, Task};
use mtlift_train::{Prediction, PredictionTable, probabilities, read_predictions};

use crate::error::Error;

/// Rows of a file with their targets, in its order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Labelled {
    pub(crate) indices: Vec<String>,
    pub(crate) targets: Vec<Target>,
}

/// What a run predicts for some rows, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Predicted {
    /// Of a classification, places in the task's labels.
    pub(crate) classes: Vec<usize>,
    /// Of a regression.
    pub(crate) values: Vec<f32>,
    /// The probability of each row's own label, in `[0, 1]`; none of a regression, and of a run that kept no logits.
    pub(crate) gold: Option<Vec<f64>>,
    /// What an ensemble averages: `[rows, labels]` probabilities in the order of the task's labels, or `[rows]` values; none of a run
    /// that kept no logits.
    pub(crate) averaged: Option<Vec<f64>>,
}

impl Labelled {
    /// Of these examples, which have targets.
    pub(crate) fn of<'a>(examples: impl Iterator<Item = &'a Example> + Clone) -> Self {
        Self {
            indices: examples.clone().map(|example| example.index.clone()).collect(),
            targets: examples.filter_map(|example| example.target).collect(),
        }
    }

    /// How many there are.
    pub(crate) fn rows(&self) -> usize {
        self.targets.len()
    }

    /// What a run's predictions in a file say of these rows.
    pub(crate) fn predicted(&self, task: &Task, file: &Path) -> Result<Predicted, Error> {
        let PredictionTable { labels, rows } = read_predictions(file)?;
        let predicted = self.in_order(rows).and_then(|rows| self.understood(task, &labels, &rows));
        predicted.map_err(|what| mtlift_files::Error::Record { file: file.to_owned(), what }.into())
    }

    fn understood(&self, task: &Task, labels: &[String], rows: &[Prediction]) -> Result<Predicted, String> {
        let unknown = |word: &String| format!("`{word}` is no prediction of task {}", task.name);
        let words = rows.iter().map(|row| &row.prediction);
        if task.kind == Kind::Regression {
            let value = |word: &String| word.parse().map_err(|_| unknown(word));
            let values: Vec<f32> = words.map(value).collect::<Result<_, _>>()?;
            let averaged = Some(values.iter().map(|&value| value.into()).collect());
            return Ok(Predicted { values, averaged, ..Predicted::default() });
        }
        let class =
            |word: &String| task.labels.iter().position(|label| label == word).ok_or_else(|| unknown(word));
        let classes = words.map(class).collect::<Result<_, _>>()?;
        let averaged = in_labels_order(task, labels, rows)?;
        let gold = averaged.as_ref().and_then(|averaged| self.gold(task.labels.len(), averaged));
        Ok(Predicted { classes, gold, averaged, ..Predicted::default() })
    }

    /// The probability of each row's own label, of `[rows, labels]` of them.
    fn gold(&self, labels: usize, probabilities: &[f64]) -> Option<Vec<f64>> {
        let of = |(row, target): (&[f64], &Target)| target.class().map(|class| row[class]);
        probabilities.chunks_exact(labels).zip(&self.targets).map(of).collect()
    }

    /// The predictions in the order of the rows. Where rows share an index, their predictions are taken as they come.
    fn in_order(&self, predictions: Vec<Prediction>) -> Result<Vec<Prediction>, String> {
        if predictions.len() != self.rows() {
            return Err(format!("{} predictions for {} rows", predictions.len(), self.rows()));
        }
        let mut of_index: BTreeMap<String, Vec<Prediction>> = BTreeMap::new();
        for prediction in predictions.into_iter().rev() {
            of_index.entry(prediction.index.clone()).or_default().push(prediction);
        }
        let missing = |index: &String| format!("there is no prediction for the row with index `{index}`");
        let take = |index: &String| of_index.get_mut(index).and_then(Vec::pop).ok_or_else(|| missing(index));
        self.indices.iter().map(take).collect()
    }
}

/// The probabilities that each row's logits give the task's labels, `[rows, labels]`; none where there are no logits.
fn in_labels_order(task: &Task, labels: &[String], rows: &[Prediction]) -> Result<Option<Vec<f64>>, String> {
    if labels.is_empty() {
        return Ok(None);
    }
    let column = |label: &String| {
        let place = labels.iter().position(|name| name == label);
        place.ok_or_else(|| format!("there is no column with the logits of the label `{label}`"))
    };
    let columns = task.labels.iter().map(column).collect::<Result<Vec<usize>, String>>()?;
    let of = |row: &Prediction| {
        let row = probabilities(&row.logits, labels.len());
        columns.iter().map(|&column| row[column]).collect::<Vec<f64>>()
    };
    Ok(Some(rows.iter().flat_map(of).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up;

    fn labelled(indices: &[&str]) -> Labelled {
        Labelled {
            indices: indices.iter().map(|&index| index.to_owned()).collect(),
            targets: vec![Target::Class(0); indices.len()],
        }
    }

    fn predictions(rows: &[(&str, &str)]) -> Vec<Prediction> {
        let row = |&(index, word): &(&str, &str)| Prediction {
            index: index.into(),
            prediction: word.into(),
            logits: Vec::new(),
        };
        rows.iter().map(row).collect()
    }

    fn words(found: Result<Vec<Prediction>, String>) -> Result<Vec<String>, String> {
        found.map(|rows| rows.into_iter().map(|row| row.prediction).collect())
    }

    #[test]
    fn predictions_are_matched_by_index_and_not_by_order() {
        let found = labelled(&["3", "1", "2"]).in_order(predictions(&[("1", "b"), ("2", "c"), ("3", "a")]));
        assert_eq!(words(found), Ok(["a", "b", "c"].map(str::to_owned).to_vec()));
    }

    #[test]
    fn rows_that_share_an_index_keep_their_order() {
        let found = labelled(&["x", "y", "x"]).in_order(predictions(&[("x", "a"), ("x", "b"), ("y", "c")]));
        assert_eq!(words(found), Ok(["a", "c", "b"].map(str::to_owned).to_vec()));
    }

    #[test]
    fn a_row_without_prediction_is_named() {
        let found = labelled(&["1", "2"]).in_order(predictions(&[("1", "a"), ("3", "b")]));
        assert_eq!(words(found), Err("there is no prediction for the row with index `2`".to_owned()));
        let found = labelled(&["1"]).in_order(Vec::new());
        assert_eq!(words(found), Err("0 predictions for 1 rows".to_owned()));
    }

    /// By hand: with logits 0 and ln 3 the second label has 3/4; the columns need not stand in the task's order.
    #[test]
    fn the_gold_probability_is_that_of_the_rows_own_label() {
        let task = made_up::survey(&[("task", 10)]).all[0].task.clone();
        let rows = Labelled {
            indices: ["a", "b", "c"].map(str::to_owned).to_vec(),
            targets: vec![Target::Class(0), Target::Class(1), Target::Class(1)],
        };
        let logits = |index: &str, logits: [f32; 2]| Prediction {
            index: index.to_owned(),
            prediction: "no".to_owned(),
            logits: logits.to_vec(),
        };
        let ln_3 = 3f32.ln();
        let found = [logits("a", [0.0, ln_3]), logits("b", [0.0, ln_3]), logits("c", [1.0, 1.0])];
        let gold = |names: [&str; 2]| {
            let names = names.map(str::to_owned);
            let all = in_labels_order(&task, &names, &found).expect("both labels have a column");
            rows.gold(2, &all.expect("there are logits")).expect("all targets are classes")
        };
        for (names, expected) in [(["no", "yes"], [0.25, 0.75, 0.5]), (["yes", "no"], [0.75, 0.25, 0.5])] {
            let found = gold(names);
            assert!(found.iter().zip(expected).all(|(p, e)| (p - e).abs() < 1e-7), "{found:?}");
        }
        assert_eq!(in_labels_order(&task, &[], &found), Ok(None), "runs of before may have no logits");
        let other = ["no", "maybe"].map(str::to_owned);
        assert!(in_labels_order(&task, &other, &found).expect_err("a label lacks").contains("`yes`"));
    }
}
