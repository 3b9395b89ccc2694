//! Epochs in which every group of a task's rows comes equally often. An epoch is a function of its number: what earlier ones have drawn
//! follows from how many they were.

use rand::Rng;

use crate::passes::in_passes;

/// A task's rows by their groups.
#[derive(Clone, Debug, PartialEq)]
pub struct BalancedRows {
    /// The rows of each group that has some, ascending.
    groups: Vec<Vec<u32>>,
    /// Of all groups together.
    rows: u64,
}

impl BalancedRows {
    /// Of rows that are of these groups, numbered in any way.
    pub fn of(groups: &[usize]) -> BalancedRows {
        let count = groups.iter().max().map_or(0, |most| most + 1);
        let mut rows = vec![Vec::new(); count];
        for (row, &group) in (0..).zip(groups) {
            rows[group].push(row);
        }
        rows.retain(|rows: &Vec<u32>| !rows.is_empty());
        BalancedRows { groups: rows, rows: groups.len() as u64 }
    }

    /// The rows of epoch `epoch`, group after group: as many as there are rows in all, and as many of one group as of another, of the
    /// first ones one more where they do not divide. A group's rows are shuffled, pass after pass, and an epoch goes on where the one before
    /// ended. `stream` gives the generator of a group's pass, both from 0.
    pub fn epoch<R: Rng>(&self, epoch: u64, mut stream: impl FnMut(u64, u64) -> R) -> Vec<u32> {
        let count = self.groups.len() as u64;
        let mut all = Vec::with_capacity(self.rows as usize);
        for (group, rows) in (0..).zip(&self.groups) {
            let share = self.rows / count + u64::from(group < self.rows % count);
            let places =
                in_passes(rows.len(), epoch * share..(epoch + 1) * share, |pass| stream(group, pass));
            all.extend(places.into_iter().map(|place| rows[place as usize]));
        }
        all
    }
}
