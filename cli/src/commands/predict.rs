//! `mtlift predict`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use mtlift_train::{TrainedModel, write_predictions};
use serde::Serialize;

use crate::options::{Cache, Home, Output, Threads};
use crate::{progress, stdout};

/// Write a trained model's predictions for a split, or for rows of your own
#[derive(Args)]
#[command(after_help = "\
Examples:
  mtlift predict --model runs/rte/model --task RTE --split test --out predictions.tsv
  mtlift predict --model runs/rte/model --task RTE --input mine.tsv --out predictions.tsv

The file has a line for each row: index, prediction (a label's name, or the value), and a column for each label with its
logit. --input takes .tsv, .csv or .jsonl with the text columns of the task's test file (for RTE sentence1 and
sentence2); its rows are counted from 0.")]
pub(crate) struct Arguments {
    /// A trained model: a directory that `mtlift train` wrote, or one with a head from elsewhere
    #[arg(long)]
    model: String,
    /// The task: a name, or a TOML file that describes a task of your own
    #[arg(long)]
    task: String,
    /// The split
    #[arg(long, default_value = "test", conflicts_with = "input")]
    split: String,
    /// Rows of your own, instead of a split
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
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
struct Written {
    task: String,
    rows: usize,
    predictions: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let task = arguments.home.task(&arguments.task)?;
    let (task, split) = match &arguments.input {
        Some(file) => (task.with_input(file), "input"),
        None => (task, arguments.split.as_str()),
    };
    let directory = arguments.home.model(&arguments.model)?;
    let cache = arguments.cache.open();
    let rows = arguments.threads.run(|| -> Result<usize> {
        let model = TrainedModel::open(&directory, &task, arguments.labels.as_deref(), arguments.max_tokens)?;
        let rows = model.read(&task, split, cache.as_ref(), &mut progress::warn)?;
        write_predictions(&arguments.out, &rows.indices, &model.head().labels.names, &model.logits(&rows))?;
        Ok(rows.encoded.rows())
    })??;
    let written = Written { task: task.name.clone(), rows, predictions: arguments.out.clone() };
    if arguments.output.json {
        stdout::print_json(&written)?;
    } else {
        stdout::print(&format!("{}: {rows} predictions in {}", task.name, arguments.out.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}
