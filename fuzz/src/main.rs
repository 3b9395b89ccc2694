//! `mtlift-fuzz`: readers by name, a row for each, and the inputs that went wrong as files.

#![allow(clippy::print_stdout, reason = "this is a program, and its table is its result")]

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Parser;
use mtlift_fuzz::{NAMES, Record, run, target};

/// Feed mutated files to the readers of mtlift.
#[derive(Parser)]
struct Arguments {
    /// The readers [default: all]
    readers: Vec<String>,
    /// Inputs for each reader
    #[arg(long, default_value_t = 10_000)]
    executions: u64,
    /// Decides which inputs
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where inputs that panic are written
    #[arg(long, default_value = "fuzz-found")]
    keep: PathBuf,
    /// Print the names of the readers, and stop
    #[arg(long)]
    list: bool,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    if arguments.list {
        NAMES.iter().for_each(|name| println!("{name}"));
        return Ok(ExitCode::SUCCESS);
    }
    let all = NAMES.iter().map(|name| (*name).to_owned()).collect();
    let readers = if arguments.readers.is_empty() { all } else { arguments.readers };
    println!(
        "{:<20} {:>11} {:>10} {:>7} {:>12} {:>11}",
        "reader", "executions", "read", "panics", "slowest, ms", "most, MiB"
    );
    let mut panics = 0;
    for name in &readers {
        let Some(mut target) = target(name) else {
            bail!("there is no reader `{name}`: --list prints their names");
        };
        let Record { executions, accepted, found, slowest, most_memory } =
            run(&mut target, arguments.executions, arguments.seed);
        println!(
            "{name:<20} {executions:>11} {accepted:>10} {:>7} {:>12.1} {:>11.1}",
            found.len(),
            1e3 * slowest.as_secs_f64(),
            most_memory as f64 / f64::from(1 << 20),
        );
        panics += found.len();
        for found in found {
            let place = found.place.rsplit(['/', '\\']).next().unwrap_or_default().replace(':', "_");
            let file = arguments.keep.join(format!("{name}-{place}"));
            fs::create_dir_all(&arguments.keep)
                .and_then(|()| fs::write(&file, &found.input))
                .with_context(|| format!("cannot write {}", file.display()))?;
            println!("    {}: {}; the input is {}", found.place, found.message, file.display());
        }
    }
    Ok(if panics == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
