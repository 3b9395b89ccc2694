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
    lines.extend(status.reached.iter().cloned());
    let left = status.minutes_left.filter(|_| count("finished") < status.runs.len());
    let left = left
        .map_or(String::new(), |left| format!("about {} left, one run at a time; ", progress::minutes(left)));
    lines.push(format!("{left}{:.1} MiB on disk", status.bytes as f64 / (1024.0 * 1024.0)));
    stdout::print(&lines.join("\n"))?;
    for (label, run) in &status.runs {
        if let RunStatus::Unreadable(why) = run {
            progress::warn(&format!("{label}: {why}; remove its directory to make it again"));
        }
        if let RunStatus::Failed(why) = run {
            progress::warn(&format!("{label} failed: {why}"));
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
        RunStatus::Failed(_) => "failed",
        RunStatus::Waiting => "waiting",
        RunStatus::Unreadable(_) => "unreadable",
    }
}

/// `docs/json.md` has its keys.
fn object(status: &Status) -> Value {
    let why = |run: &RunStatus| match run {
        RunStatus::Unreadable(why) | RunStatus::Failed(why) => Value::String(why.clone()),
        _ => Value::Null,
    };
    let runs = status.runs.iter();
    let runs = runs.map(|(label, run)| json!({"run": label, "status": word(run), "why": why(run)}));
    let orphans = status.orphans.iter();
    let orphans = orphans.map(|orphan| json!({"id": orphan.id, "run": orphan.label, "why": orphan.reason}));
    let count = |wanted: &str| status.runs.iter().filter(|(_, run)| word(run) == wanted).count();
    json!({
        "format": 1,
        "total": status.runs.len(),
        "finished": count("finished"),
        "failed": count("failed"),
        "running": count("running"),
        "unreadable": count("unreadable"),
        "left": status.runs.len() - count("finished") - count("unreadable"),
        "minutes_left": status.minutes_left,
        "disk_bytes": status.bytes,
        "runs": runs.collect::<Vec<_>>(),
        "not_used": orphans.collect::<Vec<_>>(),
    })
}
