//! `mtlift`: parse, validate, call one function, print.
//!
//! Results go to standard output; progress, notes, warnings and errors go to standard error. The exit status is 0, 1
//! for a job that failed and 2 for misuse.

mod command_line;
mod commands;
mod gate;
mod group_line;
mod interrupt;
mod misuse;
mod options;
mod progress;
mod speed;
mod stdout;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Fine-tune encoders on the CPU, with PyTorch's numbers.
#[derive(Parser)]
#[command(name = "mtlift", version, max_term_width = 110)]
#[command(after_help = "\
Example: a verdict from nothing, in a few minutes
  mtlift compare

Example: from data to a model, and its score
  mtlift data check RTE
  mtlift train --model bert-tiny-splade --task RTE --out runs/rte
  mtlift evaluate --model runs/rte/model --task RTE")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    Compare(Box<commands::compare::Arguments>),
    Sweep(Box<commands::sweep::Arguments>),
    SizeCurve(Box<commands::size_curve::Arguments>),
    Advise(commands::advise::Arguments),
    Plan(Box<commands::plan::Arguments>),
    Methods(commands::methods::Arguments),
    #[command(subcommand)]
    Study(commands::study::Command),
    Report(commands::report::Arguments),
    Submit(commands::submit::Arguments),
    Train(Box<commands::train::Arguments>),
    Pretrain(Box<commands::pretrain::Arguments>),
    Evaluate(commands::evaluate::Arguments),
    Predict(commands::predict::Arguments),
    Merge(commands::merge::Arguments),
    Verify(commands::verify::Arguments),
    #[command(subcommand)]
    Data(commands::data::Command),
    #[command(subcommand)]
    Fetch(commands::fetch::Command),
    Completions(commands::completions::Arguments),
    Man(commands::man::Arguments),
}

impl Command {
    /// Whether the same command with `--resume` goes on with what was being made.
    fn can_resume(&self) -> bool {
        matches!(
            self,
            Self::Compare(_) | Self::Sweep(_) | Self::SizeCurve(_) | Self::Train(_) | Self::Pretrain(_)
        )
    }
}

/// What `mtlift` alone says.
const WELCOME: &str = "\
mtlift trains text encoders on labelled text, on the CPU, and finds out whether other labelled texts help:
trained on first, together with yours, or not at all.

See it work, without data or a model of your own, in about three minutes:
  mtlift compare

With data of your own, which a few lines of TOML describe (docs/task-files.md):
  mtlift data check mine.toml
  mtlift compare --target mine.toml --support other.toml --model demo --out studies/mine

To look around:
  mtlift data list                  the tasks that have a name
  mtlift data show demo:sentiment   a few rows of a task
  mtlift train --help               one model, one task
  mtlift --help                     all commands";

fn main() -> ExitCode {
    let Some(command) = Arguments::parse().command else {
        return finish(stdout::print(WELCOME).map(|()| ExitCode::SUCCESS));
    };
    interrupt::listen(command.can_resume().then(command_line::going_on));
    finish(match command {
        Command::Compare(arguments) => commands::compare::run(&arguments),
        Command::Sweep(arguments) => commands::sweep::run(&arguments),
        Command::SizeCurve(arguments) => commands::size_curve::run(&arguments),
        Command::Advise(arguments) => commands::advise::run(&arguments),
        Command::Plan(arguments) => commands::plan::run(&arguments),
        Command::Methods(arguments) => commands::methods::run(&arguments),
        Command::Study(command) => commands::study::run(&command),
        Command::Report(arguments) => commands::report::run(&arguments),
        Command::Submit(arguments) => commands::submit::run(&arguments),
        Command::Train(arguments) => commands::train::run(&arguments),
        Command::Pretrain(arguments) => commands::pretrain::run(&arguments),
        Command::Evaluate(arguments) => commands::evaluate::run(&arguments),
        Command::Predict(arguments) => commands::predict::run(&arguments),
        Command::Merge(arguments) => commands::merge::run(&arguments),
        Command::Verify(arguments) => commands::verify::run(&arguments),
        Command::Data(command) => commands::data::run(&command),
        Command::Fetch(command) => commands::fetch::run(&command),
        Command::Completions(arguments) => commands::completions::run(&arguments),
        Command::Man(arguments) => commands::man::run(&arguments),
    })
}

/// The exit status; an error is printed.
fn finish(result: anyhow::Result<ExitCode>) -> ExitCode {
    match result {
        Ok(code) => code,
        Err(error) => {
            progress::error(&error);
            ExitCode::from(if misuse::is_misuse(&error) { 2 } else { 1 })
        }
    }
}
