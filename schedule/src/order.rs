//! Which rows of which tasks form each step of an epoch. An epoch is one shuffled list cut into batches: it is drawn
//! whole from its generator, so any step of it can be asked for, and an epoch that is drawn again is the same.

use rand::Rng;

use crate::Error;

/// One row of one task's training set, by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row {
    /// The task, counted from 0 in the order the sizes were given.
    pub task: u32,
    /// The row within the task, from 0.
    pub row: u32,
}

/// How epochs over one or several tasks are made: every row of every task once, shuffled together and cut into
/// batches. A batch mixes tasks in proportion to their sizes, on average; with one task this is the plain shuffle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    sizes: Vec<u32>,
    batch: usize,
}

impl Order {
    /// Epochs over tasks of `sizes` rows in batches of `batch` rows.
    ///
    /// # Errors
    /// There is at least one task, each has at least 1 row, `batch` is at least 1, and a task has at most `u32::MAX`
    /// rows.
    pub fn check(sizes: &[usize], batch: usize) -> Result<Order, Error> {
        if batch == 0 {
            return Err(Error::BatchSize);
        }
        if sizes.is_empty() {
            return Err(Error::NoTasks);
        }
        let too_many = |what: String, found| Error::TooMany { what, found };
        u32::try_from(sizes.len()).map_err(|_| too_many("tasks".to_owned(), sizes.len()))?;
        let rows = |(task, &size)| match u32::try_from(size) {
            Ok(0) => Err(Error::NoRows { task }),
            Ok(size) => Ok(size),
            Err(_) => Err(too_many(format!("rows in task {task}"), size)),
        };
        Ok(Order { sizes: sizes.iter().enumerate().map(rows).collect::<Result<_, _>>()?, batch })
    }

    /// Batches in an epoch; the last one holds what is left.
    pub fn steps_per_epoch(&self) -> u64 {
        self.rows().div_ceil(self.batch as u64)
    }

    /// Draws an epoch. It depends on the settings and on what `rng` yields, so a run that gives each epoch its own
    /// generator, seeded by the epoch's index, can start anywhere.
    ///
    /// The shuffle is part of the contract and pinned by a test: Durstenfeld's form of the Fisher-Yates shuffle (Knuth,
    /// TAOCP 2, algorithm P) over the tasks' rows in order, from the last place down, each index drawn by [Lemire's
    /// method](https://arxiv.org/abs/1805.10941) (2019, algorithm 5) from 64-bit words. It takes nothing from `rng` but
    /// `next_u64`, because `rand`'s own shuffles may change with its version.
    pub fn epoch(&self, rng: &mut impl Rng) -> Epoch {
        let mut rows: Vec<Row> = (0..)
            .zip(&self.sizes)
            .flat_map(|(task, &size)| (0..size).map(move |row| Row { task, row }))
            .collect();
        for last in (1..rows.len()).rev() {
            rows.swap(last, below(rng, last as u64 + 1) as usize);
        }
        Epoch { rows, batch: self.batch }
    }

    fn rows(&self) -> u64 {
        self.sizes.iter().copied().map(u64::from).sum()
    }
}

/// One epoch's rows in the order they are trained on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch {
    rows: Vec<Row>,
    batch: usize,
}

impl Epoch {
    /// The rows of step `step` of this epoch, from 0. `chunks` cuts them into micro-batches.
    ///
    /// # Panics
    /// If the epoch has no such step; [`Order::steps_per_epoch`] says how many it has.
    #[track_caller]
    pub fn batch(&self, step: u64) -> &[Row] {
        let steps = self.rows.len().div_ceil(self.batch);
        assert!(step < steps as u64, "step {step} of an epoch of {steps}");
        let start = step as usize * self.batch;
        &self.rows[start..self.rows.len().min(start.saturating_add(self.batch))]
    }

    /// All batches, from step 0.
    pub fn batches(&self) -> impl ExactSizeIterator<Item = &[Row]> {
        self.rows.chunks(self.batch)
    }
}

/// A uniform draw from `0..bound`.
fn below(rng: &mut impl Rng, bound: u64) -> u64 {
    // A word times `bound` has the draw in its high half. Rejecting the `2^64 mod bound` smallest low halves leaves
    // each draw the same number of words.
    let surplus = bound.wrapping_neg() % bound;
    loop {
        let product = u128::from(rng.next_u64()) * u128::from(bound);
        if product as u64 >= surplus {
            return (product >> 64) as u64;
        }
    }
}
