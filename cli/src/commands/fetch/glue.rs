//! `mtlift fetch glue`.

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
    let mut wanted = Vec::new();
    for task in &tasks {
        wanted.extend(Task::hub_glue_files(task)?);
    }
    let repository = glue_repository();
    let choose = |all: &[String]| match wanted.iter().find(|file| !all.contains(file)) {
        Some(missing) => Err(format!("there is no {missing}")),
        None => Ok(wanted.clone()),
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
