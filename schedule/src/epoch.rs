//! The rows of an epoch, cut into batches. An epoch is drawn whole, so any step of it can be asked for, and
//! one that is drawn again from the same generator is the same.

use rand::Rng;

/// One row of one task's training set, by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row {
    /// The task, counted from 0 in the order the sizes were given.
    pub task: u32,
    /// The row within the task, from 0.
    pub row: u32,
}

/// One epoch's rows in the order they are trained on. No batch is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch {
    rows: Vec<Row>,
    /// Where each batch ends.
    ends: Vec<usize>,
}

impl Epoch {
    /// The rows of step `step` of this epoch, from 0. `chunks` cuts them into micro-batches.
    ///
    /// # Panics
    /// If the epoch has no such step.
    #[track_caller]
    pub fn batch(&self, step: u64) -> &[Row] {
        let steps = self.ends.len();
        assert!(step < steps as u64, "step {step} of an epoch of {steps}");
        self.between(step as usize)
    }

    /// How many batches it has.
    pub fn steps(&self) -> u64 {
        self.ends.len() as u64
    }

    /// All batches, from step 0.
    pub fn batches(&self) -> impl ExactSizeIterator<Item = &[Row]> {
        (0..self.ends.len()).map(|step| self.between(step))
    }

    /// Every `batch` of the rows a batch; the last one holds what is left.
    pub(crate) fn cut(rows: Vec<Row>, batch: usize) -> Epoch {
        let ends =
            (1..=rows.len().div_ceil(batch)).map(|i| rows.len().min(i.saturating_mul(batch))).collect();
        Epoch { rows, ends }
    }

    /// Batches as they come.
    pub(crate) fn from_batches(batches: impl Iterator<Item = Vec<Row>>) -> Epoch {
        let mut epoch = Epoch { rows: Vec::new(), ends: Vec::new() };
        for batch in batches {
            epoch.rows.extend(batch);
            epoch.ends.push(epoch.rows.len());
        }
        epoch
    }

    /// The same with other rows of its tasks in their places.
    #[must_use]
    pub fn with_rows(mut self, row: impl Fn(u32) -> u32) -> Epoch {
        self.rows.iter_mut().for_each(|place| place.row = row(place.row));
        self
    }

    fn between(&self, step: usize) -> &[Row] {
        let start = if step == 0 { 0 } else { self.ends[step - 1] };
        &self.rows[start..self.ends[step]]
    }
}

/// Puts `items` in random order. What it does is part of the contract; `Mixture::epoch` has the description.
pub(crate) fn shuffle<T>(items: &mut [T], rng: &mut impl Rng) {
    for last in (1..items.len()).rev() {
        items.swap(last, below(rng, last as u64 + 1) as usize);
    }
}

/// A uniform draw from `0..bound`.
fn below(rng: &mut impl Rng, bound: u64) -> u64 {
    // A word times `bound` has the draw in its high half. Rejecting the `2^64 mod bound` smallest low halves
    // leaves each draw the same number of words.
    let surplus = bound.wrapping_neg() % bound;
    loop {
        let product = u128::from(rng.next_u64()) * u128::from(bound);
        if product as u64 >= surplus {
            return (product >> 64) as u64;
        }
    }
}
