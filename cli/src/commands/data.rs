//! `mtlift data list` and `mtlift data check`.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use mtlift_glue_data::{GlueTask, TextEncoder, registry};
use mtlift_train::MAX_TOKENS;
use serde_json::json;

use crate::options::{Home, Misuse, Output, Threads};
use crate::{progress, stdout};

/// Look at tasks and their files
#[derive(Subcommand)]
#[command(after_help = "\
Examples:
  mtlift data list
  mtlift data check RTE")]
pub(crate) enum Command {
    List(ListArguments),
    Check(CheckArguments),
}

/// List the tasks that have a name, and which of their files are there
#[derive(Args)]
#[command(after_help = "\
Example:
  mtlift data list

Any other task is a TOML file that names its files, columns and labels: see glue-data/README.md.")]
pub(crate) struct ListArguments {
    #[command(flatten)]
    home: Home,
    #[command(flatten)]
    output: Output,
}

/// Report a task's counts, labels, lengths, duplicates and faults
#[derive(Args)]
#[command(after_help = "\
Example:
  mtlift data check RTE
  mtlift data check my/task.toml --model all-MiniLM-L6-v2 --max-tokens 256")]
pub(crate) struct CheckArguments {
    /// A GLUE task, or a TOML file that describes a task of your own
    task: String,
    /// Count lengths in this model's tokens [default: the first of the data home's models; in words if there are none]
    #[arg(long)]
    model: Option<String>,
    /// The most tokens of a row: longer ones count as cut [default: 128]
    #[arg(long, value_name = "N")]
    max_tokens: Option<usize>,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    home: Home,
    #[command(flatten)]
    output: Output,
}

pub(crate) fn run(command: &Command) -> Result<ExitCode> {
    match command {
        Command::List(arguments) => list(arguments)?,
        Command::Check(arguments) => check(arguments)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list(arguments: &ListArguments) -> Result<()> {
    let home = arguments.home.path();
    let there = |task: &GlueTask, file: &str| {
        home.is_some_and(|home| home.join("glue").join(task.folder).join(file).is_file())
    };
    if arguments.output.json {
        let task = |task: &GlueTask| {
            let files: Vec<_> = task
                .files
                .iter()
                .map(|file| json!({"split": file.split, "file": file.file, "official_rows": file.rows, "found": there(task, file.file)}))
                .collect();
            json!({"name": task.name, "about": task.about, "kind": task.kind, "labels": task.labels, "metrics": task.metrics, "files": files})
        };
        return stdout::print_json(&json!({"tasks": registry().iter().map(task).collect::<Vec<_>>()}));
    }
    let mut rows = vec![["task", "question", "metrics", "files found"].map(str::to_owned)];
    for task in registry() {
        let found: Vec<&str> =
            task.files.iter().filter(|file| there(task, file.file)).map(|file| file.split).collect();
        let found = if found.is_empty() { "none".to_owned() } else { found.join(", ") };
        rows.push([task.name.to_owned(), task.about.to_owned(), task.metrics.join(", "), found]);
    }
    let mut lines = columns(&rows);
    if home.is_none() {
        lines.push("no data home: set MTLIFT_HOME or --data-home".to_owned());
    }
    stdout::print(&lines.join("\n"))
}

fn check(arguments: &CheckArguments) -> Result<()> {
    let task = arguments.home.task(&arguments.task)?;
    let model = match &arguments.model {
        Some(name) => Some(arguments.home.model(name)?),
        None => arguments.home.first_model(),
    };
    if model.is_none() && arguments.max_tokens.is_some() {
        let why = "--max-tokens counts tokens, and there is no model to make them: give --model";
        return Err(Misuse(why.to_owned()).into());
    }
    let max_tokens = arguments.max_tokens.unwrap_or(MAX_TOKENS);
    let report = arguments.threads.run(|| -> Result<_> {
        let encoder = model.as_ref().map(|model| TextEncoder::open(model, max_tokens)).transpose()?;
        Ok(mtlift_glue_data::check(&task, encoder.as_ref())?)
    })??;
    if let (None, Some(model)) = (&arguments.model, &model) {
        progress::note(&format!("lengths are in the tokens of {}", model.display()));
    }
    if arguments.output.json { stdout::print_json(&report) } else { stdout::print(&report.to_string()) }
}

/// The rows as lines whose columns are as wide as their widest entry.
fn columns<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |row: &[String; N]| {
        let cells: Vec<String> =
            row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}
