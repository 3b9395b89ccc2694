//! `mtlift study status`, `mtlift study gc` and `mtlift report`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use mtlift_study::{Draws, RunStatus, Sources, Spec, Study};
use serde_json::{Value, json};

use super::question::resolve;
use crate::options::Common;
use crate::progress::{self, Terminal};
use crate::stdout;

/// Look at a study's runs, or remove what it does not need
#[derive(Subcommand)]
#[command(after_help = "\
Examples:
  mtlift study status studies/rte
  mtlift study gc studies/rte")]
pub(crate) enum Command {
    Status(Status),
    Gc(Gc),
    Calibrate(Calibrate),
}

/// Say how far each run of a study has come, and which runs it does not use
#[derive(Args)]
#[command(after_help = "\
Example:
  mtlift study status studies/rte")]
pub(crate) struct Status {
    #[command(flatten)]
    there: There,
}

/// Remove runs that a study does not ask for, and models from which none of its runs starts
#[derive(Args)]
#[command(after_help = "\
Example:
  mtlift study gc studies/rte")]
pub(crate) struct Gc {
    #[command(flatten)]
    there: There,
}

/// Write the report and the tables of a study anew, from the runs that are finished
#[derive(Args)]
#[command(after_help = "\
Example: look at a study while it goes on
  mtlift report studies/rte")]
pub(crate) struct Report {
    #[command(flatten)]
    there: There,
}

/// Say how often the test is wrong on small studies drawn from a study's own runs, where the truth is known
#[derive(Args)]
#[command(after_help = "\
Example: 200 small studies of 5 seeds, from a study of 60
  mtlift study calibrate studies/many-seeds --studies 200 --seeds 5 --rows 200

Each arm is compared with other seeds of itself (the true difference is 0) and with single (the truth is the difference over
all seeds and rows). An arm needs twice as many seeds as a small study has.")]
pub(crate) struct Calibrate {
    #[command(flatten)]
    there: There,
    /// Small studies to draw
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    studies: u32,
    /// Seeds of each arm in one of them
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(2..))]
    seeds: u16,
    /// Dev rows in one of them: few of all, or what all rows say is no longer beyond them
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(2..))]
    rows: u32,
}

#[derive(Args)]
struct There {
    /// The study's directory
    study: PathBuf,
    #[command(flatten)]
    common: Common,
}

impl There {
    fn open(&self) -> Result<(Spec, Study)> {
        let Common { threads, home, cache, .. } = &self.common;
        let spec = Study::spec_of(&self.study)?;
        let (model, tasks) = resolve(&spec, home)?;
        let cache = cache.open();
        let sources = Sources { model: &model, tasks: &tasks, cache: cache.as_ref() };
        let all = threads.count();
        let study =
            threads.with(all, || Study::existing(&self.study, sources, &mut Terminal::warnings()))??;
        Ok((spec, study))
    }
}

pub(crate) fn run(command: &Command) -> Result<ExitCode> {
    match command {
        Command::Status(arguments) => status(&arguments.there),
        Command::Gc(arguments) => gc(&arguments.there),
        Command::Calibrate(arguments) => calibrate(arguments),
    }
}

fn status(there: &There) -> Result<ExitCode> {
    let (_, study) = there.open()?;
    let status = study.status()?;
    let word = |run: &RunStatus| match run {
        RunStatus::Finished => "finished",
        RunStatus::Running => "running",
        RunStatus::Begun => "begun",
        RunStatus::Waiting => "waiting",
        RunStatus::Unreadable(_) => "unreadable",
    };
    if there.common.output.json {
        let why = |run: &RunStatus| match run {
            RunStatus::Unreadable(why) => Value::String(why.clone()),
            _ => Value::Null,
        };
        let runs: Vec<Value> = status
            .runs
            .iter()
            .map(|(label, run)| json!({"run": label, "status": word(run), "why": why(run)}))
            .collect();
        let orphans: Vec<Value> = status
            .orphans
            .iter()
            .map(|orphan| json!({"id": orphan.id, "run": orphan.label, "why": orphan.reason}))
            .collect();
        stdout::print_json(&json!({"runs": runs, "not_used": orphans}))?;
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
            progress::warn(&format!("{label}: {why}; remove its directory to have it made again"));
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

fn gc(there: &There) -> Result<ExitCode> {
    let (_, study) = there.open()?;
    let freed = study.gc()?;
    for orphan in &freed.orphans {
        progress::note(&format!("removed run {} ({}): {}", orphan.id, orphan.label, orphan.reason));
    }
    let (runs, models, mib) = (freed.orphans.len(), freed.models, freed.bytes as f64 / (1024.0 * 1024.0));
    if there.common.output.json {
        stdout::print_json(&json!({"runs": runs, "models": models, "bytes": freed.bytes}))?;
    } else {
        stdout::print(&format!("removed {runs} runs and the models of {models} others: {mib:.1} MiB"))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn calibrate(arguments: &Calibrate) -> Result<ExitCode> {
    let there = &arguments.there;
    let (_, study) = there.open()?;
    let (studies, seeds, rows) =
        (arguments.studies as usize, usize::from(arguments.seeds), arguments.rows as usize);
    let draws = Draws { studies, seeds, rows, replicates: 2000 };
    let threads = &there.common.threads;
    let all = threads.with(threads.count(), || study.calibrate(draws))??;
    if all.is_empty() {
        bail!(
            "no arm has {} finished seeds and {rows} dev rows: ask for fewer with --seeds and --rows",
            2 * seeds
        );
    }
    if there.common.output.json {
        stdout::print_json(&json!({"draws": draws, "calibration": all}))?;
        return Ok(ExitCode::SUCCESS);
    }
    let share = |count: usize, of: usize| format!("{:.1} %", 100.0 * count as f64 / of as f64);
    let lines = all.iter().map(|one| {
        format!(
            "{}: true difference {:+.2} points, {} of intervals hold it; called different in {}, by the paper's test in {}",
            one.comparison,
            100.0 * one.truth,
            share(one.covered, one.studies),
            share(one.called_different, one.studies),
            share(one.called_different_by_paper, one.studies),
        )
    });
    stdout::print(&lines.collect::<Vec<_>>().join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn report(arguments: &Report) -> Result<ExitCode> {
    let there = &arguments.there;
    let (_, study) = there.open()?;
    let threads = &there.common.threads;
    let findings = threads.with(threads.count(), || study.findings(&made_by(&there.study)))??;
    study.write_report(&findings)?;
    if there.common.output.json {
        stdout::print_json(&findings)?;
    } else {
        stdout::print(&mtlift_report::terminal(&findings, progress::width()))?;
        stdout::print(&format!("\nreport: {}", there.study.join("report.html").display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The command that made the study, as its last report has it.
fn made_by(study: &Path) -> String {
    let findings = std::fs::read_to_string(study.join("findings.json")).unwrap_or_default();
    let findings: Value = serde_json::from_str(&findings).unwrap_or_default();
    findings["command"].as_str().map_or_else(|| format!("mtlift report {}", study.display()), str::to_owned)
}
