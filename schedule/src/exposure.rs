//! How much of each task an epoch shows. This is a setting of its own, beside the sampler, because the
//! published comparison lets the sampler decide it: a mixed epoch ends with its smallest allotment, and shows
//! less of the target than an epoch alone.

use serde::{Deserialize, Serialize};

use crate::named;

/// How many rows of each task an epoch of a mixture holds, given the tasks' probabilities `p` and sizes `n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exposure {
    /// As the code of Weller et al. 2022: `k_i · min_j ⌊n_j / k_j⌋` rows, with `k` the
    /// [`allotments`](crate::allotments) of a batch, from a fresh shuffle in each epoch. A task smaller than
    /// its allotment gives all its rows to one batch.
    Truncating,
    /// Every row of the target exactly once, and `n_target · p_i / p_target` rows of each support (rounded,
    /// at least 1), which stream on through their own passes from epoch to epoch.
    #[default]
    TargetFull,
    /// The shortest epoch in proportion to `p` that holds every row of every task: `p_i · max_j (n_j / p_j)`
    /// rows. Each epoch begins with a fresh pass over every task; streaming on would show some rows twice
    /// before others once.
    AllFull,
}

named!(Exposure, "exposure", Truncating => "truncating", TargetFull => "target-full", AllFull => "all-full");
