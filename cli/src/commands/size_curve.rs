//! `mtlift size-curve`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use mtlift_study::Question;

use super::making::Making;
use super::question::{QuestionFlags, StudyFile};
use crate::options::set;

/// Compare STILTs and MTL with one support cut to several sizes: the paper's controlled size experiment
#[derive(Args)]
#[command(after_help = "\
Example: at which size of the support does the better strategy change?
  mtlift size-curve --target QNLI --support MNLI --ratios 1/3,1/2,1,2,3 --model bert-tiny-splade --max-train 6000 --out studies/size

--max-train cuts the target; the support has RATIO times as many rows.")]
pub(crate) struct Arguments {
    /// A study file: the question in TOML, as `--print-study` prints it; flags replace what it says
    study: Option<PathBuf>,
    /// The task whose score matters: GLUE's, the built-in suite's (demo:sentiment), or a TOML file that describes your own
    #[arg(long, value_name = "TASK")]
    target: Option<String>,
    /// The task that may help
    #[arg(long, value_name = "TASK")]
    support: Option<String>,
    /// Rows of the support over rows of the target [default: 1/3,1/2,1,2,3]
    #[arg(long, value_name = "RATIO,...", value_delimiter = ',', value_parser = ratio)]
    ratios: Option<Vec<f64>>,
    #[command(flatten)]
    question: QuestionFlags,
    #[command(flatten)]
    making: Making,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let file = arguments.study.as_deref().map(StudyFile::read).transpose()?;
    let mut spec = arguments.question.spec(Question::SizeCurve, file.as_ref())?;
    set(&mut spec.targets, arguments.target.clone().map(|target| vec![target]));
    set(&mut spec.supports, arguments.support.clone().map(|support| vec![support]));
    set(&mut spec.ratios, arguments.ratios.clone());
    arguments.making.make(spec, None, None)
}

/// `1/3` or `0.5`.
fn ratio(given: &str) -> Result<f64, String> {
    let number = |text: &str| text.trim().parse::<f64>().map_err(|error| error.to_string());
    match given.split_once('/') {
        Some((above, below)) => Ok(number(above)? / number(below)?),
        None => number(given),
    }
}
