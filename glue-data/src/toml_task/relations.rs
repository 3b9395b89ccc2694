//! The keys that say what another task's labels say of this one's: `[relations.MNLI]`, a row of probabilities for each label of the other.

use std::collections::BTreeMap;

use super::Reader;
use crate::error::Error;
use crate::task::Relations;

/// How far a row's sum may be from 1.
const TOLERANCE: f64 = 1e-6;

impl Reader<'_> {
    /// Whether every row is a distribution over this task's labels. The labels of the other task are not known here.
    pub(super) fn relations(
        &self,
        relations: Relations,
        task: &str,
        labels: &[String],
    ) -> Result<Relations, Error> {
        for (other, table) in &relations {
            if other == task {
                return Err(self.fault(format!("`relations` has {task} itself, expected another task")));
            }
            for (given, row) in table {
                let at = |reason: &str| self.fault(format!("`relations.{other}`, label `{given}`: {reason}"));
                if let Some(unknown) = row.keys().find(|label| !labels.contains(label)) {
                    return Err(at(&format!("`{unknown}` is no label of {task}")));
                }
                let sum: f64 = row.values().sum();
                let is_distribution = row.values().all(|p| *p >= 0.0) && (sum - 1.0).abs() < TOLERANCE;
                if !is_distribution {
                    let found: BTreeMap<_, _> = row.iter().collect();
                    return Err(at(&format!("expected probabilities that sum to 1, found {found:?}")));
                }
            }
        }
        Ok(relations)
    }
}
