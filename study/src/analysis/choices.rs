//! What a way to choose an arm scores over all targets: the paper's table 1. A way takes of each target's arms those among
//! which it does not choose further, as the size rule leaves the support open, and scores their average.

use std::collections::BTreeSet;

use mtlift_eval::size_rule;
use mtlift_report::{ArmFindings, Choice, TaskFacts, arm_of};
use mtlift_schedule::Arm;

use super::average::{deviation, mean};

/// A way to choose, without knowing more of a target than it says.
enum Way<'a> {
    /// The arm with this label: `single`, `mtl-all (size)`.
    Label(&'a str),
    /// `mtl`, `stilts` or `mtl-then-target`, whatever the support.
    Arm(Arm),
    /// With each support what the size rule says.
    SizeRule,
    /// The arm that is best on the rows that select.
    Selected,
    /// The arm that is best on the rows that score, which nobody knows before.
    Oracle,
}

/// Every way that takes its arms for each of `targets`, from the plainest to the one that knows the answers; over the seeds that
/// all arms have. Without such a seed there is none. Where the rows that select are those that score, nothing is selected
/// that a user could select.
pub(super) fn choices(
    targets: &[&TaskFacts],
    tasks: &[TaskFacts],
    arms: &[ArmFindings],
    selected_on_dev: bool,
) -> Vec<Choice> {
    let seeds = common_seeds(arms);
    if seeds.is_empty() {
        return Vec::new();
    }
    let mut labels: Vec<&str> = Vec::new();
    for arm in arms.iter().filter(|arm| arm.support.is_none()) {
        if !labels.contains(&&*arm.label) {
            labels.push(&arm.label);
        }
    }
    let ways = labels.into_iter().map(Way::Label).chain([
        Way::Arm(Arm::Mtl),
        Way::Arm(Arm::Stilts),
        Way::Arm(Arm::MtlThenTarget),
        Way::SizeRule,
        Way::Selected,
        Way::Oracle,
    ]);
    let ways = ways.filter(|way| !(selected_on_dev && matches!(way, Way::Selected)));
    let choice = |way: Way<'_>| {
        let taken: Vec<Vec<&ArmFindings>> =
            targets.iter().map(|target| way.takes(target, tasks, arms, &seeds)).collect();
        if taken.iter().any(Vec::is_empty) {
            return None;
        }
        let of_seed = |arms: &[&ArmFindings], seed| mean(arms.iter().filter_map(|arm| arm.score(seed)));
        let per_target = taken.iter().map(|arms| mean(seeds.iter().map(|&seed| of_seed(arms, seed))));
        let per_seed: Vec<f64> =
            seeds.iter().map(|&seed| mean(taken.iter().map(|arms| of_seed(arms, seed)))).collect();
        Some(Choice {
            way: way.name(),
            scores: targets.iter().map(|target| target.name.clone()).zip(per_target).collect(),
            mean: mean(per_seed.iter().copied()),
            deviation: deviation(&per_seed),
        })
    };
    ways.filter_map(choice).collect()
}

impl Way<'_> {
    fn name(&self) -> String {
        match self {
            Way::Label(label) => (*label).to_owned(),
            Way::Arm(arm) => format!("{arm}, average support"),
            Way::SizeRule => "size rule, average support".to_owned(),
            Way::Selected => "best on the selecting rows".to_owned(),
            Way::Oracle => "best on dev (oracle)".to_owned(),
        }
    }

    fn takes<'a>(
        &self,
        target: &TaskFacts,
        tasks: &[TaskFacts],
        arms: &'a [ArmFindings],
        seeds: &[u64],
    ) -> Vec<&'a ArmFindings> {
        let by_size = |arm: &ArmFindings| {
            let support = tasks.iter().find(|task| Some(&task.name) == arm.support.as_ref());
            support.is_some_and(|support| arm.arm == arm_of(size_rule(target.train_rows, support.train_rows)))
        };
        let of_target = || arms.iter().filter(|arm| arm.target == target.name);
        match self {
            Way::Label(label) => of_target().filter(|arm| arm.label == **label).collect(),
            Way::Arm(way) => of_target().filter(|arm| arm.arm == *way).collect(),
            Way::SizeRule => {
                let supports: BTreeSet<_> = of_target().filter_map(|arm| arm.support.as_ref()).collect();
                let taken: Vec<_> = of_target().filter(|arm| by_size(arm)).collect();
                // Without an arm for each support this would be the average over some of them.
                if taken.len() == supports.len() { taken } else { Vec::new() }
            }
            Way::Selected => best(of_target(), seeds, ArmFindings::selected),
            Way::Oracle => best(of_target(), seeds, ArmFindings::score),
        }
    }
}

/// The arm with the greatest mean; of equals the first.
fn best<'a>(
    arms: impl DoubleEndedIterator<Item = &'a ArmFindings>,
    seeds: &[u64],
    of: fn(&ArmFindings, u64) -> Option<f64>,
) -> Vec<&'a ArmFindings> {
    let value = |arm: &ArmFindings| mean(seeds.iter().filter_map(|&seed| of(arm, seed)));
    arms.rev().max_by(|a, b| value(a).total_cmp(&value(b))).into_iter().collect()
}

/// The seeds that every arm has.
fn common_seeds(arms: &[ArmFindings]) -> Vec<u64> {
    let Some(first) = arms.first() else { return Vec::new() };
    let all_have = |seed: &u64| arms.iter().all(|arm| arm.score(*seed).is_some());
    first.scores.iter().map(|score| score.seed).filter(all_have).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up;
    use mtlift_report::SeedScore;

    fn task(name: &str, train_rows: usize) -> TaskFacts {
        let (dev_rows, metric) = (100, "accuracy".to_owned());
        TaskFacts {
            name: name.to_owned(),
            train_rows,
            dev_rows,
            score_rows: 0,
            metric,
            higher_is_better: true,
        }
    }

    /// An arm with a score for each of seeds 1, 2, ...; what it selects by is its score upside down.
    fn arm(target: &str, arm: Arm, support: Option<&str>, scores: &[f64]) -> ArmFindings {
        let seed = |(seed, &score): (u64, &f64)| SeedScore {
            seed,
            score,
            selected: Some(1.0 - score),
            degenerate: false,
            run: String::new(),
        };
        ArmFindings { scores: (1..).zip(scores).map(seed).collect(), ..made_up::arm(target, arm, support) }
    }

    fn study() -> (Vec<TaskFacts>, Vec<ArmFindings>) {
        let tasks = vec![task("small", 10), task("large", 100)];
        let arms = vec![
            arm("small", Arm::Single, None, &[0.5, 0.7, 0.0]),
            arm("small", Arm::Mtl, Some("large"), &[0.8, 0.6]),
            arm("small", Arm::Stilts, Some("large"), &[0.4, 0.4]),
            arm("large", Arm::Single, None, &[0.9, 0.9]),
            arm("large", Arm::Mtl, Some("small"), &[0.1, 0.3]),
            arm("large", Arm::Stilts, Some("small"), &[0.6, 1.0]),
        ];
        (tasks, arms)
    }

    fn of(tasks: &[TaskFacts], arms: &[ArmFindings], selected_on_dev: bool) -> Vec<(String, f64, f64)> {
        let targets: Vec<&TaskFacts> = tasks.iter().collect();
        let found = choices(&targets, tasks, arms, selected_on_dev).into_iter();
        found.map(|choice| (choice.way, choice.mean, choice.deviation.unwrap_or(f64::NAN))).collect()
    }

    #[test]
    fn a_way_scores_its_arms_on_the_seeds_that_all_have() {
        let (tasks, arms) = study();
        // [way, seed 1 and 2 of small, of large]; the third seed of one arm does not count.
        let expected = [
            ("single", [0.5, 0.7], [0.9, 0.9]),
            ("mtl, average support", [0.8, 0.6], [0.1, 0.3]),
            ("stilts, average support", [0.4, 0.4], [0.6, 1.0]),
            ("size rule, average support", [0.8, 0.6], [0.6, 1.0]),
            ("best on the selecting rows", [0.4, 0.4], [0.1, 0.3]),
            ("best on dev (oracle)", [0.8, 0.6], [0.9, 0.9]),
        ];
        let found = of(&tasks, &arms, false);
        assert_eq!(found.len(), expected.len());
        for ((way, mean, deviation), (name, small, large)) in found.into_iter().zip(expected) {
            let seeds = [0, 1].map(|seed| f64::midpoint(small[seed], large[seed]));
            assert_eq!(way, name);
            assert!((mean - f64::midpoint(seeds[0], seeds[1])).abs() < 1e-12, "{way}: {mean}");
            let spread = (seeds[0] - seeds[1]).abs() / 2f64.sqrt();
            assert!((deviation - spread).abs() < 1e-12, "{way}: {deviation}");
        }
    }

    #[test]
    fn what_selects_on_dev_is_the_oracle_alone() {
        let (tasks, arms) = study();
        let ways: Vec<String> = of(&tasks, &arms, true).into_iter().map(|(way, ..)| way).collect();
        assert!(!ways.contains(&"best on the selecting rows".to_owned()), "{ways:?}");
        assert!(ways.contains(&"best on dev (oracle)".to_owned()), "{ways:?}");
    }

    #[test]
    fn a_way_that_lacks_an_arm_is_left_out() {
        let (tasks, mut arms) = study();
        arms.retain(|arm| arm.arm != Arm::Stilts);
        let ways: Vec<String> = of(&tasks, &arms, false).into_iter().map(|(way, ..)| way).collect();
        assert_eq!(
            ways,
            ["single", "mtl, average support", "best on the selecting rows", "best on dev (oracle)"],
            "the size rule asks for stilts where the support is smaller"
        );
        arms[0].scores.clear();
        assert_eq!(of(&tasks, &arms, false), [], "no seed is common to all");
    }
}
