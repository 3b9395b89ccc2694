//! What an undecided comparison waits for. A look that was taken is [`mtlift_eval::Look`].

use serde::{Deserialize, Serialize};

/// The look that an undecided target waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextLook {
    /// At how many seeds.
    pub seeds: usize,
    /// What it is, in a sentence.
    pub note: String,
    /// The command that makes the runs for it; none where the study's own command is not known.
    pub command: Option<String>,
}
