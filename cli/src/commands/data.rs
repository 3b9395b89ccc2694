//! `mtlift data list` and `mtlift data check`.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use mtlift_glue_data::{GlueTask, TextEncoder, registry};
use serde_json::json;

use crate::options::{Home, Output, Threads};
use crate::stdout;

/// Look at tasks and their files
#[derive(Subcommand)]
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
  mtlift data check RTE --model all-MiniLM-L6-v2")]
pub(crate) struct CheckArguments {
    /// A GLUE task, or a TOML file that describes a task of your own
    task: String,
    /// Count lengths in this model's tokens, and the rows that are cut [default: lengths in words]
    #[arg(long)]
    model: Option<String>,
    /// The most tokens of a row
    #[arg(long, value_name = "N", default_value_t = 128, requires = "model")]
    max_tokens: usize,
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
    let there = |task: &GlueTask, file: &str| home.is_some_and(|home| home.join("glue").join(task.folder).join(file).is_file());
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
    let mut lines = vec![format!("{:<11} {:<44} {:<20} files found", "task", "question", "metrics")];
    for task in registry() {
        let found: Vec<&str> = task.files.iter().filter(|file| there(task, file.file)).map(|file| file.split).collect();
        let found = if found.is_empty() { "none".to_owned() } else { found.join(", ") };
        lines.push(format!("{:<11} {:<44} {:<20} {found}", task.name, task.about, task.metrics.join(", ")));
    }
    if home.is_none() {
        lines.push("no data home: set MTLIFT_HOME or --data-home".to_owned());
    }
    stdout::print(&lines.join("\n"))
}

fn check(arguments: &CheckArguments) -> Result<()> {
    let task = arguments.home.task(&arguments.task)?;
    let model = arguments.model.as_ref().map(|model| arguments.home.model(model)).transpose()?;
    let report = arguments.threads.run(|| -> Result<_> {
        let encoder = model.map(|model| TextEncoder::open(&model, arguments.max_tokens)).transpose()?;
        Ok(mtlift_glue_data::check(&task, encoder.as_ref())?)
    })??;
    if arguments.output.json { stdout::print_json(&report) } else { stdout::print(&report.to_string()) }
}
