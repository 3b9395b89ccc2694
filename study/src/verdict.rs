//! What to do about a target, in a few lines that a person can act on.
//!
//! A gain counts as decided if a planned look decided it and its p-value, corrected by Holm over the arms of the target, is below
//! 0.05 too: the best of several arms is looked for, so one arm's own look is not enough. What is undecided says which look
//! comes next, and arms whose predictions are the same are a tie that no seeds would break.

mod choice;
mod opening;

use mtlift_eval::size_rule;
use mtlift_report::{ArmFindings, Cell, LEVEL, Sizes, TaskFacts, Verdict, arm_label, arm_of, tuned_line};
use mtlift_schedule::Arm;

use crate::spec::{Question, Spec};
pub(crate) use choice::{WORTH_IT, unit};

use choice::choose;
use opening::{Case, Opening};

/// The verdict on a target from its arms, its cells among all, the study's tasks and its plan.
pub(crate) fn verdict(
    task: &TaskFacts,
    arms: &[&ArmFindings],
    cells: &[Cell],
    tasks: &[TaskFacts],
    spec: &Spec,
) -> Verdict {
    let target = task.name.clone();
    let sign = task.sign();
    let mut ranked: Vec<(&str, &ArmFindings, f64)> =
        arms.iter().filter_map(|arm| Some((arm.label.as_str(), *arm, arm.mean?.value))).collect();
    // Of equal means single's is the best: it is the cheapest. A dropped arm's mean is that of fewer seeds.
    let costs_more = |arm: &ArmFindings| arm.arm != Arm::Single;
    let is_dropped = |arm: &ArmFindings| arm.dropped.is_some();
    ranked.sort_by(|a, b| {
        let by_mean = (sign * b.2).total_cmp(&(sign * a.2));
        is_dropped(a.1).cmp(&is_dropped(b.1)).then(by_mean).then(costs_more(a.1).cmp(&costs_more(b.1)))
    });
    let Some(&(best, arm, _)) = ranked.first() else {
        let lines = vec![format!("{target}: no arm has a finished run yet.")];
        let best = String::new();
        return Verdict { target, best, decided: false, lines, choice: None, next: None, run: None };
    };
    let case = Case { task, ranked: &ranked, plan: spec.looks.looks() };
    let Opening { decided, open, mut lines } = match &arm.gain {
        Some(gain) => case.best_over_single(best, arm, gain),
        None => case.best_is_single(best),
    };
    lines.extend(case.at_equal_compute(arm));
    let seeds = arm.scores.len();
    let next = ranked.get(1).filter(|(_, arm, _)| !is_dropped(arm));
    if let (true, Some((label, other, mean))) = (decided && arm.gain.is_some(), next) {
        let close = arm.best.is_some_and(|share| share < LEVEL) && other.arm != Arm::Single;
        let close =
            if close { format!("; it is not sure that {best} is better than it") } else { String::new() };
        let mean = if sign > 0.0 { format!("{:.1}", 100.0 * mean) } else { format!("{mean:.4}") };
        lines.push(format!("The next arm is {label} ({mean}){close}."));
    }
    let choice = choose(task, arms, arm, decided);
    // Those that anyone will train again; the page has the others.
    let used = [Some(best), choice.as_ref().map(|choice| choice.0.arm.as_str())];
    let told = arms.iter().copied().filter(|arm| arm.arm == Arm::Single || used.contains(&Some(&arm.label)));
    lines.extend(tuned_line(&told.collect::<Vec<_>>()));
    let single = arms.iter().find(|arm| arm.arm == Arm::Single).and_then(|arm| arm.cost);
    if let Some(cost) = arm.cost {
        let times = single
            .filter(|_| arm.arm != Arm::Single)
            .map_or(String::new(), |single| format!(", {:.1} times single", cost.minutes / single.minutes));
        lines.push(format!("It took {:.1} min a seed{times}, over {}.", cost.minutes, count(seeds, "seed")));
    }
    // A size curve has many sizes of one support.
    if spec.question != Question::SizeCurve {
        lines.extend(by_size_alone(task, arms, cells, tasks));
    }
    let next = open.and_then(|gain| case.next(gain));
    // Of a tie it stands in the first line.
    lines.extend(choice.as_ref().and_then(|choice| choice.1.clone()).filter(|_| !is_tie(arms)));
    let choice = choice.map(|choice| choice.0);
    Verdict { target, best: best.to_owned(), decided, lines, choice, next, run: None }
}

/// Whether the predictions of all arms that were compared are the same.
pub(crate) fn is_tie(arms: &[&ArmFindings]) -> bool {
    let mut gains = arms.iter().filter_map(|arm| arm.gain.as_ref()).peekable();
    gains.peek().is_some() && gains.all(|gain| gain.tied)
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

/// `1 seed`, `5 seeds`
fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests;
