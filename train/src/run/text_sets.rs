//! Which tasks of a run label the same texts: heads of one file do.
//!
//! The course draws texts, and each becomes the rows of all tasks that have a label for it, so that they go through the encoder together.
//! Tasks by themselves have a text for each row, in its order.

use std::borrow::Cow;
use std::collections::BTreeSet;

use mtlift_schedule::Row;

use super::part::Part;
use crate::SharedTexts;

/// The texts that a run trains on.
#[derive(Clone, Debug)]
pub(crate) struct TextSets {
    /// In the order of their first tasks.
    sets: Vec<Set>,
    /// Of each task which texts its rows are, where other tasks label them too.
    of_rows: Vec<Option<Vec<u32>>>,
}

/// TextSets of one file.
#[derive(Clone, Debug)]
struct Set {
    /// Ascending.
    tasks: Vec<usize>,
    texts: usize,
    /// Of each text its rows, in the order of their tasks; empty where they are of one task.
    rows: Vec<Vec<Row>>,
}

impl TextSets {
    pub(crate) fn of(parts: &[Part<'_>]) -> Self {
        let mut sets: Vec<Vec<usize>> = Vec::new();
        for (task, part) in parts.iter().enumerate() {
            match sets.iter_mut().find(|set| part.has_the_texts_of(&parts[set[0]])) {
                Some(set) => set.push(task),
                None => sets.push(vec![task]),
            }
        }
        let mut of_rows = vec![None; parts.len()];
        let sets = sets.into_iter().map(|tasks| Set::of(parts, tasks, &mut of_rows)).collect();
        Self { sets, of_rows }
    }

    /// How many texts each set has.
    pub(super) fn sizes(&self) -> Vec<usize> {
        self.sets.iter().map(|set| set.texts).collect()
    }

    /// The tasks of each set that has several.
    pub(super) fn shared(&self) -> impl Iterator<Item = &[usize]> {
        self.sets.iter().map(|set| &set.tasks[..]).filter(|tasks| tasks.len() > 1)
    }

    /// The rows of the texts that the course has drawn from these sets.
    pub(super) fn rows<'a>(&self, drawn: &'a [Row]) -> Cow<'a, [Row]> {
        if self.shared().next().is_none() {
            return Cow::Borrowed(drawn);
        }
        let mut rows = Vec::with_capacity(drawn.len());
        for text in drawn {
            let set = &self.sets[text.task as usize];
            match set.rows.get(text.row as usize) {
                Some(of_text) => rows.extend(of_text),
                None => rows.push(Row { task: set.tasks[0] as u32, row: text.row }),
            }
        }
        Cow::Owned(rows)
    }

    /// Which texts the rows of a task are, where other tasks label them too.
    pub(super) fn of_task(&self, task: usize) -> Option<SharedTexts<'_>> {
        let of_rows = self.of_rows[task].as_deref()?;
        let first = self.sets.iter().find(|set| set.tasks.contains(&task))?.tasks[0];
        Some(SharedTexts { first, of_rows })
    }
}

impl Set {
    fn of(parts: &[Part<'_>], tasks: Vec<usize>, of_rows: &mut [Option<Vec<u32>>]) -> Self {
        let places = |task: &usize| parts[*task].train.places.iter().flatten().copied();
        if tasks.len() == 1 {
            let texts = parts[tasks[0]].train.encoded.rows();
            return Self { tasks, texts, rows: Vec::new() };
        }
        let all: BTreeSet<usize> = tasks.iter().flat_map(places).collect();
        let all: Vec<usize> = all.into_iter().collect();
        let mut rows = vec![Vec::new(); all.len()];
        for task in &tasks {
            let of_task: Vec<u32> =
                places(task).map(|place| all.partition_point(|&text| text < place) as u32).collect();
            for (row, &text) in of_task.iter().enumerate() {
                rows[text as usize].push(Row { task: *task as u32, row: row as u32 });
            }
            of_rows[*task] = Some(of_task);
        }
        Self { tasks, texts: all.len(), rows }
    }
}

impl Part<'_> {
    /// Whether both are heads of one file.
    fn has_the_texts_of(&self, other: &Part<'_>) -> bool {
        let heads = self.task.head_of.as_ref().zip(other.task.head_of.as_ref());
        heads.is_some_and(|(one, other)| one.file == other.file) && self.train.hash == other.train.hash
    }
}
