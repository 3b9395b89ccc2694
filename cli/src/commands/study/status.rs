//! `mtlift study status`.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use mtlift_study::{RunStatus, Status};
use serde_json::{Value, json};

use crate::commands::existing::ExistingStudy;
use crate::{progress, stdout};

/// Show how far each run of a study has come, and which runs it does not use
#[derive(Args)]
#[command(after_help = "\
Example:
  mtlift study status studies/rte")]
pub(crate) struct Arguments {
    #[command(flatten)]
    study: ExistingStudy,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let status = arguments.study.open()?.status()?;
    if arguments.study.common.output.json {
        stdout::print_json(&object(&status))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut lines: Vec<String> =
        status.runs.iter().map(|(label, run)| format!("{:<10} {label}", word(run))).collect();
    let count = |wanted: &str| status.runs.iter().filter(|(_, run)| word(run) == wanted).count();
    lines.push(format!(
        "{} of {} runs finished, {} running",
        count("finished"),
        status.runs.len(),
        count("running")
    ));
    stdout::print(&lines.join("\n"))?;
    for (label, run) in &status.runs {
        if let RunStatus::Unreadable(why) = run {
            progress::warn(&format!("{label}: {why}; remove its directory to make it again"));
        }
    }
    for orphan in &status.orphans {
        progress::warn(&format!(
            "run {} ({}) is not used: {}; `mtlift study gc` removes it",
            orphan.id, orphan.label, orphan.reason
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn word(run: &RunStatus) -> &'static str {
    match run {
        RunStatus::Finished => "finished",
        RunStatus::Running => "running",
        RunStatus::Begun => "begun",
        RunStatus::Waiting => "waiting",
        RunStatus::Unreadable(_) => "unreadable",
    }
}

fn object(status: &Status) -> Value {
    let why = |run: &RunStatus| match run {
        RunStatus::Unreadable(why) => Value::String(why.clone()),
        _ => Value::Null,
    };
    let runs = status.runs.iter();
    let runs = runs.map(|(label, run)| json!({"run": label, "status": word(run), "why": why(run)}));
    let orphans = status.orphans.iter();
    let orphans = orphans.map(|orphan| json!({"id": orphan.id, "run": orphan.label, "why": orphan.reason}));
    json!({"runs": runs.collect::<Vec<_>>(), "not_used": orphans.collect::<Vec<_>>()})
}
