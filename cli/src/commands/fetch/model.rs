//! `mtlift fetch model`.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use mtlift_hub::{Hub, Repository, Settings, model_files};

use super::{in_fields, in_words};
use crate::misuse::Misuse;
use crate::options::{MAIN, Output};
use crate::progress::Fetching;
use crate::stdout;

/// Fetch a model: configuration, tokenizer and one form of its weights
#[derive(Args)]
#[command(after_help = "\
Examples:
  mtlift fetch model distilroberta-base
  mtlift fetch model sentence-transformers/all-MiniLM-L6-v2 --revision v2.0")]
pub(crate) struct Arguments {
    /// The model's name on the hub, NAME or OWNER/NAME; a revision may follow after `@`
    name: String,
    /// A branch, a tag or a commit [default: main]
    #[arg(long)]
    revision: Option<String>,
    #[command(flatten)]
    output: Output,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let (repository, revision) = Repository::model_at(&arguments.name)?;
    let revision = match (revision, arguments.revision.as_deref()) {
        (Some(in_name), Some(flag)) if in_name != flag => {
            let why = format!("{} and --revision {flag} name two revisions: give one", arguments.name);
            return Err(Misuse(why).into());
        }
        (in_name, flag) => flag.or(in_name).unwrap_or(MAIN),
    };
    let id = repository.id();
    let snapshot =
        Hub::new(Settings::from_env()?).fetch(&repository, revision, model_files, &mut Fetching::new())?;
    if arguments.output.json {
        stdout::print_json(&in_fields(id, revision, &snapshot))?;
    } else {
        let at = if revision == MAIN { String::new() } else { format!("@{revision}") };
        stdout::print(&format!("{}\nuse it as --model {id}{at}", in_words(id, &snapshot)))?;
    }
    Ok(ExitCode::SUCCESS)
}
