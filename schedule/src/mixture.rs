//! Epochs over several tasks at chosen shares. An epoch is a function of the settings, its number, the rows
//! drawn before it and named streams; the count of rows is the one thing that the caller carries along.

use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::allotment::{check_room, filled, uniform};
use crate::passes::in_passes;
use crate::{BatchKind, Epoch, Error, Exposure, Row, Sampler};

/// How tasks are mixed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mix {
    /// Each task's share.
    pub sampler: Sampler,
    /// How batches are put together.
    pub batches: BatchKind,
    /// How much of each task an epoch shows.
    #[serde(default)]
    pub exposure: Exposure,
}

/// Every row of every task once, shuffled together.
impl Default for Mix {
    fn default() -> Self {
        let (batches, exposure) = (BatchKind::Heterogeneous, Exposure::TargetFull);
        Mix { sampler: Sampler::Size, batches, exposure }
    }
}

/// A mix of tasks whose sizes are known.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture {
    mix: Mix,
    sizes: Vec<usize>,
    target: usize,
    batch: usize,
    epochs: u64,
}

/// What an epoch holds, before any row is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct EpochPlan {
    /// The tasks' shares by the sampler; sum 1.
    pub probabilities: Vec<f64>,
    /// Rows of each task, at least 1.
    pub rows: Vec<u64>,
    /// Batches, at least 1.
    pub steps: u64,
    /// The reference's rows of each task in a batch; truncating exposure alone has them.
    pub per_batch: Option<Vec<usize>>,
}

/// What a generator is for. Each name is asked for once in an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StreamName {
    /// The order of a task's rows in one pass over them.
    Rows {
        /// The task, from 0.
        task: usize,
        /// The epoch in which passes are counted from 0; 0 where they run on from epoch to epoch.
        epoch: u64,
        /// The pass, from 0.
        pass: u64,
    },
    /// Which task comes when.
    Interleaving {
        /// The epoch, from 0.
        epoch: u64,
    },
}

impl Mixture {
    /// `epochs` epochs over tasks of `sizes` rows in batches of at most `batch` rows; `target` is the task
    /// that target-full exposure shows whole.
    ///
    /// # Errors
    /// There is at least one task, each has at least 1 row and at most `u32::MAX`, `batch` and `epochs` are at
    /// least 1, `target` is one of the tasks, and with truncating exposure a batch has room for each task. As
    /// [`Sampler::check`].
    pub fn check(
        mix: Mix,
        sizes: &[usize],
        target: usize,
        batch: usize,
        epochs: u64,
    ) -> Result<Mixture, Error> {
        check_sizes(sizes, batch)?;
        mix.sampler.check()?;
        if target >= sizes.len() {
            return Err(Error::Target { target, tasks: sizes.len() });
        }
        if epochs == 0 {
            return Err(Error::NoEpochs);
        }
        if mix.exposure == Exposure::Truncating {
            check_room(sizes.len(), batch)?;
        }
        Ok(Mixture { mix, sizes: sizes.to_vec(), target, batch, epochs })
    }

    /// The same mix over as many more epochs as it takes to come to `steps` steps, each as long as the first.
    pub fn at_least(self, steps: u64) -> Mixture {
        Mixture { epochs: self.epochs.max(steps.div_ceil(self.first_steps())), ..self }
    }

    /// The epochs, at least 1.
    pub fn epochs(&self) -> u64 {
        self.epochs
    }

    /// What epoch `epoch` holds; `gaps` as for [`Sampler::probabilities`].
    ///
    /// # Panics
    /// As [`Sampler::probabilities`].
    #[track_caller]
    pub fn plan(&self, epoch: u64, gaps: Option<&[f64]>) -> EpochPlan {
        let probabilities = self.mix.sampler.probabilities(&self.sizes, epoch, self.epochs, gaps);
        let sized = || probabilities.iter().zip(&self.sizes);
        let scaled = |scale: f64| probabilities.iter().map(|p| ((p * scale).round() as u64).max(1)).collect();
        let (rows, per_batch): (Vec<u64>, _) = match self.mix.exposure {
            Exposure::Truncating => {
                let per_batch = self.per_batch(&probabilities);
                let steps = per_batch.iter().zip(&self.sizes).map(|(rows, size)| size / rows).min();
                let rows = per_batch.iter().map(|&rows| (rows * steps.unwrap_or_default()) as u64).collect();
                (rows, Some(per_batch))
            }
            Exposure::TargetFull => {
                (scaled(self.sizes[self.target] as f64 / probabilities[self.target]), None)
            }
            Exposure::AllFull => {
                (scaled(sized().map(|(p, &size)| size as f64 / p).fold(0.0, f64::max)), None)
            }
        };
        let steps = self.mix.batches.steps(&rows, self.batch);
        EpochPlan { probabilities, rows, steps, per_batch }
    }

    /// What all epochs hold, in their order: each plan with the number of epochs in a row that have it. With a sampler that
    /// looks at scores `gaps` are those of every epoch after the first.
    ///
    /// # Panics
    /// As [`Sampler::probabilities`].
    pub fn plans<'a>(&'a self, gaps: Option<&'a [f64]>) -> impl Iterator<Item = (EpochPlan, u64)> + 'a {
        let changes = match self.mix.sampler {
            Sampler::Annealed => self.epochs,
            sampler if sampler.needs_scores() => self.epochs.min(2),
            _ => 1,
        };
        (0..changes).map(move |epoch| {
            let times = if epoch + 1 == changes { self.epochs - epoch } else { 1 };
            (self.plan(epoch, gaps), times)
        })
    }

    /// The steps of epoch 0. The reference takes `epochs` times these for the length of its learning-rate
    /// schedule, whatever later epochs turn out to have.
    pub fn first_steps(&self) -> u64 {
        self.plan(0, None).steps
    }

    /// Draws epoch `epoch`, which is as [`Mixture::plan`] says. `consumed` are the rows of each task in all
    /// earlier epochs, the sum of their plans; target-full exposure goes on from there: place `g` of a task
    /// of `n` rows is number `g mod n` of its pass `⌊g / n⌋`. `stream` gives the generator of a name, from
    /// its start, so a run that names its generators can begin with any epoch.
    ///
    /// A pass over a task is its rows, shuffled; heterogeneous batches shuffle each task as often as it has
    /// rows in the epoch, task after task, and take the next row of the task that comes. The shuffle is part of
    /// the contract and pinned by a test: Durstenfeld's form of the Fisher-Yates shuffle (Knuth, TAOCP 2,
    /// algorithm P), from the last place down, each index drawn by [Lemire's
    /// method](https://arxiv.org/abs/1805.10941) (2019, algorithm 5) from 64-bit words. It takes nothing from
    /// a generator but `next_u64`, because `rand`'s own shuffles may change with its version.
    ///
    /// # Panics
    /// As [`Mixture::plan`]; if `consumed` is not a number for each task.
    #[track_caller]
    pub fn epoch<R: Rng>(
        &self,
        epoch: u64,
        consumed: &[u64],
        gaps: Option<&[f64]>,
        mut stream: impl FnMut(StreamName) -> R,
    ) -> Epoch {
        assert_eq!(consumed.len(), self.sizes.len(), "rows consumed of each task");
        let plan = self.plan(epoch, gaps);
        let rows: Vec<Vec<Row>> = (0..self.sizes.len())
            .map(|task| {
                let (epoch, start) = match self.mix.exposure {
                    Exposure::TargetFull => (0, consumed[task]),
                    Exposure::Truncating | Exposure::AllFull => (epoch, 0),
                };
                let pass = |pass| stream(StreamName::Rows { task, epoch, pass });
                let rows = in_passes(self.sizes[task], start..start + plan.rows[task], pass);
                rows.into_iter().map(|row| Row { task: task as u32, row }).collect()
            })
            .collect();
        let take_turns = self.mix.sampler == Sampler::RoundRobin;
        self.mix.batches.epoch(&rows, self.batch, take_turns, &mut stream(StreamName::Interleaving { epoch }))
    }

    pub(crate) fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// The reference's rows of each task in a batch, and no more than the task has.
    fn per_batch(&self, probabilities: &[f64]) -> Vec<usize> {
        let allotments = match self.mix.sampler {
            Sampler::Uniform | Sampler::RoundRobin => uniform(self.sizes.len(), self.batch),
            _ => filled(probabilities, self.batch),
        };
        allotments.into_iter().zip(&self.sizes).map(|(rows, &size)| rows.min(size)).collect()
    }
}

/// That batches can be made of tasks of these sizes, whose rows a [`Row`] can name.
fn check_sizes(sizes: &[usize], batch: usize) -> Result<(), Error> {
    if batch == 0 {
        return Err(Error::BatchSize);
    }
    if sizes.is_empty() {
        return Err(Error::NoTasks);
    }
    let too_many = |what: String, found| Error::TooMany { what, found };
    u32::try_from(sizes.len()).map_err(|_| too_many("tasks".to_owned(), sizes.len()))?;
    sizes.iter().enumerate().try_for_each(|(task, &size)| match u32::try_from(size) {
        Ok(0) => Err(Error::NoRows { task }),
        Ok(_) => Ok(()),
        Err(_) => Err(too_many(format!("rows in task {task}"), size)),
    })
}
