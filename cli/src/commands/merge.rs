//! `mtlift merge`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use mtlift_glue_data::Task;
use mtlift_schedule::Merge;
use mtlift_train::{MergeJob, MergeOutcome, RunFiles};

use crate::misuse::Misuse;
use crate::options::{Home, Output, Threads, Untouched};
use crate::{progress, stdout};

/// Merge trained models of one architecture into one, without training
#[derive(Args)]
#[command(after_help = "\
Examples:
  mtlift merge runs/rte runs/mnli --base bert-tiny-splade --method metagpt --out merged/rte
  mtlift merge runs/rte runs/mnli --base bert-tiny-splade --method 'ties(density=0.3)' --out merged/rte
  mtlift merge runs/seed1 runs/seed2 runs/seed3 --method average --out merged/soup
  mtlift merge runs/rte runs/mnli --method fisher --data RTE --data MNLI --out merged/rte

The encoders are merged. The head, the labels and the tokenizer are the first model's: give the model of the task that you want \
first. transformers loads DIR, and so do mtlift predict, evaluate and train. `mtlift methods` lists the methods, with their parameters \
and sources; mtlift compare --arms single,merge:metagpt judges them.")]
pub(crate) struct Arguments {
    /// The models: what `mtlift train` wrote, or any directory with a model; the first keeps its head
    #[arg(value_name = "MODEL", required = true, num_args = 1..)]
    models: Vec<String>,
    /// The model that all of them started from; average, slerp, fisher and regmean need none
    #[arg(long, value_name = "MODEL")]
    base: Option<String>,
    /// How to merge, with parameters in parentheses: metagpt, average, arithmetic(0.3), ties(density=0.2), fisher, ..
    #[arg(long, value_name = "NAME")]
    method: Merge,
    /// The task of a MODEL, for fisher and regmean, which look at its training rows: once for each MODEL, in their order [default:
    /// none: the other methods look at no rows]
    #[arg(long, value_name = "TASK")]
    data: Vec<String>,
    /// The directory of the merged model
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Seed of the draws of dare and dare-ties, and of the rows that fisher and regmean look at
    #[arg(long, default_value_t = 42)]
    seed: u64,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    home: Home,
    #[command(flatten)]
    output: Output,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let Arguments { method, out, seed, threads, home, output, .. } = arguments;
    if method.is_chosen() {
        let why = "--method: +held-out is for arms of a study, which has rows to choose by: give the parameter a number";
        return Err(Misuse(why.to_owned()).into());
    }
    let find = |name: &String| home.model(name);
    let given = arguments.models.iter().map(find).collect::<Result<Vec<_>>>()?;
    let base = arguments.base.as_ref().map(find).transpose()?;
    let base = base.map(|directory| model_of(&directory)).transpose()?;
    let models = given.iter().map(|directory| model_of(directory)).collect::<Result<Vec<_>>>()?;
    let tasks = tasks(arguments)?;
    let read = models.iter().chain(&base);
    let read = read.fold(Untouched::home(home), |all, model| all.model(model));
    arguments.data.iter().zip(&tasks).fold(read, |all, (given, task)| all.task(given, task)).check(out)?;
    let job =
        MergeJob { models: &models, base: base.as_deref(), merge: *method, tasks: &tasks, seed: *seed, out };
    let outcome = threads.run(|| mtlift_train::merge(job, &mut progress::warn))??;
    if output.json {
        stdout::print_json(&outcome)?;
    } else {
        stdout::print(&summary(out, &outcome))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The task of each model, for a method that looks at rows.
fn tasks(arguments: &Arguments) -> Result<Vec<Task>> {
    let Arguments { models, method, data, home, .. } = arguments;
    let name = method.rule().about.name;
    let (given, needed) = (data.len(), models.len());
    if method.looks_at().is_none() && given > 0 {
        return Err(Misuse(format!("--data: {name} looks at no rows: leave it out")).into());
    }
    if method.looks_at().is_some() && given != needed {
        let why = format!(
            "--data: {name} looks at training rows of each model's own task: give --data TASK once for each MODEL, in the order of the \
             models; {needed} are needed ({}), found {given}",
            models.join(", ")
        );
        return Err(Misuse(why).into());
    }
    data.iter().map(|name| home.task(name)).collect()
}

/// The model that a directory stands for: its own, or that of a finished run on one task.
fn model_of(directory: &Path) -> Result<PathBuf> {
    if directory.join("config.json").is_file() || !directory.join("run.json").is_file() {
        return Ok(directory.to_owned());
    }
    let run = RunFiles::at(directory);
    if !run.is_finished() {
        let why =
            format!("{} holds a run that is not finished: go on with it by --resume", directory.display());
        return Err(Misuse(why).into());
    }
    match &run.models()?[..] {
        [model] => Ok(model.clone()),
        [] => Err(Misuse(format!("{} holds a run whose model was removed", directory.display())).into()),
        several => {
            let names: Vec<String> = several.iter().map(|model| model.display().to_string()).collect();
            let why = format!(
                "{} holds a run on several tasks: give the model of one, {}",
                directory.display(),
                names.join(" or ")
            );
            Err(Misuse(why).into())
        }
    }
}

/// What a person wants to know of a merge.
fn summary(out: &Path, outcome: &MergeOutcome) -> String {
    let mut lines = Vec::new();
    for model in &outcome.models {
        let mut line = model.model.display().to_string();
        if let Some(change) = model.change {
            line += &format!(": its encoder is {change:.4} from the base");
        }
        if let Some(coefficient) = model.coefficient {
            line += &format!("; it counts {coefficient:.4}");
        }
        if let Some(rows) = model.rows {
            let after = if model.change.is_some() { ";" } else { ":" };
            line += &format!("{after} {rows} rows of its task were looked at");
        }
        lines.push(line);
    }
    let first = outcome.models.first().map(|first| first.model.display().to_string()).unwrap_or_default();
    lines.push(format!(
        "{}: {} parameters of the encoder merged; head and tokenizer are those of {first}",
        outcome.method, outcome.merged
    ));
    lines.push(format!("model: {}", out.display()));
    lines.join("\n")
}
