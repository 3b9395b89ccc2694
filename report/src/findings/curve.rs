//! A point of what is drawn over training: a score, a weight, a norm.

use serde::{Deserialize, Serialize};

/// A point of a learning curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Epochs of the arm's last phase.
    pub epoch: f64,
    /// The mean over seeds.
    pub mean: f64,
    /// The least over seeds.
    pub low: f64,
    /// The greatest over seeds.
    pub high: f64,
}
