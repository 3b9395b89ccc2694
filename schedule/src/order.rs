//! Every row of every task once, shuffled together: the plain epoch, without a sampler. [`Mixture`](crate::Mixture) is
//! for tasks whose shares are chosen; its one-task form gives the same batches.

use rand::Rng;

use crate::epoch::shuffle;
use crate::{Epoch, Error, Row};

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
        Ok(Order { sizes: check_sizes(sizes, batch)?, batch })
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
        shuffle(&mut rows, rng);
        Epoch::cut(rows, self.batch)
    }

    fn rows(&self) -> u64 {
        self.sizes.iter().copied().map(u64::from).sum()
    }
}

/// The sizes of tasks that batches can be made of, as numbers that a [`Row`] holds.
pub(crate) fn check_sizes(sizes: &[usize], batch: usize) -> Result<Vec<u32>, Error> {
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
    sizes.iter().enumerate().map(rows).collect()
}
