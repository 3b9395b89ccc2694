//! `mtlift compare`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use mtlift_study::Question;

use super::making::Making;
use super::question::{QuestionFlags, TargetFlags};

/// Train the arms on a target over several seeds, and say which to use
#[derive(Args)]
#[command(after_help = "\
Example: does a support help RTE, and which?
  mtlift compare --target RTE --support MRPC,QNLI --model all-MiniLM-L6-v2 --max-train 2500 --seeds 3 --out studies/rte

The arms are single (the target alone), stilts (the support first, then the target), mtl (both at once), mtl-all (all tasks \
at once) and mtl-then-target (both at once, then the target). The cost is measured and printed before the first run. --resume \
continues a study that was stopped, and adds seeds, supports or arms to one that is finished. Several processes may work on \
one study. STUDY/report.html needs no other file; STUDY/tables has the numbers.")]
pub(crate) struct Arguments {
    /// A study file: the question in TOML, as `--print-study` prints it; flags replace what it says
    study: Option<PathBuf>,
    #[command(flatten)]
    target: TargetFlags,
    #[command(flatten)]
    question: QuestionFlags,
    #[command(flatten)]
    making: Making,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut spec = arguments.question.spec(Question::Compare, arguments.study.as_deref())?;
    arguments.target.apply(&mut spec);
    arguments.making.make(spec)
}
