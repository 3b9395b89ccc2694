//! An arm of a study as it was measured: its scores, its gain, what it cost, how it learnt.

use mtlift_schedule::{Arm, ArmSpec, Sampler};
use serde::{Deserialize, Serialize};

use super::compared::Compared;
use super::comparison::{Against, Estimate, is_false};
use super::curve::CurvePoint;
use super::gold_probability::GoldProbability;
use super::gradients::Gradients;
use super::groups::GroupFindings;
use super::self_trained::SelfTrained;
use super::spending::Dropped;
use super::tuned::Tuned;

/// One arm for one target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArmFindings {
    /// The task whose score this is.
    pub target: String,
    /// What a person calls the arm beside its target, from [`arm_label`](crate::arm_label): `stilts from MNLI`.
    pub label: String,
    /// Which way to train it is.
    pub arm: ArmSpec,
    /// The supporting task, where the arm has one.
    pub support: Option<String>,
    /// The sampler of a mixed arm.
    pub sampler: Option<Sampler>,
    /// The seeds that are finished.
    pub scores: Vec<SeedScore>,
    /// The mean over seeds; none without a finished seed.
    pub mean: Option<Estimate>,
    /// The standard deviation over seeds (ddof 1); none below two seeds.
    pub deviation: Option<f64>,
    /// The gain over `single`; none for single itself and where nothing can be compared.
    pub gain: Option<Against>,
    /// The gain over `single:steps`, at equal compute; none where the study does not have that arm, for it and for single.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over_single_steps: Option<Against>,
    /// The probability that this arm is the target's best; none with one seed. In reports of before it was the share of bootstrap
    /// replicates.
    pub best: Option<f64>,
    /// What to expect of it, as one of several arms; none with one seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shrunken: Option<Shrunken>,
    /// A second outcome, which decides nothing; none of a regression, of runs that kept no logits, and in reports of before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gold_probability: Option<GoldProbability>,
    /// What groups of rows score; none of a task without groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<GroupFindings>,
    /// How its tasks went together in training; none of an arm that mixes none, and where nothing of it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gradients: Option<Gradients>,
    /// When and why it was given up, if it was: what stands above is what was known then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dropped: Option<Dropped>,
    /// With which settings it is trained, and what was tried, of a study that tunes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuned: Option<Tuned>,
    /// What became of the rows that its model has labelled, for each finished seed; of other arms nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub self_trained: Vec<SelfTrained>,
    /// The rows that it compares with their twins, for each finished seed; of other arms nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compared: Vec<Compared>,
    /// What a seed of it costs on average, shared phases counted in full.
    pub cost: Option<Cost>,
    /// The model of the arm's best seed ([`ArmFindings::best_seed`]): its directory, from where the report was made; none where
    /// that was not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// How often a row of each task was trained on in the arm's mixed phase, or else its last, per epoch: task and passes.
    pub passes: Vec<(String, f64)>,
    /// Whether it was still getting better when its training ended: see `docs/methods.md`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub improving: bool,
    /// The score on the selecting rows as training goes, over the finished seeds.
    pub curve: Vec<CurvePoint>,
}

impl ArmFindings {
    /// The gain over single to expect; none for single itself, whose gain is 0.
    pub(crate) fn expected_gain(&self) -> Option<Estimate> {
        self.shrunken.filter(|_| self.arm != Arm::Single).map(|shrunken| shrunken.gain)
    }

    /// The score of a seed, if it is finished.
    pub fn score(&self, seed: u64) -> Option<f64> {
        self.scores.iter().find(|score| score.seed == seed).map(|score| score.score)
    }

    /// The seed whose model to use: the best on the rows that select (`sign` is −1 where less is better), of equal ones the
    /// first. None without a finished seed.
    pub fn best_seed(&self, sign: f64) -> Option<&SeedScore> {
        let worth = |seed: &&SeedScore| seed.selected.map_or(f64::NEG_INFINITY, |score| sign * score);
        self.scores.iter().rev().max_by(|a, b| worth(a).total_cmp(&worth(b)))
    }

    /// The score of a seed on the rows that select, if there are such.
    pub fn selected(&self, seed: u64) -> Option<f64> {
        self.scores.iter().find(|score| score.seed == seed)?.selected
    }
}

/// What to expect of an arm: its gain is drawn towards those of the others, as far as they are alike, because the best of several
/// means is partly luck.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shrunken {
    /// The gain over `single`; 0 for single itself.
    pub gain: Estimate,
    /// How far it is expected to stay behind the best arm, whichever that is; 0 or more.
    pub loss: f64,
    /// The chance that it is worse than `single` by a point, or by a hundredth of single's error.
    pub worse: f64,
}

/// The score of one seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeedScore {
    /// The seed.
    pub seed: u64,
    /// The headline on dev.
    pub score: f64,
    /// The best headline on the rows that select.
    pub selected: Option<f64>,
    /// Whether the predictions are degenerate (one class, a constant): this seed did not learn the task.
    pub degenerate: bool,
    /// The run whose score this is: its directory below the study's `runs/`.
    pub run: String,
}

/// What one seed of an arm costs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Minutes of a process, evaluations and all.
    pub minutes: f64,
    /// Real tokens trained on.
    pub tokens: f64,
    /// Optimisation steps.
    pub steps: f64,
}
