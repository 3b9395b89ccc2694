//! The rows of a target's table of what is compared with twins, as text: means over seeds.

use serde::Serialize;

use crate::findings::{ArmFindings, Compared};
use crate::format;

/// A row: an arm.
#[derive(Serialize)]
pub(super) struct Comparing<'a> {
    name: &'a str,
    /// Whether the rows have labels or not.
    which: &'static str,
    rows: String,
    twins: String,
}

impl<'a> Comparing<'a> {
    /// None of an arm that compares nothing.
    pub(super) fn of(arm: &'a ArmFindings) -> Option<Self> {
        let all = &arm.compared;
        let first = all.first()?;
        let mean = |of: &dyn Fn(&Compared) -> usize| format::mean_count(all.iter().map(of));
        let which = if first.of_gold { "those to train on: there are no others" } else { "without labels" };
        Some(Self { name: &arm.label, which, rows: mean(&|seed| seed.rows), twins: mean(&|seed| seed.twins) })
    }
}
