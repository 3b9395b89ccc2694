//! What groups of rows score: a mean over all rows hides the group on which an arm fails.

use serde::{Deserialize, Serialize};

use super::comparison::Against;

/// What the groups of the rows that score come to under one arm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupFindings {
    /// The task's own score, of all rows, over seeds.
    pub average: f64,
    /// The standard deviation over seeds (ddof 1); none below two seeds.
    pub average_deviation: Option<f64>,
    /// The accuracy of each seed's worst group, over seeds, in `[0, 1]`; none where no group has rows enough to be the worst.
    pub worst: Option<f64>,
    /// The standard deviation over seeds (ddof 1); none below two seeds.
    pub worst_deviation: Option<f64>,
    /// Minus that of `single`, at the planned looks, corrected among the arms of the target as gains of the score are, and apart from
    /// them; none for single itself.
    pub gain: Option<Against>,
    /// The groups by name.
    pub groups: Vec<GroupRow>,
}

/// A group of the rows that score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupRow {
    /// Its name.
    pub group: String,
    /// Its rows.
    pub rows: usize,
    /// The part of them that is predicted right, over seeds, in `[0, 1]`.
    pub accuracy: f64,
    /// Of the seeds in how many it is the worst.
    pub worst_in: usize,
}

impl GroupFindings {
    /// The group that is the worst under most seeds, of equal ones the first by name; none where none is.
    pub fn worst_group(&self) -> Option<&GroupRow> {
        let worst = self.groups.iter().filter(|group| group.worst_in > 0);
        worst.rev().max_by_key(|group| group.worst_in)
    }
}
