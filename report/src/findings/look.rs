//! A look at a comparison that grows by seeds, and what is to come next. Who looks often decides often: so the looks are
//! planned before the first run, and each of them is stricter than a test of one look.

use serde::{Deserialize, Serialize};

/// What was seen of a comparison at a number of seeds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// The first so many seeds.
    pub seeds: usize,
    /// Whether the study planned to look there.
    pub planned: bool,
    /// The difference then.
    pub difference: f64,
    /// Two-sided p of this look alone.
    pub p_value: f64,
    /// What it has to be below for a decision.
    pub level: f64,
    /// Whether it is, on its own: then the difference stays decided, whatever later looks say.
    pub decides: bool,
}

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
