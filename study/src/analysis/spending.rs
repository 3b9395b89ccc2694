//! What a study with a rule of when to stop has spent, how far its targets came, and how to go on.

use mtlift_report::{
    ArmFindings, NextLook, Reached, Spending, Stop, TaskFacts, Verdict, dropped_line, reached_line,
};

use super::about;
use super::arms::Read;
use super::next_look;
use crate::asked::Asked;
use crate::error::Error;
use crate::pace::{Work, seconds_left};
use crate::plan::{Plan, PlannedRun};
use crate::policy::Course;
use crate::spec::{Spec, Until};
use crate::store::Finished;
use crate::survey::Survey;

/// Sets which arms were dropped.
pub(super) fn set_dropped(arms: &mut [Read<'_>], asked: &Asked<'_>) {
    for (target, course) in &asked.courses {
        let of_target = arms.iter_mut().filter(|arm| arm.entry.target == *target);
        for (arm, course) in of_target.zip(&course.arms) {
            arm.findings.dropped = course.dropped;
        }
    }
}

/// How far a target has come.
fn reached(spec: &Spec, survey: &Survey, target: usize, course: &Course) -> Reached {
    Reached {
        target: survey.all[target].task.name.clone(),
        seeds: spec.looks_taken()[course.look],
        stop: course.end.map(|end| end.stop),
        loss: course.end.and_then(|end| end.loss),
    }
}

/// The same in words: `RTE: Stopped at look 1 of 4 (3 seeds): it is decided.`
pub(crate) fn reached_in_words(spec: &Spec, survey: &Survey, target: usize, course: &Course) -> String {
    let task = about::facts(&survey.all[target]);
    let until = spec.until.map_or(String::new(), |until| until.to_string());
    let line = reached_line(&task, &reached(spec, survey, target, course), &until, spec.looks.looks());
    format!("{}: {line}", task.name)
}

/// What was spent, where `whole` has all runs of all seeds; none without a rule.
pub(super) fn spending<'a>(
    spec: &Spec,
    survey: &Survey,
    whole: &Plan,
    asked: &Asked<'_>,
    finished: impl Fn(&str) -> Option<&'a Finished>,
) -> Result<Option<Spending>, Error> {
    let Some(until) = spec.until else { return Ok(None) };
    let is_asked_for = |run: &PlannedRun| asked.now.place(&run.id).is_some();
    let (mut made, mut left) = (Vec::new(), Vec::new());
    for run in whole.runs() {
        let work = Work { tasks: &run.tasks, steps: run.recipe.plan(&run.label, survey)?.steps };
        match finished(&run.id).filter(|_| is_asked_for(run)) {
            Some(finished) => made.push((work, finished.seconds)),
            None => left.push(work),
        }
    }
    // A sum of nothing would be −0.
    let seconds = made.iter().fold(0.0, |sum, (_, seconds)| sum + seconds);
    Ok(Some(Spending {
        until: until.to_string(),
        runs: made.len(),
        minutes: seconds / 60.0,
        grid_runs: whole.runs().len(),
        grid_seeds: spec.seeds.len(),
        grid_minutes: seconds_left(&made, &left).map(|left| (seconds + left) / 60.0),
        targets: asked
            .courses
            .iter()
            .map(|(target, course)| reached(spec, survey, *target, course))
            .collect(),
    }))
}

/// A verdict that also says which arms were dropped, why there are no more seeds, and the command for more of them.
pub(super) fn told(
    verdict: Verdict,
    task: &TaskFacts,
    arms: &[&ArmFindings],
    spending: &Spending,
    spec: &Spec,
    command: &str,
) -> Verdict {
    let Some(reached) = spending.targets.iter().find(|reached| reached.target == task.name) else {
        return verdict;
    };
    let dropped = arms.iter().filter_map(|arm| Some(dropped_line(&arm.label, arm.dropped.as_ref()?) + "."));
    let mut lines = verdict.lines;
    lines.extend(dropped);
    lines.push(reached_line(task, reached, &spending.until, spec.looks.looks()));
    let later = spec.looks_taken().into_iter().find(|&look| look > reached.seeds);
    let next = match (reached.stop, later) {
        (None, _) => Some(NextLook {
            seeds: reached.seeds,
            note: format!("To make the runs that are left of the {} seeds, and go on:", reached.seeds),
            command: next_look::with_until(command, None),
        }),
        (Some(Stop::Regret), Some(seeds)) if !verdict.decided => Some(NextLook {
            seeds,
            note: format!("To go on until it is decided, with the next look at {seeds} seeds:"),
            command: next_look::with_until(command, Some(Until::Decided)),
        }),
        _ => None,
    };
    Verdict { lines, next, ..verdict }
}
