//! `mtlift plan`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use mtlift_study::{Question, RunPlan};

use super::question::{QuestionFlags, StudyFile, TargetFlags};
use super::subjects::Subjects;
use crate::options::Common;
use crate::stdout;

/// Print the steps of every arm and how often each task's rows are seen, without training
#[derive(Args)]
#[command(after_help = "\
Example: what the paper's exposure does to a large target with a small support
  mtlift plan --target MNLI --support RTE --model bert-tiny-splade --protocol paper")]
pub(crate) struct Arguments {
    /// A study file, as for `mtlift compare`
    study: Option<PathBuf>,
    #[command(flatten)]
    target: TargetFlags,
    #[command(flatten)]
    question: QuestionFlags,
    #[command(flatten)]
    common: Common,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let file = arguments.study.as_deref().map(StudyFile::read).transpose()?;
    let mut spec = arguments.question.spec(Question::Compare, file.as_ref())?;
    arguments.target.apply(&mut spec);
    let Common { threads, home, cache, output } = &arguments.common;
    let subjects = Subjects::find(&spec, home, cache)?;
    let plans = threads.run(|| mtlift_study::plan(&spec, subjects.sources()))??;
    if output.json {
        stdout::print_json(&plans)?;
    } else {
        stdout::print(&plans.iter().map(text).collect::<Vec<_>>().join("\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A line for the run, and one for each of its tasks.
fn text(plan: &RunPlan) -> String {
    let about = if plan.estimated { " (if all tasks stay as far from their single-task scores)" } else { "" };
    let early = if plan.may_stop_early { ", or fewer by --patience" } else { "" };
    if plan.steps == 0 {
        return format!("{}: without training", plan.run);
    }
    let mut lines =
        vec![format!("{}: {} steps in {} epochs{early}{about}", plan.run, plan.steps, plan.epochs)];
    for task in &plan.tasks {
        let (first, last) = task.seen;
        let seen = if first == last { first.to_string() } else { format!("{first} (in the last {last})") };
        lines.push(format!(
            "    {:<8} {seen} of {} rows an epoch: {:.1} % on average",
            task.task,
            task.rows,
            100.0 * task.passes
        ));
    }
    lines.join("\n")
}
