//! The findings for a program: one JSON object whose keys are documented in `docs/json.md` and stay. What a program has no use
//! for, such as curves and the other tests, is in `findings.json`.

mod confidence;
mod ends;
mod gradients;
mod groups;
mod pairs;
mod target;
mod tuned;

use serde::Serialize;

use crate::findings::{Findings, Spending, Verdict};
use pairs::{Curve, Pair};
use target::Target;

/// Raised when a key changes its meaning or goes. A new key does not raise it.
const FORMAT: u32 = 1;

/// A study as one object. Scores and gains are shares; a number that could not be had is null. A study of one target has the
/// fields of that target at the top; one of several has them in `targets`.
#[derive(Serialize)]
pub struct Summary<'a> {
    format: u32,
    title: &'a str,
    command: &'a str,
    version: &'a str,
    start: &'a str,
    seeds: &'a [u64],
    looks: &'a [usize],
    runs_finished: usize,
    runs_total: usize,
    minutes: Option<f64>,
    spending: Option<Spent<'a>>,
    #[serde(flatten)]
    only: Option<Target<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    targets: Vec<Target<'a>>,
    pairs: Vec<Pair<'a>>,
    size_curve: Option<Curve<'a>>,
    warnings: &'a [String],
    paths: Paths,
}

/// Null without a rule of when to stop. How far the targets have come is said of each.
#[derive(Serialize)]
struct Spent<'a> {
    until: &'a str,
    runs: usize,
    minutes: f64,
    grid_runs: usize,
    grid_seeds: usize,
    grid_minutes: Option<f64>,
}

#[derive(Serialize)]
struct Paths {
    study: String,
    report: String,
    findings: String,
    tables: String,
}

/// The findings of the study in the directory `study`.
pub fn summary<'a>(findings: &'a Findings, study: &str) -> Summary<'a> {
    let below = |name: &str| format!("{}/{name}", study.trim_end_matches('/'));
    let task = |verdict: &Verdict| findings.tasks.iter().find(|task| task.name == verdict.target);
    let of = |verdict: &'a Verdict| Some(target::target(findings, task(verdict)?, verdict, &below));
    let mut targets: Vec<Target<'_>> = findings.verdicts.iter().filter_map(of).collect();
    let only = if targets.len() == 1 { targets.pop() } else { None };
    Summary {
        format: FORMAT,
        title: &findings.title,
        command: &findings.command,
        version: &findings.version,
        start: &findings.model,
        seeds: &findings.seeds,
        looks: &findings.looks,
        runs_finished: findings.progress.0,
        runs_total: findings.progress.1,
        minutes: findings.minutes,
        spending: findings.spending.as_ref().map(spent),
        only,
        targets,
        pairs: findings.cells.iter().map(pairs::pair).collect(),
        size_curve: findings.size_curve.as_ref().map(pairs::curve),
        warnings: &findings.warnings,
        paths: Paths {
            study: study.to_owned(),
            report: below("report.html"),
            findings: below("findings.json"),
            tables: below("tables"),
        },
    }
}

fn spent(spending: &Spending) -> Spent<'_> {
    let Spending { until, runs, minutes, grid_runs, grid_seeds, grid_minutes, .. } = spending;
    Spent {
        until,
        runs: *runs,
        minutes: *minutes,
        grid_runs: *grid_runs,
        grid_seeds: *grid_seeds,
        grid_minutes: *grid_minutes,
    }
}
