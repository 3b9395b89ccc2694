//! `mtlift fetch glue`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use mtlift_glue_data::{Task, registry};
use mtlift_hub::{Hub, Settings};

use super::{in_fields, in_words};
use crate::options::{MAIN, Output, glue_repository};
use crate::progress::Fetching;
use crate::stdout;

/// Fetch tasks of GLUE
#[derive(Args)]
#[command(after_help = "\
Examples:
  mtlift fetch glue RTE MRPC
  mtlift fetch glue")]
pub(crate) struct Arguments {
    /// The tasks, as `mtlift data list` names them [default: all]
    #[arg(value_name = "TASK")]
    tasks: Vec<String>,
    #[command(flatten)]
    output: Output,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let all = || registry().iter().map(|task| task.name.to_owned()).collect();
    let tasks: Vec<String> = if arguments.tasks.is_empty() { all() } else { arguments.tasks.clone() };
    let folders = tasks.iter().map(|task| folder(task)).collect::<Result<Vec<_>>>()?;
    let repository = glue_repository();
    let choose = |all: &[String]| {
        let mut chosen = Vec::new();
        for folder in &folders {
            let before = chosen.len();
            chosen.extend(
                all.iter().filter(|file| file.starts_with(folder) && file.ends_with(".parquet")).cloned(),
            );
            if chosen.len() == before {
                return Err(format!("there is no {folder}*.parquet"));
            }
        }
        Ok(chosen)
    };
    let snapshot = Hub::new(Settings::from_env()?).fetch(&repository, MAIN, choose, &mut Fetching::new())?;
    if arguments.output.json {
        stdout::print_json(&in_fields(repository.id(), MAIN, &snapshot))?;
    } else {
        let words = in_words(repository.id(), &snapshot);
        stdout::print(&format!("{words}\nuse them as --task {}", tasks.join(", --task ")))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A task's folder in the repository: `sst2/` for SST-2.
fn folder(task: &str) -> Result<String> {
    let task = Task::find(task, Some(Path::new("")))?;
    Ok(format!("{}/", task.name.to_lowercase().replace('-', "")))
}
