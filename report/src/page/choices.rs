//! The page's table of ways to choose an arm.

use serde::Serialize;

use crate::findings;
use crate::format::{self, none};

/// What a way to choose scores.
#[derive(Serialize)]
pub(super) struct Choice<'a> {
    way: &'a str,
    scores: Vec<String>,
    mean: String,
    deviation: String,
}

impl Choice<'_> {
    pub(super) fn of(choice: &findings::Choice) -> Choice<'_> {
        Choice {
            way: &choice.way,
            scores: choice.scores.iter().map(|(_, score)| format::score(*score)).collect(),
            mean: format::score(choice.mean),
            deviation: choice.deviation.map_or_else(none, format::score),
        }
    }
}
