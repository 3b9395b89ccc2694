//! How the rows of an epoch are put together. Every kind keeps each task's rows in the order of the task's
//! own stream and only decides when which task comes, so a support's passes stay passes and one task is the
//! plain shuffle.

use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::epoch::shuffle;
use crate::named;
use crate::spread::spread;
use crate::{Epoch, Row};

/// Which tasks share a batch (the names are those of the code of Weller et al. 2022).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BatchKind {
    /// A batch holds one task; the batches of all tasks are shuffled, or take turns if the sampler is
    /// `round-robin`. The last batch of each task holds what is left.
    Homogeneous,
    /// All rows shuffled together and cut into batches.
    Heterogeneous,
    /// Every batch holds each task's share of it. Where the share is not a whole number the rest is spread
    /// evenly, so that after any batch each task is less than 1 row from it.
    ForcedHeterogeneous,
    /// One task after the other, cut into batches; the batch at a border holds both.
    Partition,
}

named!(
    BatchKind, "batch kind",
    Homogeneous => "homogeneous",
    Heterogeneous => "heterogeneous",
    ForcedHeterogeneous => "forced-heterogeneous",
    Partition => "partition",
);

impl BatchKind {
    /// Batches of an epoch with `rows` rows of each task.
    pub(crate) fn steps(self, rows: &[u64], batch: usize) -> u64 {
        let batches = |rows: u64| rows.div_ceil(batch as u64);
        match self {
            BatchKind::Homogeneous => rows.iter().copied().map(batches).sum(),
            _ => batches(rows.iter().sum()),
        }
    }

    /// The epoch of each task's `rows`, in their order. `take_turns` is for homogeneous batches.
    pub(crate) fn epoch(
        self,
        rows: &[Vec<Row>],
        batch: usize,
        take_turns: bool,
        rng: &mut impl Rng,
    ) -> Epoch {
        let counts = || rows.iter().map(Vec::len);
        let mut streams: Vec<_> = rows.iter().map(|rows| rows.iter().copied()).collect();
        match self {
            BatchKind::Partition => Epoch::cut(rows.concat(), batch),
            BatchKind::Heterogeneous => {
                let tasks = shuffled(counts(), rng).into_iter();
                Epoch::cut(tasks.filter_map(|task| streams[task].next()).collect(), batch)
            }
            BatchKind::Homogeneous => {
                let batches = counts().map(|rows| rows.div_ceil(batch));
                let tasks = if take_turns { turns(batches) } else { shuffled(batches, rng) };
                Epoch::from_batches(
                    tasks.into_iter().map(|task| streams[task].by_ref().take(batch).collect()),
                )
            }
            BatchKind::ForcedHeterogeneous => {
                let counts: Vec<usize> = counts().collect();
                let shares = spread(&counts, batch).into_iter();
                Epoch::from_batches(shares.map(|share| {
                    let parts = streams.iter_mut().zip(share);
                    parts.flat_map(|(stream, rows)| stream.take(rows)).collect()
                }))
            }
        }
    }
}

/// Each task as often as its count says, in random order.
fn shuffled(counts: impl Iterator<Item = usize>, rng: &mut impl Rng) -> Vec<usize> {
    let mut tasks: Vec<usize> =
        counts.enumerate().flat_map(|(task, count)| std::iter::repeat_n(task, count)).collect();
    shuffle(&mut tasks, rng);
    tasks
}

/// Each task as often as its count says, in rounds that leave out those which are done.
fn turns(counts: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut turns: Vec<(usize, usize)> =
        counts.enumerate().flat_map(|(task, count)| (0..count).map(move |round| (round, task))).collect();
    turns.sort_unstable();
    turns.into_iter().map(|(_, task)| task).collect()
}
