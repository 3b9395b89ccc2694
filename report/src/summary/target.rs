//! What is said of one target: its arms, and what to use.

use mtlift_schedule::Arm;
use serde::Serialize;

use super::ends::{Ends, ends};
use crate::findings::{Against, ArmFindings, Findings, SeedScore, TaskFacts, Verdict};

#[derive(Serialize)]
pub(super) struct Target<'a> {
    target: &'a str,
    metric: &'a str,
    higher_is_better: bool,
    train_rows: usize,
    dev_rows: usize,
    arms: Vec<Row<'a>>,
    recommendation: Option<Recommendation<'a>>,
}

/// An arm.
#[derive(Serialize)]
struct Row<'a> {
    arm: &'a str,
    method: Arm,
    support: Option<&'a str>,
    mean: Option<f64>,
    mean_interval: Option<Ends>,
    deviation: Option<f64>,
    #[serde(flatten)]
    gain: Gain,
    decided: Option<bool>,
    probability_best: Option<f64>,
    minutes: Option<f64>,
    runs: Vec<Run>,
    model: Option<&'a str>,
}

/// Over `single`; nulls for single itself.
#[derive(Serialize)]
struct Gain {
    gain: Option<f64>,
    interval: Option<Ends>,
    p: Option<f64>,
    p_corrected: Option<f64>,
}

#[derive(Serialize)]
struct Run {
    seed: u64,
    score: f64,
    selected: Option<f64>,
    degenerate: bool,
    directory: String,
}

#[derive(Serialize)]
struct Recommendation<'a> {
    arm: &'a str,
    method: Arm,
    support: Option<&'a str>,
    decided: bool,
    #[serde(flatten)]
    gain: Gain,
    seed: Option<u64>,
    directory: Option<&'a str>,
    model: Option<&'a str>,
    predict: Option<&'a str>,
    text: &'a [String],
}

/// `below` gives the path of what the study's directory has under a name.
pub(super) fn target<'a>(
    findings: &'a Findings,
    task: &'a TaskFacts,
    verdict: &'a Verdict,
    below: &dyn Fn(&str) -> String,
) -> Target<'a> {
    let arms = || findings.arms.iter().filter(|arm| arm.target == task.name);
    let best = arms().find(|arm| arm.label == verdict.best);
    Target {
        target: &task.name,
        metric: &task.metric,
        higher_is_better: task.higher_is_better,
        train_rows: task.train_rows,
        dev_rows: task.dev_rows,
        arms: arms().map(|arm| row(arm, below)).collect(),
        recommendation: best.map(|best| recommendation(best, verdict)),
    }
}

fn row<'a>(arm: &'a ArmFindings, below: &dyn Fn(&str) -> String) -> Row<'a> {
    let run = |SeedScore { seed, score, selected, degenerate, run }: &SeedScore| Run {
        seed: *seed,
        score: *score,
        selected: *selected,
        degenerate: *degenerate,
        directory: below(&format!("runs/{run}")),
    };
    Row {
        arm: &arm.label,
        method: arm.arm,
        support: arm.support.as_deref(),
        mean: arm.mean.map(|mean| mean.value),
        mean_interval: arm.mean.as_ref().map(ends),
        deviation: arm.deviation,
        gain: gain(arm),
        decided: arm.gain.as_ref().map(Against::is_decided_corrected),
        probability_best: arm.best,
        minutes: arm.cost.map(|cost| cost.minutes),
        runs: arm.scores.iter().map(run).collect(),
        model: arm.model.as_deref(),
    }
}

fn recommendation<'a>(arm: &'a ArmFindings, verdict: &'a Verdict) -> Recommendation<'a> {
    let run = verdict.run.as_ref();
    Recommendation {
        arm: &arm.label,
        method: arm.arm,
        support: arm.support.as_deref(),
        decided: verdict.decided,
        gain: gain(arm),
        seed: run.map(|run| run.seed),
        directory: run.map(|run| run.directory.as_str()),
        model: run.and_then(|run| run.model.as_deref()),
        predict: run.and_then(|run| run.predict.as_deref()),
        text: &verdict.lines,
    }
}

fn gain(arm: &ArmFindings) -> Gain {
    let gain = arm.gain.as_ref();
    Gain {
        gain: gain.map(|gain| gain.difference.value),
        interval: gain.map(|gain| ends(&gain.difference)),
        p: gain.map(|gain| gain.p_value),
        p_corrected: gain.map(|gain| gain.p_holm),
    }
}
