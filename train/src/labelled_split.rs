//! The rows of a split that a task learns from or is scored on: all of them, or of a head of several those with a label for it.

use mtlift_glue_data::{Split, Target, Task};

use crate::{Error, TrainingSplit};

/// A split of which every row has a target.
#[derive(Clone, Debug)]
pub struct LabelledSplit {
    /// The rows.
    pub split: Split,
    /// Of a head, each row's place among the texts of its file; else none.
    pub places: Option<Vec<usize>>,
    /// The rows of the file, with a label or without.
    pub texts: usize,
}

impl LabelledSplit {
    /// The labelled rows of this split of a task, called `name`.
    ///
    /// # Errors
    /// If a row of a task by itself has no label.
    pub fn of(task: &Task, name: &str, split: Split) -> Result<Self, Error> {
        let texts = split.examples.len();
        let places = task.head_of.as_ref().map(|_| split.labelled());
        let split = match &places {
            None => split,
            Some(places) => split.select(places),
        };
        if split.examples.is_empty() || split.targets().is_none() {
            return Err(Error::NoLabels { task: task.name.clone(), split: name.to_owned() });
        }
        Ok(Self { split, places, texts })
    }

    /// The target of every row.
    pub fn targets(&self) -> Vec<Target> {
        self.split.examples.iter().filter_map(|example| example.target).collect()
    }

    /// What a run does with the rows of a training split; by `targets` where no heads share the texts.
    pub fn draw(&self, targets: &[Target], max_train: Option<usize>, held_out: Option<f64>) -> TrainingSplit {
        match &self.places {
            None => TrainingSplit::draw(targets, max_train, held_out),
            Some(places) => TrainingSplit::of_texts(places, self.texts, max_train, held_out),
        }
    }
}
