//! The settings that were chosen for an arm, for a program.

use serde::Serialize;

use crate::findings;

#[derive(Serialize)]
pub(super) struct Tuned<'a> {
    chosen: Option<&'a str>,
    seeds: usize,
    minutes: f64,
    tried: Vec<Tried<'a>>,
}

#[derive(Serialize)]
struct Tried<'a> {
    settings: &'a str,
    score: Option<f64>,
}

impl<'a> Tuned<'a> {
    pub(super) fn of(tuned: &'a findings::Tuned) -> Self {
        let tried = |tried: &'a findings::Tried| Tried { settings: &tried.settings, score: tried.score };
        Self {
            chosen: tuned.chosen.as_deref(),
            seeds: tuned.seeds,
            minutes: tuned.minutes,
            tried: tuned.tried.iter().map(tried).collect(),
        }
    }
}
