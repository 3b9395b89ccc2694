//! What is said of one target: its arms, and what to use.

use mtlift_eval::Look;
use mtlift_schedule::ArmSpec;
use serde::Serialize;

use super::confidence::Confidence;
use super::ends::{Ends, ends};
use super::gradients::Together;
use super::groups::Groups;
use super::tuned::Tuned;
use crate::findings::{Against, ArmFindings, Findings, SeedScore, Stop, TaskFacts, Verdict};

#[derive(Serialize)]
pub(super) struct Target<'a> {
    target: &'a str,
    metric: &'a str,
    higher_is_better: bool,
    train_rows: usize,
    dev_rows: usize,
    score_rows: usize,
    arms: Vec<Row<'a>>,
    stop: Option<Stop>,
    recommendation: Option<Recommendation<'a>>,
}

/// An arm.
#[derive(Serialize)]
struct Row<'a> {
    arm: &'a str,
    method: &'a ArmSpec,
    support: Option<&'a str>,
    mean: Option<f64>,
    mean_interval: Option<Ends>,
    deviation: Option<f64>,
    #[serde(flatten)]
    gain: Gain,
    decided: Option<bool>,
    looks: Option<Vec<Seen>>,
    over_single_steps: Option<f64>,
    over_single_steps_interval: Option<Ends>,
    over_single_steps_p_corrected: Option<f64>,
    over_single_steps_decided: Option<bool>,
    probability_best: Option<f64>,
    shrunken: Option<f64>,
    shrunken_interval: Option<Ends>,
    expected_loss: Option<f64>,
    chance_worse: Option<f64>,
    gold_probability: Option<Confidence>,
    groups: Option<Groups<'a>>,
    gradients: Option<Together<'a>>,
    dropped_after: Option<usize>,
    tuned: Option<Tuned<'a>>,
    still_improving: bool,
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
    /// Of the planned looks how many are reached.
    look: Option<usize>,
    tied: Option<bool>,
}

/// What was seen of a gain at a number of seeds.
#[derive(Serialize)]
struct Seen {
    seeds: usize,
    planned: bool,
    gain: f64,
    p: f64,
    level: f64,
    decides: bool,
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
    method: &'a ArmSpec,
    support: Option<&'a str>,
    best_mean: &'a str,
    decided: bool,
    expected_loss: Option<f64>,
    chance_worse: Option<f64>,
    #[serde(flatten)]
    gain: Gain,
    seed: Option<u64>,
    directory: Option<&'a str>,
    model: Option<&'a str>,
    predict: Option<&'a str>,
    next_look: Option<usize>,
    next_command: Option<&'a str>,
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
    let used = arms().find(|arm| arm.label == verdict.arm());
    Target {
        target: &task.name,
        metric: &task.metric,
        higher_is_better: task.higher_is_better,
        train_rows: task.train_rows,
        dev_rows: task.dev_rows,
        score_rows: task.score_rows,
        arms: arms().map(|arm| row(arm, &findings.looks, below)).collect(),
        stop: stop(findings, &task.name),
        recommendation: used.map(|used| recommendation(used, verdict, &findings.looks)),
    }
}

fn stop(findings: &Findings, target: &str) -> Option<Stop> {
    findings.spending.as_ref()?.targets.iter().find(|reached| reached.target == target)?.stop
}

fn row<'a>(arm: &'a ArmFindings, plan: &[usize], below: &dyn Fn(&str) -> String) -> Row<'a> {
    let run = |SeedScore { seed, score, selected, degenerate, run }: &SeedScore| Run {
        seed: *seed,
        score: *score,
        selected: *selected,
        degenerate: *degenerate,
        directory: below(&format!("runs/{run}")),
    };
    let (shrunken, over_steps) = (arm.shrunken.as_ref(), arm.over_single_steps.as_ref());
    Row {
        arm: &arm.label,
        method: &arm.arm,
        support: arm.support.as_deref(),
        mean: arm.mean.map(|mean| mean.value),
        // One seed's would be about these very weights.
        mean_interval: arm.mean.as_ref().filter(|_| arm.scores.len() > 1).map(ends),
        deviation: arm.deviation,
        gain: gain(arm, plan),
        looks: arm.gain.as_ref().map(|gain| gain.looks.iter().map(seen).collect()),
        decided: arm.gain.as_ref().map(Against::is_decided_corrected),
        over_single_steps: over_steps.map(|gain| gain.difference.value),
        over_single_steps_interval: over_steps.and_then(|gain| gain.difference.estimate()).as_ref().map(ends),
        over_single_steps_p_corrected: over_steps.and_then(|gain| gain.p_holm),
        over_single_steps_decided: over_steps.map(Against::is_decided_corrected),
        probability_best: arm.best,
        shrunken: shrunken.map(|shrunken| shrunken.gain.value),
        shrunken_interval: shrunken.map(|shrunken| ends(&shrunken.gain)),
        expected_loss: shrunken.map(|shrunken| shrunken.loss),
        chance_worse: shrunken.map(|shrunken| shrunken.worse),
        gold_probability: arm.gold_probability.as_ref().map(Confidence::of),
        groups: arm.groups.as_ref().map(Groups::of),
        gradients: arm.gradients.as_ref().map(Together::of),
        dropped_after: arm.dropped.map(|dropped| dropped.seeds),
        tuned: arm.tuned.as_ref().map(Tuned::of),
        still_improving: arm.improving,
        minutes: arm.cost.map(|cost| cost.minutes),
        runs: arm.scores.iter().map(run).collect(),
        model: arm.model.as_deref(),
    }
}

fn recommendation<'a>(arm: &'a ArmFindings, verdict: &'a Verdict, plan: &[usize]) -> Recommendation<'a> {
    let (run, next) = (verdict.run.as_ref(), verdict.next.as_ref());
    Recommendation {
        arm: &arm.label,
        method: &arm.arm,
        support: arm.support.as_deref(),
        best_mean: &verdict.best,
        decided: verdict.decided,
        expected_loss: verdict.choice.as_ref().and_then(|choice| choice.loss),
        chance_worse: verdict.choice.as_ref().and_then(|choice| choice.worse),
        gain: gain(arm, plan),
        seed: run.map(|run| run.seed),
        directory: run.map(|run| run.directory.as_str()),
        model: run.and_then(|run| run.model.as_deref()),
        predict: run.and_then(|run| run.predict.as_deref()),
        next_look: next.map(|next| next.seeds),
        next_command: next.and_then(|next| next.command.as_deref()),
        text: &verdict.lines,
    }
}

fn gain(arm: &ArmFindings, plan: &[usize]) -> Gain {
    let gain = arm.gain.as_ref();
    let reached = |gain: &Against| plan.iter().filter(|look| **look <= gain.seeds).count();
    Gain {
        gain: gain.map(|gain| gain.difference.value),
        interval: gain.and_then(|gain| gain.difference.estimate()).as_ref().map(ends),
        p: gain.and_then(|gain| gain.p_value),
        p_corrected: gain.and_then(|gain| gain.p_holm),
        look: gain.map(reached),
        tied: gain.map(|gain| gain.tied),
    }
}

fn seen(look: &Look) -> Seen {
    let Look { seeds, planned, difference: gain, p_value: p, level } = *look;
    Seen { seeds, planned, gain, p, level, decides: look.rejects() }
}
