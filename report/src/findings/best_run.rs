//! The run to take home: where it is, and how its model is used.

use serde::{Deserialize, Serialize};

/// The run of a target's best arm whose model to use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BestRun {
    /// Its seed: of the arm's seeds the one that scored best on the rows that select.
    pub seed: u64,
    /// Its directory, from where the report was made.
    pub directory: String,
    /// The directory of its model; none where that was not kept.
    pub model: Option<String>,
    /// The command that predicts rows of the user's own with it, if there is the model.
    pub predict: Option<String>,
    /// What it is, in a sentence that says so where nothing is decided.
    pub note: String,
}
