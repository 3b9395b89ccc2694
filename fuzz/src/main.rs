//! `mtlift-fuzz`: readers by name, a row for each as soon as it is done, and the inputs that went wrong as files.

#![allow(clippy::print_stdout, reason = "this is a program, and its table is its result")]

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Parser;
use mtlift_fuzz::{Found, Limit, NAMES, Record, run, target};

/// Feed mutated files to the readers of mtlift.
#[derive(Parser)]
struct Arguments {
    /// The readers [default: all]
    readers: Vec<String>,
    /// Inputs for each reader [default: 10000, or as many as fit into --minutes]
    #[arg(long)]
    executions: Option<u64>,
    /// Time for each reader; whatever comes first ends it
    #[arg(long, value_parser = minutes)]
    minutes: Option<Duration>,
    /// Decides which inputs
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where inputs are written that panic, or take more than a second or 640 MiB
    #[arg(long, default_value = "fuzz-found")]
    keep: PathBuf,
    /// Print the names of the readers, and stop
    #[arg(long)]
    list: bool,
}

impl Arguments {
    fn limit(&self) -> Limit {
        let executions = self.executions.unwrap_or(if self.minutes.is_some() { u64::MAX } else { 10_000 });
        Limit { executions, time: self.minutes.unwrap_or(Duration::MAX) }
    }
}

fn minutes(text: &str) -> Result<Duration> {
    let minutes: f64 = text.parse()?;
    Duration::try_from_secs_f64(60.0 * minutes).context("expected minutes, 0 or more")
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    if arguments.list {
        NAMES.iter().for_each(|name| println!("{name}"));
        return Ok(ExitCode::SUCCESS);
    }
    let all = NAMES.iter().map(|name| (*name).to_owned()).collect();
    let readers = if arguments.readers.is_empty() { &all } else { &arguments.readers };
    if let Some(name) = readers.iter().find(|name| !NAMES.contains(&name.as_str())) {
        bail!("there is no reader `{name}`: --list prints their names");
    }
    println!(
        "{:<20} {:>11} {:>10} {:>6} {:>9} {:>12} {:>10}",
        "reader", "executions", "read", "wrong", "a second", "slowest, ms", "most, MiB"
    );
    let mut wrong = 0;
    for name in readers {
        let mut target = target(name).expect("all names are known");
        let record = run(&mut target, arguments.limit(), arguments.seed);
        wrong += record.found.len();
        print(name, &record);
        record.found.iter().try_for_each(|found| keep(found, name, &arguments.keep))?;
        io::stdout().flush()?;
    }
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print(name: &str, record: &Record) {
    println!(
        "{name:<20} {:>11} {:>10} {:>6} {:>9.0} {:>12.1} {:>10.1}",
        record.executions,
        record.accepted,
        record.found.len(),
        record.executions as f64 / record.time.as_secs_f64(),
        1e3 * record.slowest.as_secs_f64(),
        record.most_memory as f64 / f64::from(1 << 20),
    );
}

fn keep(found: &Found, name: &str, folder: &Path) -> Result<()> {
    let place = found.place.rsplit(['/', '\\']).next().unwrap_or_default().replace(':', "_");
    let file = folder.join(format!("{name}-{place}"));
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&file, &found.input))
        .with_context(|| format!("cannot write {}", file.display()))?;
    println!("    {}: {}; the input is {}", found.place, found.message, file.display());
    Ok(())
}
