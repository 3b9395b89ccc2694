//! `mtlift evaluate`.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use mtlift_eval::Scores;
use mtlift_train::TrainedModel;
use serde::Serialize;

use crate::options::{Cache, Home, Output, Threads};
use crate::{progress, stdout};

/// Score a trained model on a split of a task
#[derive(Args)]
#[command(after_help = "\
Example:
  mtlift evaluate --model runs/rte/model --task RTE --split dev --json

Labels are matched by name: the model's id2label decides which logit is which label.")]
pub(crate) struct Arguments {
    /// A trained model: a directory that `mtlift train` wrote, or one with a head from elsewhere
    #[arg(long)]
    model: String,
    /// A GLUE task, or a TOML file that describes a task of your own
    #[arg(long)]
    task: String,
    /// The split, whose rows must have labels
    #[arg(long, default_value = "dev")]
    split: String,
    /// What the model's outputs mean, in their order, if its configuration does not say
    #[arg(long, value_delimiter = ',', value_name = "NAME,NAME,...")]
    labels: Option<Vec<String>>,
    /// The most tokens of a row, as in training [default: 128]
    #[arg(long, value_name = "N")]
    max_tokens: Option<usize>,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    home: Home,
    #[command(flatten)]
    cache: Cache,
    #[command(flatten)]
    output: Output,
}

#[derive(Serialize)]
struct Evaluation {
    task: String,
    split: String,
    rows: usize,
    metrics: Scores,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let task = arguments.home.task(&arguments.task)?;
    let directory = arguments.home.model(&arguments.model)?;
    let cache = arguments.cache.open();
    let evaluation = arguments.threads.run(|| -> Result<Evaluation> {
        let model = TrainedModel::open(&directory, &task, arguments.labels.as_deref(), arguments.max_tokens)?;
        let rows = model.read(&task, &arguments.split, cache.as_ref(), &mut progress::warn)?;
        let metrics = model.score(&task, &rows, &model.logits(&rows))?;
        let (task, split) = (task.name.clone(), arguments.split.clone());
        Ok(Evaluation { task, split, rows: rows.encoded.rows(), metrics })
    })??;
    if let Some(degenerate) = evaluation.metrics.degenerate() {
        progress::warn(&format!("the predictions are degenerate: {degenerate}"));
    }
    if arguments.output.json {
        stdout::print_json(&evaluation)?;
    } else {
        let scores: Vec<String> =
            evaluation.metrics.iter().map(|(metric, score)| format!("{metric} {:.4}", score.value)).collect();
        let Evaluation { task, split, rows, metrics } = &evaluation;
        stdout::print(&format!(
            "{task} {split}, {rows} rows: {}, headline {:.4}",
            scores.join(", "),
            metrics.headline()
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}
