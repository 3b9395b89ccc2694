//! `mtlift predict`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use mtlift_train::predictions_to;
use serde::Serialize;

use crate::options::{Common, OutFile, Trained};
use crate::{progress, stdout};

/// Write a trained model's predictions for a split, or for rows of your own
#[derive(Args)]
#[command(after_help = "\
Examples:
  mtlift predict --model runs/rte/model --task RTE --split test --out predictions.tsv
  mtlift predict --model runs/rte/model --task RTE --input mine.tsv --out predictions.tsv

The file has a line for each row: index, prediction (a label's name, or the value), and a column for each label with its \
logit. --input takes .tsv, .csv or .jsonl with the text columns of the task's test file (for RTE sentence1 and \
sentence2); its rows are counted from 0.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    trained: Trained,
    /// The split to predict
    #[arg(long, default_value = "test", conflicts_with = "input")]
    split: String,
    /// Rows of your own, instead of a split
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    #[command(flatten)]
    file: OutFile,
    #[command(flatten)]
    common: Common,
}

#[derive(Serialize)]
struct Written {
    task: String,
    rows: usize,
    predictions: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let Common { threads, home, cache, output } = &arguments.common;
    let file = &arguments.file;
    file.check(output)?;
    let task = arguments.trained.task(home)?;
    let mut untouched = arguments.trained.untouched(home, &task)?;
    if let Some(input) = &arguments.input {
        untouched = untouched.file(input);
    }
    untouched.check(file.path())?;
    let (task, split) = match &arguments.input {
        Some(file) => (task.with_input(file), "input"),
        None => (task, arguments.split.as_str()),
    };
    let cache = cache.open();
    let rows = threads.run(|| -> Result<usize> {
        let model = arguments.trained.open(home, &task)?;
        let rows = model.read(&task, split, cache.as_ref(), &mut progress::warn)?;
        let (labels, logits) = (&model.head().labels.names, model.logits(&rows));
        file.write(|to| predictions_to(to, &rows.indices, labels, &logits))?;
        Ok(rows.encoded.rows())
    })??;
    let written = Written { task: task.name.clone(), rows, predictions: file.path().to_owned() };
    if output.json {
        stdout::print_json(&written)?;
    } else {
        file.announce(&format!("{}: {rows} predictions in {}", task.name, file.path().display()))?;
    }
    Ok(ExitCode::SUCCESS)
}
