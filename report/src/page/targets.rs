//! What the page has on each target: the verdict, figures, and the rows of its tables.

use serde::Serialize;

use super::comparing::Comparing;
use super::confidence::Confidence;
use super::groups::Groups;
use super::labelling::Labelling;
use super::rows::{Arm, Pair};
use super::tuning::Tuning;
use crate::error::Error;
use crate::figure::{self, Figure};
use crate::findings::{self, BestRun, Ensemble, Findings, NextLook};
use crate::format;
use crate::scored_on::scored_on;

/// What the page has on one target.
#[derive(Serialize)]
pub(super) struct Target<'a> {
    name: &'a str,
    facts: String,
    verdict: Option<Verdict<'a>>,
    figures: Vec<Figure>,
    /// What it takes: of time, and of the data.
    efforts: Vec<Figure>,
    /// How the tasks of mixed arms went together.
    together: Vec<Figure>,
    arms: Vec<Arm>,
    confidences: Vec<Confidence<'a>>,
    groups: Vec<Groups<'a>>,
    tunings: Vec<Tuning<'a>>,
    labellings: Vec<Labelling<'a>>,
    comparings: Vec<Comparing<'a>>,
    ensembles: Vec<Averaged<'a>>,
    /// Whether an arm is compared with `single:steps`.
    at_equal_compute: bool,
    pairs: Vec<Pair<'a>>,
}

/// Runs whose predictions are averaged.
#[derive(Serialize)]
struct Averaged<'a> {
    name: &'a str,
    runs: usize,
    score: String,
}

/// What to do about a target.
#[derive(Serialize)]
struct Verdict<'a> {
    decided: bool,
    headline: String,
    lines: &'a [String],
    /// All of it in a line, where nothing is decided.
    brief: String,
    next: Option<&'a NextLook>,
    run: Option<&'a BestRun>,
}

/// The targets that have runs or a verdict, in the order of the tasks.
pub(super) fn targets(findings: &Findings) -> Result<Vec<Target<'_>>, Error> {
    let has_arms = |name: &str| findings.arms.iter().any(|arm| arm.target == name && !arm.scores.is_empty());
    let has_verdict = |name: &str| findings.verdicts.iter().any(|verdict| verdict.target == name);
    let tasks = findings.tasks.iter().filter(|task| has_arms(&task.name) || has_verdict(&task.name));
    tasks
        .map(|task| {
            let name = &*task.name;
            let arms = || findings.arms.iter().filter(|arm| arm.target == name && !arm.scores.is_empty());
            let pairs = findings.cells.iter().filter(|cell| cell.target == name);
            let verdict = findings.verdicts.iter().find(|verdict| verdict.target == name);
            Ok(Target {
                name,
                facts: format!(
                    "{} rows to train on, scored on {} by {}",
                    format::count(task.train_rows),
                    scored_on(task),
                    task.metric
                ),
                verdict: verdict.map(|verdict| Verdict {
                    decided: verdict.decided,
                    headline: verdict
                        .lines
                        .first()
                        .cloned()
                        .unwrap_or_else(|| format!("Best: {}", verdict.best)),
                    lines: verdict.lines.get(1..).unwrap_or_default(),
                    brief: brief(verdict),
                    next: verdict.next.as_ref(),
                    run: verdict.run.as_ref(),
                }),
                figures: [figure::scores(findings, name)?, figure::curves(findings, name)?]
                    .into_iter()
                    .flatten()
                    .collect(),
                efforts: [figure::costs(findings, name)?, figure::passes(findings, name)?]
                    .into_iter()
                    .flatten()
                    .collect(),
                together: arms()
                    .map(figure::gradients)
                    .collect::<Result<Vec<_>, _>>()?
                    .into_iter()
                    .flatten()
                    .collect(),
                arms: arms().map(Arm::of).collect(),
                confidences: arms().filter_map(Confidence::of).collect(),
                groups: arms().filter_map(Groups::of).collect(),
                tunings: arms().filter_map(Tuning::of).collect(),
                labellings: arms().filter_map(Labelling::of).collect(),
                comparings: arms().filter_map(Comparing::of).collect(),
                ensembles: findings.ensembles.iter().filter(|of| of.target == name).map(averaged).collect(),
                at_equal_compute: arms().any(|arm| arm.over_single_steps.is_some()),
                pairs: pairs.map(Pair::of).collect(),
            })
        })
        .collect()
}

fn averaged(ensemble: &Ensemble) -> Averaged<'_> {
    let name = ensemble.arm.as_deref().unwrap_or("all arms");
    Averaged { name, runs: ensemble.runs, score: format::score(ensemble.score) }
}

/// What an undecided verdict comes to: `use stilts from tone (expected loss 0.3)`.
fn brief(verdict: &findings::Verdict) -> String {
    let loss = verdict.choice.as_ref().and_then(|choice| choice.loss);
    let loss = loss.map_or(String::new(), |loss| format!(", expected loss {}", format::score(loss)));
    match verdict.arm() {
        "" => "no arm has a finished run yet".to_owned(),
        "single" => format!("if you must choose, keep single{loss}"),
        arm => format!("if you must choose, {arm}{loss}"),
    }
}
