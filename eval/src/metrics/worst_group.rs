//! The worst group's accuracy as a headline of its own, on any multiset of the rows: two counts for each group are all that it needs.
//! It is a minimum, which is not smooth where two groups score alike: there the bootstrap, which draws the rows anew, shows more of
//! what is not known than the jackknife, which leaves out one.

use super::groups::Groups;

/// Rows with their groups, and whether each is predicted right.
#[derive(Clone, Debug)]
pub(crate) struct WorstGroup {
    /// `[n]`
    right: Vec<bool>,
    /// `[n]`
    reference: Vec<usize>,
    /// `[n]`
    groups: Vec<usize>,
    /// Whether a group has the rows to be the worst. `[groups]`
    counts: Vec<bool>,
}

/// How many rows of each group occur, and how many of these are right.
#[derive(Clone, Debug)]
pub(crate) struct Tally(Vec<(u64, u64)>);

impl WorstGroup {
    /// Of rows with a prediction and a reference each.
    pub(crate) fn new(predicted: &[usize], reference: &[usize], groups: &Groups) -> WorstGroup {
        WorstGroup {
            right: predicted
                .iter()
                .zip(reference)
                .map(|(predicted, reference)| predicted == reference)
                .collect(),
            reference: reference.to_vec(),
            groups: groups.of_rows().to_vec(),
            counts: groups.can_be_worst(),
        }
    }

    /// Some of the rows, in this order. Which groups can be the worst stays.
    pub(crate) fn select(&self, rows: &[usize]) -> WorstGroup {
        let places = |all: &[usize]| rows.iter().map(|&row| all[row]).collect();
        WorstGroup {
            right: rows.iter().map(|&row| self.right[row]).collect(),
            reference: places(&self.reference),
            groups: places(&self.groups),
            counts: self.counts.clone(),
        }
    }

    pub(crate) fn rows(&self) -> usize {
        self.right.len()
    }

    /// Whether both have the same references and groups.
    pub(crate) fn is_comparable(&self, other: &WorstGroup) -> bool {
        (&self.reference, &self.groups, &self.counts) == (&other.reference, &other.groups, &other.counts)
    }

    /// Each row as often as its count says.
    pub(crate) fn tally(&self, count: impl Fn(usize) -> u32) -> Tally {
        let mut tally = vec![(0, 0); self.counts.len()];
        for (row, (&group, &right)) in self.groups.iter().zip(&self.right).enumerate() {
            let occurrences = u64::from(count(row));
            tally[group].0 += occurrences;
            tally[group].1 += occurrences * u64::from(right);
        }
        Tally(tally)
    }

    /// The smallest accuracy of those groups that can be the worst and of which a row occurs; of all rows together where none occurs.
    pub(crate) fn headline(&self, Tally(tally): &Tally) -> f64 {
        let share = |&(rows, right): &(u64, u64)| (rows > 0).then(|| right as f64 / rows as f64);
        let counted = tally.iter().zip(&self.counts).filter(|(_, counts)| **counts);
        counted.filter_map(|(group, _)| share(group)).min_by(f64::total_cmp).unwrap_or_else(|| {
            let all = tally.iter().fold((0, 0), |all, group| (all.0 + group.0, all.1 + group.1));
            share(&all).unwrap_or(0.0)
        })
    }

    /// The headline without each of at least two rows. `[n]`
    pub(crate) fn headlines_without_each(&self) -> Vec<f64> {
        let mut tally = self.tally(|_| 1);
        let mut without = Vec::with_capacity(self.rows());
        for (&group, &right) in self.groups.iter().zip(&self.right) {
            let all = tally.0[group];
            tally.0[group] = (all.0 - 1, all.1 - u64::from(right));
            without.push(self.headline(&tally));
            tally.0[group] = all;
        }
        without
    }
}
