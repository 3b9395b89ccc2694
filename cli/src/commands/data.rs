//! `mtlift data`: what there is to train on.

mod check;
mod list;
mod show;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

/// Look at tasks and their files
#[derive(Subcommand)]
#[command(after_help = "\
Examples:
  mtlift data list
  mtlift data show demo:sentiment
  mtlift data check RTE")]
pub(crate) enum Command {
    List(list::Arguments),
    Show(show::Arguments),
    Check(check::Arguments),
}

pub(crate) fn run(command: &Command) -> Result<ExitCode> {
    match command {
        Command::List(arguments) => list::run(arguments),
        Command::Show(arguments) => show::run(arguments),
        Command::Check(arguments) => check::run(arguments),
    }
}
