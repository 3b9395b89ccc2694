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
Examples:
  mtlift study gc studies/rte --dry-run
  mtlift study gc studies/rte")]
pub(crate) struct Arguments {
    #[command(flatten)]
    study: ExistingStudy,
    /// Print what would be removed, and how much that is, and remove nothing
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let study = arguments.study.open()?;
    let unneeded = if arguments.dry_run { study.unneeded()? } else { study.gc()? };
    let (removed, would) = if arguments.dry_run { ("would remove", "would be") } else { ("removed", "were") };
    for orphan in &unneeded.orphans {
        progress::note(&format!("{removed} run {} ({}): {}", orphan.id, orphan.label, orphan.reason));
    }
    for id in &unneeded.models {
        progress::note(&format!("{removed} the models of run {id}: no run that is left starts from it"));
    }
    let (runs, models) = (unneeded.orphans.len(), unneeded.models.len());
    if arguments.study.common.output.json {
        let dry_run = arguments.dry_run;
        stdout::print_json(
            &json!({"runs": runs, "models": models, "bytes": unneeded.bytes, "dry_run": dry_run}),
        )?;
    } else {
        let mib = unneeded.bytes as f64 / (1024.0 * 1024.0);
        stdout::print(&format!(
            "{runs} runs and the models of {models} others {would} removed: {mib:.1} MiB"
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}
