//! How much training an epoch really is. Shares say little about it: the same sampler can show a task a
//! hundred times or a hundredth of it, and the comparison of strategies turns on that.

use serde::{Deserialize, Serialize};

use crate::{EpochPlan, Mixture};

/// What an epoch shows of its tasks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Realised {
    /// Batches.
    pub steps: u64,
    /// How often the epoch goes through each task's rows; 0.5 is half of them once.
    pub passes: Vec<f64>,
    /// The share of all tasks' rows taken together that the epoch shows at least once, if passes begin with
    /// it; in `(0, 1]`.
    pub seen: f64,
}

impl Mixture {
    /// What an epoch of this plan shows.
    pub fn realised(&self, plan: &EpochPlan) -> Realised {
        let tasks = || plan.rows.iter().zip(self.sizes()).map(|(&rows, &size)| (rows, size as u64));
        let seen: u64 = tasks().map(|(rows, size)| rows.min(size)).sum();
        let all: u64 = tasks().map(|(_, size)| size).sum();
        Realised {
            steps: plan.steps,
            passes: tasks().map(|(rows, size)| rows as f64 / size as f64).collect(),
            seen: seen as f64 / all as f64,
        }
    }
}
