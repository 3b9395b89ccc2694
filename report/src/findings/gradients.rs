//! How the tasks of a mixed arm went together in training: what each counted, how far their gradients agreed, and whether an adversary told them
//! apart.

use serde::{Deserialize, Serialize};

use super::curve::CurvePoint;

/// Of an arm's finished seeds. Gradients are those over the encoder, before any rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Gradients {
    /// The tasks in the order of the run.
    pub tasks: Vec<TaskGradient>,
    /// Every two of them, where conflict was recorded.
    pub pairs: Vec<GradientPair>,
}

/// A task's part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskGradient {
    /// The task.
    pub task: String,
    /// What its gradient or its loss counted; none without a rule that says so.
    pub weight: Option<Along>,
    /// The norm of its gradient; none where conflict was not recorded.
    pub norm: Option<Along>,
    /// The share of its rows that an adversary told from other tasks' by what the tasks share; none without one.
    pub adversary_accuracy: Option<Along>,
}

/// Two tasks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GradientPair {
    /// The two.
    pub tasks: [String; 2],
    /// The cosine of their gradients.
    pub cosine: Along,
    /// The share of steps in which it was below 0.
    pub opposed: f64,
}

/// A number along training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Along {
    /// The mean over the steps of a seed, and over seeds.
    pub mean: f64,
    /// Means of equal parts of the mixed phase, over seeds.
    pub points: Vec<CurvePoint>,
}
