//! `mtlift evaluate`.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use mtlift_eval::{GroupScore, GroupScores, Scores};
use mtlift_train::Threshold;
use serde::Serialize;

use crate::gate::{Gate, GateFlags, Subject};
use crate::group_line::group_line;
use crate::options::{Common, Trained};
use crate::speed::Speed;
use crate::{progress, stdout};

/// Score a trained model on a split of a task
#[derive(Args)]
#[command(after_help = "\
Example:
  mtlift evaluate --model runs/rte --task RTE --split dev --json

Labels are matched by name: the model's id2label decides which logit is which label.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    trained: Trained,
    /// The split to score; its rows must have labels
    #[arg(long, default_value = "dev")]
    split: String,
    #[command(flatten)]
    gate: GateFlags,
    #[command(flatten)]
    common: Common,
}

#[derive(Serialize)]
struct Evaluation {
    task: String,
    split: String,
    rows: usize,
    #[serde(flatten)]
    speed: Speed,
    /// The probability from which on the positive label is predicted, where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<Threshold>,
    metrics: Scores,
    /// Of int8.
    #[serde(skip_serializing_if = "Option::is_none")]
    gate: Option<Gate>,
    /// Of a task with groups, like the next; the group of rows enough that scores least.
    #[serde(skip_serializing_if = "Option::is_none")]
    worst_group: Option<GroupScore>,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<GroupScores>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let Common { threads, home, cache, output } = &arguments.common;
    let most_drop = arguments.gate.most_drop(arguments.trained.precision())?;
    let task = arguments.trained.task(home)?;
    let cache = cache.open();
    let evaluation = threads.run(|| -> Result<Evaluation> {
        let model = arguments.trained.open(home, &task)?;
        let rows = model.read_labelled(&task, &arguments.split, cache.as_ref(), &mut progress::warn)?;
        for note in rows.target_notes(&task, model.head()) {
            progress::warn(&note);
        }
        let threshold = arguments.trained.threshold(&model)?;
        let (logits, speed) = Speed::of([&rows], || model.logits(&rows));
        let predictions = model.predictions(&logits?, threshold.as_ref())?;
        let metrics = model.score(&task, &rows, &predictions)?;
        let groups = rows.group_scores(&predictions)?;
        let subject = Subject {
            trained: &arguments.trained,
            home,
            task: &task,
            int8: &model,
            threshold: threshold.as_ref(),
        };
        let gate = most_drop.map(|most| Gate::of_labels(most, &subject, &rows, &predictions)).transpose()?;
        Ok(Evaluation {
            task: task.name.clone(),
            split: arguments.split.clone(),
            rows: rows.encoded.rows(),
            speed,
            threshold,
            metrics,
            gate,
            worst_group: groups.as_ref().and_then(GroupScores::worst).cloned(),
            groups,
        })
    })??;
    let of_model = evaluation.metrics.degenerate().filter(|degenerate| !degenerate.is_of_reference());
    if let Some(degenerate) = of_model {
        progress::warn(&format!("the predictions are degenerate: {degenerate}"));
    }
    if output.json {
        stdout::print_json(&evaluation)?;
    } else {
        let scores: Vec<String> =
            evaluation.metrics.iter().map(|(metric, score)| format!("{metric} {:.4}", score.value)).collect();
        let Evaluation { task, split, rows, speed, threshold, metrics, gate, groups, .. } = &evaluation;
        let by = threshold.as_ref().map_or(String::new(), |threshold| {
            format!(" ({} from probability {:.4} on)", threshold.label, threshold.probability)
        });
        let groups = groups.as_ref().map_or(String::new(), |groups| format!("\n{}", group_line(groups)));
        let gate = gate.as_ref().map_or(String::new(), |gate| format!("\n{gate}"));
        stdout::print(&format!(
            "{task} {split}, {rows} rows: {}, headline {:.4}{by}{groups}\n{speed}{gate}",
            scores.join(", "),
            metrics.headline()
        ))?;
    }
    evaluation.gate.as_ref().map_or(Ok(()), Gate::check)?;
    Ok(ExitCode::SUCCESS)
}
