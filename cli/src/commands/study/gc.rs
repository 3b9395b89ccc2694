//! `mtlift study gc`.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde_json::json;

use crate::commands::existing::ExistingStudy;
use crate::{progress, stdout};

/// Remove the runs that a study does not use, and, unless it keeps all models, those that no run starts from
#[derive(Args)]
#[command(after_help = "\
Example:
  mtlift study gc studies/rte")]
pub(crate) struct Arguments {
    #[command(flatten)]
    study: ExistingStudy,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let freed = arguments.study.open()?.gc()?;
    for orphan in &freed.orphans {
        progress::note(&format!("removed run {} ({}): {}", orphan.id, orphan.label, orphan.reason));
    }
    let (runs, models, mib) = (freed.orphans.len(), freed.models, freed.bytes as f64 / (1024.0 * 1024.0));
    if arguments.study.common.output.json {
        stdout::print_json(&json!({"runs": runs, "models": models, "bytes": freed.bytes}))?;
    } else {
        stdout::print(&format!("removed {runs} runs and the models of {models} others: {mib:.1} MiB"))?;
    }
    Ok(ExitCode::SUCCESS)
}
