//! What to do about a target, in a few lines that a person can act on.
//!
//! A gain counts as decided if it is so on its own and its p-value, corrected by Holm over the arms of the target, is below
//! 0.05 too: the best of several arms is looked for, so one arm's own interval is not enough.

use mtlift_eval::size_rule;
use mtlift_report::{
    Against, ArmFindings, Cell, LEVEL, MOST_SEEDS, Sizes, TaskFacts, Verdict, arm_label, arm_of, p_value,
};
use mtlift_schedule::Arm;

use crate::spec::Question;

/// The verdict on a target from its arms, its cells among all, and the study's tasks.
pub(crate) fn verdict(
    task: &TaskFacts,
    arms: &[&ArmFindings],
    cells: &[Cell],
    tasks: &[TaskFacts],
    question: Question,
) -> Verdict {
    let target = task.name.clone();
    let sign = task.sign();
    let mut ranked: Vec<(&str, &ArmFindings, f64)> =
        arms.iter().filter_map(|arm| Some((arm.label.as_str(), *arm, arm.mean?.value))).collect();
    ranked.sort_by(|a, b| (sign * b.2).total_cmp(&(sign * a.2)));
    let Some(&(best, arm, _)) = ranked.first() else {
        let lines = vec![format!("{target}: no arm has a finished run yet.")];
        return Verdict { target, best: String::new(), decided: false, lines, run: None };
    };
    let mut lines = Vec::new();
    let seeds = arm.scores.len();
    let decided = match &arm.gain {
        Some(gain) => {
            let decided = gain.is_decided_corrected() && sign * gain.difference.value > 0.0;
            lines.push(if decided {
                format!("{target}: use {best}.")
            } else {
                format!("{target}: undecided. {best} has the best mean, and single may be as good.")
            });
            lines.push(format!(
                "Gain over single {} (p {}, after Holm {}; {}){}.",
                points(gain, sign),
                p_value(gain.p_value),
                p_value(gain.p_holm),
                count(gain.seeds, "seed"),
                arm.best
                    .map_or(String::new(), |share| format!("; best of all arms with probability {share:.2}")),
            ));
            if !decided {
                lines.push(more_seeds(gain, task.dev_rows));
            }
            decided
        }
        None => best_is_single(task, best, &ranked, &mut lines),
    };
    let other = ranked.iter().skip(1).find(|(_, other, _)| other.arm != Arm::Single);
    if let (true, Some((label, other, _)), Some(share)) = (decided && arm.gain.is_some(), other, arm.best) {
        let close = if share < LEVEL {
            format!("; it is not sure that {best} is better than it")
        } else {
            String::new()
        };
        if let Some(mean) = other.mean {
            let mean =
                if sign > 0.0 { format!("{:.1}", 100.0 * mean.value) } else { format!("{:.4}", mean.value) };
            lines.push(format!("The next arm is {label} ({mean}){close}."));
        }
    }
    let single = arms.iter().find(|arm| arm.arm == Arm::Single).and_then(|arm| arm.cost);
    if let Some(cost) = arm.cost {
        let times = single
            .filter(|_| arm.arm != Arm::Single)
            .map_or(String::new(), |single| format!(", {:.1} times single", cost.minutes / single.minutes));
        lines.push(format!("It took {:.1} min a seed{times}, over {}.", cost.minutes, count(seeds, "seed")));
    }
    // A size curve has many sizes of one support.
    if question != Question::SizeCurve {
        lines.extend(by_size_alone(task, arms, cells, tasks));
    }
    Verdict { target, best: best.to_owned(), decided, lines, run: None }
}

/// Nothing beats `single` in the mean.
fn best_is_single(
    task: &TaskFacts,
    best: &str,
    ranked: &[(&str, &ArmFindings, f64)],
    lines: &mut Vec<String>,
) -> bool {
    let (target, sign) = (&task.name, task.sign());
    let rivals: Vec<(&str, &Against)> =
        ranked.iter().skip(1).filter_map(|(label, arm, _)| Some((*label, arm.gain.as_ref()?))).collect();
    let open = rivals.iter().find(|(_, gain)| !gain.is_decided_corrected());
    match (rivals.first(), open) {
        (None, _) => {
            lines.push(format!("{target}: there is nothing to compare with {best} yet."));
            false
        }
        (Some((label, gain)), None) => {
            lines.push(format!("{target}: use {best}. No support helps: every other arm is worse."));
            lines.push(format!("The nearest, {label}: {} against single.", points(gain, sign)));
            true
        }
        (_, Some((label, gain))) => {
            lines.push(format!("{target}: undecided. {best} has the best mean, and {label} may be as good."));
            lines.push(format!(
                "{label} against single {} (p {}, after Holm {}; {}).",
                points(gain, sign),
                p_value(gain.p_value),
                p_value(gain.p_holm),
                count(gain.seeds, "seed"),
            ));
            lines.push(more_seeds(gain, task.dev_rows));
            false
        }
    }
}

/// What would settle a difference.
fn more_seeds(gain: &Against, dev_rows: usize) -> String {
    if gain.seeds == 1 {
        return "One seed cannot show how much seeds vary: run at least two.".to_owned();
    }
    match gain.seeds_needed.map(|seeds| seeds.saturating_sub(gain.seeds as u32)) {
        Some(0) => "If the difference is as large as it looks, these seeds should have been enough. They were not: run a few \
                    more."
            .to_owned(),
        Some(more) => format!(
            "{} would settle it with 80 % power, if the difference is as large as it looks.",
            count(more as usize, "more seed")
        ),
        None => format!("Not even {MOST_SEEDS} seeds would settle a difference this small on {dev_rows} dev rows."),
    }
}

/// What the size rule says for each support, and whether the study agrees.
fn by_size_alone(
    task: &TaskFacts,
    arms: &[&ArmFindings],
    cells: &[Cell],
    tasks: &[TaskFacts],
) -> Vec<String> {
    let mut said = Vec::new();
    for support in tasks.iter().filter(|support| support.name != task.name) {
        let name = &support.name;
        if !arms.iter().any(|arm| arm.support.as_ref() == Some(name)) {
            continue;
        }
        let rule = size_rule(task.train_rows, support.train_rows);
        let cell = cells.iter().find(|cell| cell.target == task.name && cell.support == *name);
        let sizes = Sizes { target: task.train_rows, support: support.train_rows };
        let agrees = match cell.map(|cell| cell.winner) {
            _ if sizes.are_alike() => " (a toss-up: the sizes are alike)",
            None => "",
            Some(None) => " (here undecided)",
            Some(Some(winner)) if winner == rule => " (here right)",
            Some(Some(_)) => " (here wrong)",
        };
        said.push(arm_label(arm_of(rule), Some(name), None, None) + agrees);
    }
    if said.is_empty() {
        return Vec::new();
    }
    vec![format!("The size rule alone, for {} rows of {}: {}.", task.train_rows, task.name, said.join(", "))]
}

/// `+3.4 points [+1.2, +5.6]`; an error, of which less is better, in its own unit.
fn points(gain: &Against, sign: f64) -> String {
    let number = |x: f64| {
        let text = if sign > 0.0 { format!("{:+.1}", 100.0 * x) } else { format!("{x:+.4}") };
        text.replace('-', "\u{2212}")
    };
    let estimate = gain.difference;
    let unit = if sign > 0.0 { " points" } else { "" };
    format!("{}{unit} [{}, {}]", number(estimate.value), number(estimate.low), number(estimate.high))
}

/// `1 seed`, `5 seeds`
fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests;
