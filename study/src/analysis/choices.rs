//! What a way to choose an arm scores over all targets: the paper's table 1. A way takes of each target's arms those among
//! which it does not choose further, as the size rule leaves the support open, and scores their average.

use mtlift_eval::{Strategy, size_rule};

use super::arms::{deviation, mean};
use crate::{ArmFindings, Choice, TaskFacts};

/// A way to choose, without knowing more of a target than it says.
enum Way<'a> {
    /// The arm with this label: `single`, `mtl-all (size)`.
    Label(&'a str),
    /// `mtl` or `stilts`, whatever the support.
    Arm(&'static str),
    /// With each support what the size rule says.
    SizeRule,
    /// The arm that is best on the rows that select.
    Selected,
    /// The arm that is best on the rows that score, which nobody knows before.
    Oracle,
}

/// Every way that takes an arm for each target, from the plainest to the one that knows the answers; over the seeds that all
/// arms have. Without such a seed there is none.
pub(super) fn choices(tasks: &[TaskFacts], arms: &[ArmFindings]) -> Vec<Choice> {
    let has_arms = |task: &&TaskFacts| arms.iter().any(|arm| arm.target == task.name);
    let targets: Vec<&TaskFacts> = tasks.iter().filter(has_arms).collect();
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
        Way::Arm("mtl"),
        Way::Arm("stilts"),
        Way::SizeRule,
        Way::Selected,
        Way::Oracle,
    ]);
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
            support.is_some_and(|support| match size_rule(target.train_rows, support.train_rows) {
                Strategy::Mtl => arm.arm == "mtl",
                Strategy::Stilts => arm.arm == "stilts",
            })
        };
        let of_target = || arms.iter().filter(|arm| arm.target == target.name);
        match self {
            Way::Label(label) => of_target().filter(|arm| arm.label == **label).collect(),
            Way::Arm(name) => of_target().filter(|arm| arm.arm == *name).collect(),
            Way::SizeRule => of_target().filter(|arm| by_size(arm)).collect(),
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
