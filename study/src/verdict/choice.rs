//! Which arm to use, decided or not: nobody can wait for a study that stays undecided.
//!
//! A decided arm is used. Where nothing is decided the arm with the least expected loss is, unless staying with `single` is
//! expected to lose less than half a point more: that is not worth a support's training and data.

use mtlift_report::{ArmFindings, Recommended, Shrunken, TaskFacts};
use mtlift_schedule::Arm;

/// What staying with `single` may lose more, in points of a score or hundredths of single's error.
pub(crate) const WORTH_IT: f64 = 0.005;

/// The arm to use and, where nothing is `decided`, the line that says so. `best` has the best mean. None without `single` or
/// an arm to compare it with.
pub(super) fn choose(
    task: &TaskFacts,
    arms: &[&ArmFindings],
    best: &ArmFindings,
    decided: bool,
) -> Option<(Recommended, Option<String>)> {
    let measured = || arms.iter().copied().filter(|arm| arm.mean.is_some());
    let single = measured().find(|arm| arm.arm == Arm::Single)?;
    measured().find(|arm| arm.gain.is_some())?;
    let measured = || measured().filter(|arm| arm.dropped.is_none());
    if decided {
        return Some((recommended(best), None));
    }
    let loss = |arm: &ArmFindings| arm.shrunken.map(|shrunken| shrunken.loss);
    let known = measured().filter_map(|arm| Some((arm, loss(arm)?)));
    let least = known.min_by(|a, b| a.1.total_cmp(&b.1));
    let unit = unit(task, single);
    let chosen = match (least, loss(single)) {
        (Some((arm, least)), Some(stay)) if stay - least >= WORTH_IT * unit => arm,
        _ => single,
    };
    let line = match chosen.shrunken {
        Some(Shrunken { loss, worse, .. }) if chosen.arm != Arm::Single => format!(
            "Undecided; if you must choose: {}, expected loss {}, {:.0} % chance to be worse than single by {}.",
            chosen.label,
            amount(task, loss),
            100.0 * worse,
            if task.higher_is_better { "a point" } else { "a hundredth" },
        ),
        shrunken => format!(
            "Undecided; if you must choose: keep single{}. It is the cheapest, and nothing is shown to beat it.",
            shrunken
                .map_or(String::new(), |shrunken| format!(", expected loss {}", amount(task, shrunken.loss)))
        ),
    };
    Some((recommended(chosen), Some(line)))
}

/// What a margin is a share of: 1 for a score, of an error that of `single`.
pub(crate) fn unit(task: &TaskFacts, single: &ArmFindings) -> f64 {
    if task.higher_is_better { 1.0 } else { single.mean.map_or(1.0, |mean| mean.value) }
}

fn recommended(arm: &ArmFindings) -> Recommended {
    Recommended {
        arm: arm.label.clone(),
        loss: arm.shrunken.map(|shrunken| shrunken.loss),
        worse: arm.shrunken.map(|shrunken| shrunken.worse),
    }
}

/// `0.3 points`; of an error in its own unit.
fn amount(task: &TaskFacts, loss: f64) -> String {
    if task.higher_is_better { format!("{:.1} points", 100.0 * loss) } else { format!("{loss:.4}") }
}
