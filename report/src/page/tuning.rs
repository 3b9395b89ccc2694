//! The rows of a target's table of tried settings, as text.

use serde::Serialize;

use crate::findings::{ArmFindings, Tried};
use crate::format::{self, none};

/// A row: an arm.
#[derive(Serialize)]
pub(super) struct Tuning<'a> {
    name: &'a str,
    chosen: String,
    /// Settings, and their mean score on the held-out rows.
    tried: Vec<(&'a str, String)>,
    minutes: String,
}

impl<'a> Tuning<'a> {
    /// None of an arm whose settings are the study's.
    pub(super) fn of(arm: &'a ArmFindings) -> Option<Self> {
        let tuned = arm.tuned.as_ref()?;
        let tried = |tried: &'a Tried| (&*tried.settings, tried.score.map_or_else(none, format::score));
        Some(Self {
            name: &arm.label,
            chosen: tuned.chosen.clone().unwrap_or_else(none),
            tried: tuned.tried.iter().map(tried).collect(),
            minutes: format::amount(tuned.minutes),
        })
    }
}
