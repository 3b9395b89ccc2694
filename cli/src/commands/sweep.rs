//! `mtlift sweep`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use mtlift_study::Question;

use super::making::Making;
use super::question::{QuestionFlags, StudyFile};

/// Compare STILTs and MTL on every ordered pair of tasks, with MTL-ALL and single: the paper's figure 1 and table 1
#[derive(Args)]
#[command(after_help = "\
Example: three tasks, six pairs
  mtlift sweep --tasks MRPC,RTE,WNLI --model bert-tiny-splade --lr 3e-4 --out studies/sweep")]
pub(crate) struct Arguments {
    /// A study file: the question in TOML, as `--print-study` prints it; flags replace what it says
    study: Option<PathBuf>,
    /// The tasks; each is a target, and a support of the others [default: GLUE's nine, in the order of the paper's figure]
    #[arg(long, value_name = "TASK,...", value_delimiter = ',')]
    tasks: Option<Vec<String>>,
    #[command(flatten)]
    question: QuestionFlags,
    #[command(flatten)]
    making: Making,
}

/// The tasks of a sweep, in the order of the paper's figure.
const PAPER_ORDER: [&str; 9] = ["MNLI", "QQP", "QNLI", "SST-2", "CoLA", "STS-B", "MRPC", "RTE", "WNLI"];

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let file = arguments.study.as_deref().map(StudyFile::read).transpose()?;
    let mut spec = arguments.question.spec(Question::Sweep, file.as_ref())?;
    let all = || PAPER_ORDER.map(str::to_owned).to_vec();
    if let Some(mut tasks) = arguments.tasks.clone().or_else(|| spec.targets.is_empty().then(all)) {
        // The paper's order for its own tasks, the user's for the rest after them.
        tasks.sort_by_key(|task| {
            PAPER_ORDER.iter().position(|name| name.eq_ignore_ascii_case(task)).unwrap_or(9)
        });
        (spec.targets, spec.supports) = (tasks.clone(), tasks);
    }
    arguments.making.make(spec, None, None)
}
