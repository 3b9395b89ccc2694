//! `mtlift verify`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use mtlift_train::Difference;
use serde::Serialize;

use crate::misuse::Misuse;
use crate::options::{Home, Output, Threads};
use crate::stdout;

/// Compare this program's numbers with values that PyTorch and transformers recorded
#[derive(Args)]
#[command(after_help = "\
Example:
  mtlift verify --model all-MiniLM-L6-v2 --reference goldens/minilm-rte

A reference is a directory with any of: golden.safetensors (a batch: hidden states, logits, loss, all gradients), \
trajectory.safetensors and .json (a run of AdamW steps), reference.safetensors and .json (a real task's first rows). \
The exit status is 1 if a difference is above the tolerance.")]
pub(crate) struct Arguments {
    /// The model: a directory in Hugging Face layout, or a name below the data home's models/
    #[arg(long)]
    model: String,
    /// The directory with the recorded values [default: the model's own]
    #[arg(long, value_name = "DIR")]
    reference: Option<PathBuf>,
    /// The greatest difference allowed: absolute for values below 1, relative for others
    #[arg(long, default_value_t = 1e-4)]
    tolerance: f64,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    home: Home,
    #[command(flatten)]
    output: Output,
}

#[derive(Serialize)]
struct Verification {
    passed: bool,
    tolerance: f64,
    differences: Vec<Difference>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let tolerance = arguments.tolerance;
    if tolerance.is_nan() || tolerance < 0.0 {
        return Err(Misuse(format!("--tolerance is {tolerance}, expected 0 or more")).into());
    }
    let model = arguments.home.model(&arguments.model)?;
    let reference = arguments.reference.as_ref().unwrap_or(&model);
    let home = arguments.home.path();
    let differences = arguments.threads.run(|| mtlift_train::verify(&model, reference, home))??;
    let passed = differences.iter().all(|difference| passes(difference, tolerance));
    let verification = Verification { passed, tolerance, differences };
    if arguments.output.json {
        stdout::print_json(&verification)?;
    } else {
        stdout::print(&table(&verification))?;
    }
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A difference that is not a number does not pass.
fn passes(difference: &Difference, tolerance: f64) -> bool {
    difference.excused.is_some() || difference.error <= tolerance
}

fn table(verification: &Verification) -> String {
    let Verification { passed, tolerance, differences } = verification;
    let mut lines = Vec::new();
    let mut file = "";
    for difference in differences {
        if difference.reference != file {
            file = difference.reference;
            lines.push(file.to_owned());
        }
        let verdict = match difference.excused {
            Some(_) => "not judged",
            None if passes(difference, *tolerance) => "ok",
            None => "DIFFERS",
        };
        lines.push(format!(
            "  {:<24} {:>9.2e}  {verdict:<10}  of {} values, at {}",
            difference.quantity, difference.error, difference.values, difference.at
        ));
    }
    let mut reasons: Vec<_> = differences.iter().filter_map(|difference| difference.excused).collect();
    reasons.dedup();
    lines.extend(reasons.iter().map(|reason| format!("not judged: {reason}")));
    lines.push(format!("{} at tolerance {tolerance:e}", if *passed { "passed" } else { "FAILED" }));
    lines.join("\n")
}
