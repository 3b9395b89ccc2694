//! `mtlift report`, and the report that every study ends with.

use std::io::ErrorKind;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use mtlift_files::{Error as FileError, read_record};
use mtlift_report::Findings;
use mtlift_study::{Invocation, Study};
use serde::Deserialize;

use super::existing::ExistingStudy;
use crate::options::Common;
use crate::{progress, stdout};

/// Write the report and the tables of a study again, from the runs that are finished
#[derive(Args)]
#[command(after_help = "\
Example: look at a study while it is running
  mtlift report studies/rte")]
pub(crate) struct Arguments {
    #[command(flatten)]
    study: ExistingStudy,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let directory = &arguments.study.directory;
    let study = arguments.study.open()?;
    let common = &arguments.study.common;
    write(&study, directory, &made_by(directory), common)?;
    Ok(ExitCode::SUCCESS)
}

/// Analyses the runs that are finished, writes the report and prints it. `command` is what makes the study.
pub(crate) fn write(study: &Study, directory: &Path, command: &str, common: &Common) -> Result<()> {
    let findings = refresh(study, command, common, common.threads.count())?;
    if common.output.json {
        return stdout::print_json(&mtlift_report::summary(&findings, &directory.display().to_string()));
    }
    stdout::print(&mtlift_report::terminal(&findings, stdout::width()))?;
    stdout::print(&format!("\nreport: {}", directory.join("report.html").display()))
}

/// Analyses the runs that are finished on so many threads, and writes the report.
pub(crate) fn refresh(
    study: &Study,
    command: &str,
    Common { threads, home, .. }: &Common,
    count: usize,
) -> Result<Findings> {
    let places = home.words();
    let invocation = Invocation { command, places: &places };
    let findings = threads.with(count, || study.findings(invocation))??;
    study.write_report(&findings)?;
    Ok(findings)
}

/// The command that made the study, as its last report has it.
fn made_by(study: &Path) -> String {
    #[derive(Deserialize)]
    struct LastReport {
        command: String,
    }
    let this = format!("mtlift report {}", study.display());
    match read_record::<LastReport>(&study.join("findings.json")) {
        Ok(last) => last.command,
        Err(FileError::Unreadable { source, .. }) if source.kind() == ErrorKind::NotFound => this,
        Err(fault) => {
            progress::warn(&format!(
                "{fault}; the new report names `{this}` instead of the command that made the study"
            ));
            this
        }
    }
}
