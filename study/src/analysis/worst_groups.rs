//! Groups of the rows that score: each arm's average beside its worst group, and that group's gain over single's. Under another seed or
//! arm another group may be the worst; what is compared is the accuracy of whichever it is.

use mtlift_eval::{GroupScores, Judged};
use mtlift_report::{Against, GroupFindings, GroupRow};
use mtlift_schedule::Arm;

use super::against::at_looks;
use super::arms::Read;
use super::average::{deviation, mean};
use super::context::Context;
use crate::error::Error;

impl Context<'_> {
    /// Sets what the groups of every arm's rows score; none of a task without groups.
    pub(super) fn groups(&self, arms: &mut [Read<'_>]) -> Result<(), Error> {
        let gains =
            self.over(Arm::Single, arms, |arm, single, family| self.worst_gain(arm, single, family))?;
        for (arm, gain) in arms.iter_mut().zip(gains) {
            let worst: Vec<f64> = arm.worst.values().map(Judged::headline).collect();
            arm.findings.groups = (!arm.groups.is_empty()).then(|| GroupFindings {
                average: mean(arm.averages.iter().copied()),
                average_deviation: deviation(&arm.averages),
                worst: (!worst.is_empty()).then(|| mean(worst.iter().copied())),
                worst_deviation: deviation(&worst),
                gain,
                groups: rows(&arm.groups),
            });
        }
        Ok(())
    }

    /// An arm's worst group minus single's, on the seeds that both have.
    fn worst_gain(&self, arm: &Read<'_>, single: &Read<'_>, family: usize) -> Result<Option<Against>, Error> {
        let both = arm
            .worst
            .iter()
            .filter_map(|(seed, judged)| Some((judged.clone(), single.worst.get(seed)?.clone())));
        let (arm, single): (Vec<Judged>, Vec<Judged>) = both.unzip();
        if arm.is_empty() {
            return Ok(None);
        }
        at_looks(&arm, &single, &self.spec.looks, family).map(Some)
    }
}

/// Each group over seeds, which all have the same rows.
fn rows(seeds: &[GroupScores]) -> Vec<GroupRow> {
    let of = |(place, first): (usize, &mtlift_eval::GroupScore)| GroupRow {
        group: first.group.clone(),
        rows: first.rows,
        accuracy: mean(seeds.iter().filter_map(|seed| seed.iter().nth(place)).map(|score| score.accuracy)),
        worst_in: seeds
            .iter()
            .filter(|seed| seed.worst().is_some_and(|worst| worst.group == first.group))
            .count(),
    };
    seeds.first().map_or(Vec::new(), |first| first.iter().enumerate().map(of).collect())
}

#[cfg(test)]
mod tests {
    use super::rows;
    use mtlift_eval::Groups;

    /// By hand: ten rows of each of two groups, and two seeds that fail on another each.
    #[test]
    fn groups_are_averaged_over_seeds() {
        let names = [["a"; 10], ["b"; 10]].concat();
        let groups = Groups::of(&names);
        let seed = |of_a: usize, of_b: usize| {
            let right = |row: usize| usize::from(row % 10 < if row < 10 { of_a } else { of_b });
            groups.scores(&(0..20).map(right).collect::<Vec<_>>(), &[1; 20]).expect("20 rows")
        };
        let found = rows(&[seed(9, 4), seed(5, 8), seed(7, 6)]);
        let found: Vec<(&str, usize, i64, usize)> = found
            .iter()
            .map(|row| (row.group.as_str(), row.rows, (1000.0 * row.accuracy).round() as i64, row.worst_in))
            .collect();
        assert_eq!(found, [("a", 10, 700, 1), ("b", 10, 600, 2)]);
        assert!(rows(&[]).is_empty());
    }
}
