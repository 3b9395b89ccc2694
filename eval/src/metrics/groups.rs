//! What groups of rows score: the accuracy of each, and the worst of them. A model may be right on average by what most rows have in
//! common, and wrong where it does not hold; the worst group shows it.
//!
//! The one decision: the worst group is looked for among those of at least [`LEAST_GROUP_ROWS`] rows, because the smallest of several
//! shares is else that of the smallest group. Which groups these are follows from the rows and from no prediction.

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The rows from which on a group can be the worst.
pub const LEAST_GROUP_ROWS: usize = 10;

/// Which group each of some rows is of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Groups {
    /// Ascending, none twice, each that of a row.
    names: Vec<String>,
    /// `[n]`, places in `names`.
    of_rows: Vec<usize>,
}

/// What a group scores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupScore {
    /// Its name.
    pub group: String,
    /// Its rows, at least 1.
    pub rows: usize,
    /// The part of them that is predicted right, in `[0, 1]`.
    pub accuracy: f64,
}

/// What every group of some rows scores, by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<GroupScore>", into = "Vec<GroupScore>")]
pub struct GroupScores(Vec<GroupScore>);

impl Groups {
    /// Of rows whose groups have these names. `[n]`
    pub fn of<S: AsRef<str>>(rows: &[S]) -> Groups {
        let mut names: Vec<String> = rows.iter().map(|name| name.as_ref().to_owned()).collect();
        names.sort_unstable();
        names.dedup();
        let place = |name: &S| names.partition_point(|other| other.as_str() < name.as_ref());
        let of_rows = rows.iter().map(place).collect();
        Groups { names, of_rows }
    }

    /// The groups that have a row, by name.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The group of each row, a place in [`Groups::names`]. `[n]`
    pub fn of_rows(&self) -> &[usize] {
        &self.of_rows
    }

    /// The name of each row's group. `[n]`
    pub fn names_of_rows(&self) -> impl Iterator<Item = &str> {
        self.of_rows.iter().map(|&group| self.names[group].as_str())
    }

    /// Whether each group has the rows to be the worst. `[groups]`
    pub fn can_be_worst(&self) -> Vec<bool> {
        self.rows().into_iter().map(|rows| rows >= LEAST_GROUP_ROWS).collect()
    }

    /// The groups of some of the rows, in this order.
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Groups {
        let names: Vec<&str> = rows.iter().map(|&row| self.names[self.of_rows[row]].as_str()).collect();
        Groups::of(&names)
    }

    /// The groups of these rows and then of those of another set.
    #[must_use]
    pub fn and(&self, other: &Groups) -> Groups {
        Groups::of(&self.names_of_rows().chain(other.names_of_rows()).collect::<Vec<_>>())
    }

    /// What each group scores where rows are predicted to be of these classes.
    ///
    /// # Shapes
    /// `predicted: [n]`, `reference: [n]`.
    ///
    /// # Errors
    /// [`Error::Lengths`] where there is not a prediction and a reference for each row, [`Error::Empty`] without rows.
    pub fn scores(&self, predicted: &[usize], reference: &[usize]) -> Result<GroupScores, Error> {
        for found in [predicted.len(), reference.len()] {
            if found != self.of_rows.len() {
                return Err(Error::Lengths { predicted: found, reference: self.of_rows.len() });
            }
        }
        if reference.is_empty() {
            return Err(Error::Empty);
        }
        let mut right = vec![0_usize; self.names.len()];
        for ((&group, predicted), reference) in self.of_rows.iter().zip(predicted).zip(reference) {
            right[group] += usize::from(predicted == reference);
        }
        let score = |((group, rows), right): ((&String, usize), usize)| GroupScore {
            group: group.clone(),
            rows,
            accuracy: right as f64 / rows as f64,
        };
        Ok(GroupScores(self.names.iter().zip(self.rows()).zip(right).map(score).collect()))
    }

    /// Rows of each group. `[groups]`
    fn rows(&self) -> Vec<usize> {
        let mut rows = vec![0; self.names.len()];
        self.of_rows.iter().for_each(|&group| rows[group] += 1);
        rows
    }
}

impl GroupScores {
    /// The groups by name; at least one.
    pub fn iter(&self) -> std::slice::Iter<'_, GroupScore> {
        self.0.iter()
    }

    /// The group of at least [`LEAST_GROUP_ROWS`] rows that scores least, of equal ones the first by name; none where no group has so
    /// many.
    pub fn worst(&self) -> Option<&GroupScore> {
        let enough = self.iter().filter(|group| group.rows >= LEAST_GROUP_ROWS);
        enough.min_by(|a, b| a.accuracy.total_cmp(&b.accuracy))
    }
}

impl From<GroupScores> for Vec<GroupScore> {
    fn from(scores: GroupScores) -> Self {
        scores.0
    }
}

/// Refuses what [`Groups::scores`] cannot have given.
impl TryFrom<Vec<GroupScore>> for GroupScores {
    type Error = String;

    fn try_from(scores: Vec<GroupScore>) -> Result<Self, String> {
        let ascends = scores.windows(2).all(|pair| pair[0].group < pair[1].group);
        let is_share = |score: &GroupScore| score.rows > 0 && (0.0..=1.0).contains(&score.accuracy);
        if !scores.is_empty() && ascends && scores.iter().all(is_share) {
            return Ok(Self(scores));
        }
        Err("expected groups by name, each once, with rows and an accuracy from 0 to 1".to_owned())
    }
}
