//! `result.json`: what a run came to. The same bits however often the run was interrupted.

use std::collections::BTreeMap;

use mtlift_eval::{GroupScores, Scores};
use mtlift_nn::Precision;
use serde::{Deserialize, Serialize};

use super::{ConsistencyRecord, MaskedScores, MergeRecord, SelfTrainingRecord};
use crate::{Threshold, ThresholdBy, precision};

/// `result.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunResult {
    /// The protocol's name.
    pub protocol: String,
    /// The seed.
    pub seed: u64,
    /// What the encoder's matrix products multiplied; not written where it is float32.
    #[serde(default, with = "precision", skip_serializing_if = "precision::is_float32")]
    pub precision: Precision,
    /// Optimisation steps.
    pub steps: u64,
    /// Real tokens trained on.
    pub tokens: u64,
    /// The first task.
    #[serde(flatten)]
    pub target: TaskResult,
    /// How its model was merged of others; none of a run that was trained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged: Option<MergeRecord>,
    /// How well the model guesses masked tokens of the rows that select, of a run that adapts one to a task's texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adapted: Option<MaskedScores>,
    /// Which rows it trained on that a model had labelled; none of a run on gold rows alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub self_training: Option<SelfTrainingRecord>,
    /// Which rows it compared with their twins; none of a run that did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consistency: Option<ConsistencyRecord>,
    /// The tasks trained on beside it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub supports: Vec<TaskResult>,
}

/// What became of one task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskResult {
    /// Its name.
    pub task: String,
    /// On dev, with the rows of `score_rows`: every metric of the task, and the headline, their mean. None where the task has no dev
    /// split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics: Option<Scores>,
    /// What each group of the same rows scores, of a task with groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<GroupScores>,
    /// The same on the task's other dev splits: MNLI's mismatched.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub other_metrics: BTreeMap<String, Scores>,
    /// The unused training rows that `metrics` are of, beside those of dev; none where none were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score_rows: Option<ScoreRows>,
    /// Its rows to train on.
    pub train_rows: usize,
    /// Those of them that weigh more because a first run has them wrong; none of a run without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upweighted: Option<usize>,
    /// How often one of them was trained on.
    pub seen: u64,
    /// The step whose model was scored and exported.
    pub selected_step: u64,
    /// Its headline on the rows that select, or what else it was selected by; none where nothing selects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selected_score: Option<f64>,
    /// The threshold that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<ThresholdResult>,
    /// blake3 of its parameters, those of all tasks.
    pub parameters: String,
}

/// Unused training rows that are scored together with dev, and what either comes to alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoreRows {
    /// How many there are.
    pub rows: usize,
    /// What dev alone scores.
    pub dev: Scores,
    /// What they alone score.
    pub unused: Scores,
}

/// A threshold that was chosen on held-out rows, and what it is worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThresholdResult {
    /// The threshold.
    #[serde(flatten)]
    pub threshold: Threshold,
    /// By what it was chosen.
    pub chosen_by: ThresholdBy,
    /// That, on the rows on which it was chosen.
    pub held_out: f64,
    /// The same at 0.5.
    pub held_out_at_half: f64,
    /// On dev, with the threshold; none for a task without a dev split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics: Option<Scores>,
}

impl RunResult {
    /// All tasks, the target first.
    pub fn tasks(&self) -> impl Iterator<Item = &TaskResult> {
        std::iter::once(&self.target).chain(&self.supports)
    }

    /// What became of a task, if the run trained on it.
    pub fn task(&self, name: &str) -> Option<&TaskResult> {
        self.tasks().find(|result| result.task == name)
    }
}
