//! A task of a study: its sizes, and which way its score is up.

use serde::{Deserialize, Serialize};

/// A task of the study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskFacts {
    /// Its name.
    pub name: String,
    /// Rows trained on (after `--max-train`, held-out part included).
    pub train_rows: usize,
    /// Dev rows, of which the score is; 0 for a support without a dev split.
    pub dev_rows: usize,
    /// Unused training rows that the score is of as well.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub score_rows: usize,
    /// What the score is: `accuracy`, or `mean of accuracy, f1`.
    pub metric: String,
    /// Whether a larger score is a better one.
    #[serde(default = "yes")]
    pub higher_is_better: bool,
}

fn yes() -> bool {
    true
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl TaskFacts {
    /// 1, or −1 where a smaller score is a better one.
    pub fn sign(&self) -> f64 {
        if self.higher_is_better { 1.0 } else { -1.0 }
    }
}
