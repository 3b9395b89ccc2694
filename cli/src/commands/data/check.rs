//! `mtlift data check`.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use mtlift_glue_data::CheckReport;
use mtlift_train::{MAX_TOKENS, tokenizer_alone};

use crate::misuse::Misuse;
use crate::options::{Home, Output, Threads};
use crate::{progress, stdout};

/// Report a task's counts, labels, lengths, duplicates and faults
#[derive(Args)]
#[command(after_help = "\
Example:
  mtlift data check RTE
  mtlift data check my/task.toml --model all-MiniLM-L6-v2 --max-tokens 256

Of a file with several heads each is reported; FILE.toml:HEAD is one of them.")]
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
    let tasks = arguments.home.tasks(&arguments.task)?;
    let model = match &arguments.model {
        Some(name) => Some(arguments.home.model(name)?),
        None => arguments.home.first_model(),
    };
    if model.is_none() && arguments.max_tokens.is_some() {
        let why = "--max-tokens needs a model, whose tokens it counts: give --model";
        return Err(Misuse(why.to_owned()).into());
    }
    let max_tokens = arguments.max_tokens.unwrap_or(MAX_TOKENS);
    let reports = arguments.threads.run(|| -> Result<Vec<CheckReport>> {
        let tokenizer = model.as_ref().map(|model| tokenizer_alone(model, max_tokens)).transpose()?;
        let check = |task| Ok(mtlift_glue_data::check(task, tokenizer.as_ref())?);
        tasks.iter().map(check).collect()
    })??;
    if let (None, Some(model)) = (&arguments.model, &model) {
        progress::note(&format!("lengths are in the tokens of {}", model.display()));
    }
    match &reports[..] {
        [report] if arguments.output.json => stdout::print_json(report)?,
        heads if arguments.output.json => stdout::print_json(&BTreeMap::from([("heads", heads)]))?,
        heads => {
            let reports: Vec<String> = heads.iter().map(ToString::to_string).collect();
            stdout::print(&reports.join("\n"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
