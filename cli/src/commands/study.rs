//! `mtlift study`: what can be done with a study that is there.

mod calibrate;
mod gc;
mod status;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

/// Look at a study's runs, remove what it does not need, or test its statistics
#[derive(Subcommand)]
#[command(after_help = "\
Examples:
  mtlift study status studies/rte
  mtlift study gc studies/rte
  mtlift study calibrate studies/many-seeds")]
pub(crate) enum Command {
    Status(status::Arguments),
    Gc(gc::Arguments),
    Calibrate(calibrate::Arguments),
}

pub(crate) fn run(command: &Command) -> Result<ExitCode> {
    match command {
        Command::Status(arguments) => status::run(arguments),
        Command::Gc(arguments) => gc::run(arguments),
        Command::Calibrate(arguments) => calibrate::run(arguments),
    }
}
