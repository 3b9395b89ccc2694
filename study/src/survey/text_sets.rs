//! Which tasks of a run label the same texts, and how many texts there are: what the run trains on, counted without a token.

use std::collections::BTreeSet;

use mtlift_train::{LabelledSplit, TrainingSplit};

use super::Survey;

/// What is known of the training rows of a head, to say which of them are trained on.
#[derive(Clone, Debug)]
pub(crate) struct HeadRows {
    /// Each row's place among the texts of the file.
    places: Vec<usize>,
    texts: usize,
    held_out: Option<f64>,
}

/// The texts of one file, or of a task by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TextSet {
    /// Which tasks of the run label them, by their place in it.
    pub(crate) tasks: Vec<usize>,
    /// How many are trained on.
    pub(crate) texts: usize,
}

impl HeadRows {
    /// Of the training split of a head; none of a task by itself.
    pub(super) fn of(split: &LabelledSplit, held_out: Option<f64>) -> Option<Self> {
        Some(Self { places: split.places.clone()?, texts: split.texts, held_out })
    }

    /// The places of the rows that are trained on where `max_train` are used.
    pub(super) fn trained(&self, max_train: Option<usize>) -> impl Iterator<Item = usize> + '_ {
        let drawn = TrainingSplit::of_texts(&self.places, self.texts, max_train, self.held_out);
        drawn.train.into_iter().map(|row| self.places[row])
    }
}

impl Survey {
    /// The texts of a run over tasks, given by their places here, of which so many rows are used; in the order of their first tasks.
    pub(crate) fn text_sets(&self, tasks: &[(usize, Option<usize>)]) -> Vec<TextSet> {
        let mut sets: Vec<Vec<usize>> = Vec::new();
        for (place, &(task, _)) in tasks.iter().enumerate() {
            match sets.iter_mut().find(|set| self.are_of_one_file(tasks[set[0]].0, task)) {
                Some(set) => set.push(place),
                None => sets.push(vec![place]),
            }
        }
        let set = |of: Vec<usize>| {
            let places = |place: &usize| {
                let (task, max_train) = tasks[*place];
                self.all[task].head.iter().flat_map(move |head| head.trained(max_train))
            };
            let texts = match of[..] {
                [one] => self.rows(tasks[one].0, tasks[one].1),
                _ => of.iter().flat_map(places).collect::<BTreeSet<usize>>().len(),
            };
            TextSet { tasks: of, texts }
        };
        sets.into_iter().map(set).collect()
    }

    /// Whether two tasks are heads of one file.
    fn are_of_one_file(&self, one: usize, other: usize) -> bool {
        let file = |task: usize| self.all[task].task.head_of.as_ref().map(|head| &head.file);
        file(one).is_some() && file(one) == file(other)
    }
}
