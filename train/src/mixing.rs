//! How several tasks are trained on at once. With one task nothing of it matters.

use mtlift_schedule::{Architecture, Combine, LabelTable, Mix, StepLoss, named};
use serde::{Deserialize, Serialize};

use crate::{Error, Identity};

/// Which tasks have a head of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeadSharing {
    /// Every task.
    #[default]
    PerTask,
    /// Tasks with the same number of logits share one, as in the code of Weller et al. (2022).
    ByLabelCount,
}

named!(HeadSharing, "head sharing", PerTask => "per-task", ByLabelCount => "by-label-count");

/// The sampler, the batches and the loss of a mixed phase.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mixing {
    /// Which rows form an epoch's batches.
    pub mix: Mix,
    /// How the rows of a step weigh.
    pub loss: StepLoss,
    /// A weight for each task's loss; empty for 1 each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<f64>,
    /// Which tasks have a head of their own.
    pub heads: HeadSharing,
    /// How the tasks' gradients become one.
    #[serde(default)]
    pub combine: Combine,
    /// How the tasks lie on the network, where not side by side on all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<Architecture>,
    /// What each task scores when it is trained on alone, in `[-1, 1]`, for the samplers that look at the gap.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub single_scores: Vec<f64>,
    /// What labels say of each other, for the architecture `match`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub label_tables: Vec<LabelTable>,
}

impl Identity for Mixing {
    const ALWAYS: &[&str] = &["mix", "loss", "weights", "heads", "single_scores"];
}

impl Mixing {
    /// A weight for each of `tasks` tasks.
    pub(crate) fn task_weights(&self, tasks: usize) -> Vec<f64> {
        if self.weights.is_empty() { vec![1.0; tasks] } else { self.weights.clone() }
    }

    /// Whether there is a weight, and a single-task score where the sampler needs one, for each of `tasks` tasks.
    ///
    /// # Errors
    /// Names what there is too little of or what is out of its range.
    pub fn check(&self, tasks: usize) -> Result<(), Error> {
        let setting = |ok: bool, name, values: &[f64], expected| {
            let value = || values.iter().map(f64::to_string).collect::<Vec<_>>().join(",");
            if ok { Ok(()) } else { Err(Error::Setting { name, value: value(), expected }) }
        };
        let weights = self.weights.is_empty() || self.weights.len() == tasks;
        let positive = self.weights.iter().all(|weight| weight.is_finite() && *weight > 0.0);
        setting(weights && positive, "task weights", &self.weights, "a number above 0 for each task")?;
        let scores = &self.single_scores;
        let enough = !self.mix.sampler.needs_scores() || tasks == 1 || scores.len() == tasks;
        let range = scores.iter().all(|score| (-1.0..=1.0).contains(score));
        setting(
            enough && range,
            "single-task scores",
            scores,
            "a score between -1 and 1 for each task, which this sampler needs",
        )
    }
}
