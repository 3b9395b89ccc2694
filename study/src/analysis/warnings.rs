//! What a reader must know before believing the rest: runs that failed, and seeds that did not learn. What stands out in the data
//! is said by the survey.

use mtlift_report::ArmFindings;

use crate::plan::{Plan, PlannedRun};
use crate::store::Store;

/// The runs that ended with a failure and have not been made since.
pub(super) fn failed(plan: &Plan, store: &Store) -> Vec<String> {
    let unfinished = plan.runs().iter().filter(|run| !store.is_finished(&run.id));
    let line = |run: &PlannedRun| {
        let reason = store.failure(&run.id)?;
        Some(format!(
            "run {} ({}) failed and its seed is left out, so its arm may look better than it is: {reason}",
            run.id, run.label
        ))
    };
    unfinished.filter_map(line).collect()
}

/// The seeds that did not learn their task, a line for each target. Where they are many the line counts them; the page's tables
/// have them all.
pub(super) fn degenerate(arms: &[ArmFindings]) -> Vec<String> {
    const NAMED: usize = 6;
    let mut targets: Vec<&str> = arms.iter().map(|arm| arm.target.as_str()).collect();
    targets.dedup();
    let line = |target: &str| {
        let of_target = || arms.iter().filter(|arm| arm.target == target);
        let bad_seeds = |arm: &ArmFindings| -> Vec<String> {
            arm.scores.iter().filter(|score| score.degenerate).map(|score| score.seed.to_string()).collect()
        };
        let bad: Vec<(&str, Vec<String>)> = of_target()
            .map(|arm| (arm.label.as_str(), bad_seeds(arm)))
            .filter(|(_, seeds)| !seeds.is_empty())
            .collect();
        let count: usize = bad.iter().map(|(_, seeds)| seeds.len()).sum();
        let all: usize = of_target().map(|arm| arm.scores.len()).sum();
        let name = |(label, seeds): &(&str, Vec<String>)| format!("{label} (seed {})", seeds.join(", "));
        let what = match bad.len() {
            0 => return None,
            1..=NAMED => bad.iter().map(name).collect::<Vec<_>>().join(", "),
            arms => format!("{count} of {all} runs, of {arms} arms"),
        };
        Some(format!("{target}: the predictions are all of one class, or constant, in {what}"))
    };
    targets.into_iter().filter_map(line).collect()
}
