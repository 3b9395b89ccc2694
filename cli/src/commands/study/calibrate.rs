//! `mtlift study calibrate`.

use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;
use mtlift_study::Draws;
use serde_json::json;

use crate::commands::existing::ExistingStudy;
use crate::{progress, stdout};

/// Show how often the test is wrong: simulate small studies from a large study's runs, whose own result is the truth
#[derive(Args)]
#[command(after_help = "\
Example: 200 small studies of 5 seeds, from a study of 60
  mtlift study calibrate studies/many-seeds --studies 200 --seeds 5 --rows 200

Each arm is compared with other seeds of itself (the true difference is 0) and with single (the true difference is that over \
all seeds and rows). An arm needs twice as many seeds as a simulated study has.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    study: ExistingStudy,
    /// Studies to simulate
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    studies: u32,
    /// Seeds of each arm in a simulated study
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(2..))]
    seeds: u16,
    /// Dev rows of each simulated study; keep well below the full set, which serves as the truth
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(2..))]
    rows: u32,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let study = arguments.study.open()?;
    let common = &arguments.study.common;
    let (studies, seeds, rows) =
        (arguments.studies as usize, usize::from(arguments.seeds), arguments.rows as usize);
    let draws = Draws { studies, seeds, rows, replicates: 2000 };
    let threads = &common.threads;
    let (all, warnings) = threads.with(threads.count(), || study.calibrate(draws))??;
    warnings.iter().for_each(|warning| progress::warn(warning));
    if all.is_empty() {
        bail!("no arm has {} finished seeds and {rows} dev rows: give smaller --seeds and --rows", 2 * seeds);
    }
    if common.output.json {
        stdout::print_json(&json!({"draws": draws, "calibration": all}))?;
        return Ok(ExitCode::SUCCESS);
    }
    let share = |count: usize, of: usize| format!("{:.1} %", 100.0 * count as f64 / of as f64);
    let lines = all.iter().map(|one| {
        format!(
            "{}: true difference {:+.2} points, {} of intervals hold it; called different in {}, at the planned looks in {}, \
             by the paper's test in {}",
            one.comparison,
            100.0 * one.truth,
            share(one.covered, one.studies),
            share(one.called_different, one.studies),
            share(one.called_different_at_looks, one.studies),
            share(one.called_different_by_paper, one.studies),
        )
    });
    stdout::print(&lines.collect::<Vec<_>>().join("\n"))?;
    Ok(ExitCode::SUCCESS)
}
