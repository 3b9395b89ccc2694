//! `mtlift`: parse, validate, call one function, print.
//!
//! Results go to standard output; progress, notes, warnings and errors go to standard error. The exit status is 0, 1
//! for a job that failed and 2 for misuse.

mod commands;
mod misuse;
mod options;
mod progress;
mod stdout;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Fine-tune encoders on the CPU, with PyTorch's numbers.
#[derive(Parser)]
#[command(name = "mtlift", version, max_term_width = 110, arg_required_else_help = true)]
#[command(after_help = "\
Example: from data to a model, and its score
  mtlift data check RTE
  mtlift train --model bert-tiny-splade --task RTE --out runs/rte
  mtlift evaluate --model runs/rte/model --task RTE")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Compare(Box<commands::compare::Arguments>),
    Sweep(Box<commands::sweep::Arguments>),
    SizeCurve(Box<commands::size_curve::Arguments>),
    Advise(commands::advise::Arguments),
    Plan(Box<commands::plan::Arguments>),
    #[command(subcommand)]
    Study(commands::study::Command),
    Report(commands::report::Arguments),
    Submit(commands::submit::Arguments),
    Train(Box<commands::train::Arguments>),
    Pretrain(Box<commands::pretrain::Arguments>),
    Evaluate(commands::evaluate::Arguments),
    Predict(commands::predict::Arguments),
    Verify(commands::verify::Arguments),
    #[command(subcommand)]
    Data(commands::data::Command),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Compare(arguments) => commands::compare::run(&arguments),
        Command::Sweep(arguments) => commands::sweep::run(&arguments),
        Command::SizeCurve(arguments) => commands::size_curve::run(&arguments),
        Command::Advise(arguments) => commands::advise::run(&arguments),
        Command::Plan(arguments) => commands::plan::run(&arguments),
        Command::Study(command) => commands::study::run(&command),
        Command::Report(arguments) => commands::report::run(&arguments),
        Command::Submit(arguments) => commands::submit::run(&arguments),
        Command::Train(arguments) => commands::train::run(&arguments),
        Command::Pretrain(arguments) => commands::pretrain::run(&arguments),
        Command::Evaluate(arguments) => commands::evaluate::run(&arguments),
        Command::Predict(arguments) => commands::predict::run(&arguments),
        Command::Verify(arguments) => commands::verify::run(&arguments),
        Command::Data(command) => commands::data::run(&command),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            progress::error(&error);
            ExitCode::from(if misuse::is_misuse(&error) { 2 } else { 1 })
        }
    }
}
