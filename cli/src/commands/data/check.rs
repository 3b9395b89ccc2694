//! `mtlift data check`.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use mtlift_train::{MAX_TOKENS, tokenizer_alone};

use crate::misuse::Misuse;
use crate::options::{Home, Output, Threads};
use crate::{progress, stdout};

/// Report a task's counts, labels, lengths, duplicates and faults
#[derive(Args)]
#[command(after_help = "\
Example:
  mtlift data check RTE
  mtlift data check my/task.toml --model all-MiniLM-L6-v2 --max-tokens 256")]
pub(crate) struct Arguments {
    /// A task: GLUE's, the built-in suite's (demo:sentiment), or a TOML file that describes your own
    task: String,
    /// Count lengths in this model's tokens [default: the data home's first model by name; without one, in words]
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

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let task = arguments.home.task(&arguments.task)?;
    let model = match &arguments.model {
        Some(name) => Some(arguments.home.model(name)?),
        None => arguments.home.first_model(),
    };
    if model.is_none() && arguments.max_tokens.is_some() {
        let why = "--max-tokens needs a model, whose tokens it counts: give --model";
        return Err(Misuse(why.to_owned()).into());
    }
    let max_tokens = arguments.max_tokens.unwrap_or(MAX_TOKENS);
    let report = arguments.threads.run(|| -> Result<_> {
        let tokenizer = model.as_ref().map(|model| tokenizer_alone(model, max_tokens)).transpose()?;
        Ok(mtlift_glue_data::check(&task, tokenizer.as_ref())?)
    })??;
    if let (None, Some(model)) = (&arguments.model, &model) {
        progress::note(&format!("lengths are in the tokens of {}", model.display()));
    }
    if arguments.output.json {
        stdout::print_json(&report)?;
    } else {
        stdout::print(&report.to_string())?;
    }
    Ok(ExitCode::SUCCESS)
}
