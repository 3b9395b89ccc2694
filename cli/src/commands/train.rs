//! `mtlift train`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use mtlift_eval::Scores;
use mtlift_schedule::{Adapt, HeadStart};
use mtlift_train::{
    Job, JobTask, Mixing, Outcome, Protocol, RunFiles, RunResult, ScoreRows, Settings, TaskResult,
    ThresholdBy, ThresholdResult,
};
use serde_json::{Map, Value};

use crate::group_line::group_line;
use crate::options::{Common, SettingsFlags, Untouched, one_of, show_train_defaults};
use crate::progress::Terminal;
use crate::stdout;

/// Fine-tune a model on a task, score it on dev, and write a directory that transformers loads
#[derive(Args)]
#[command(mut_args(show_train_defaults))]
#[command(after_help = "\
Example: half a minute on a small model
  mtlift train --model bert-tiny-splade --task RTE --epochs 3 --batch 32 --lr 1e-4 --seed 42 --out runs/rte

Protocols:
  held-out   a stratified part of train selects the checkpoint; dev is read once, for the score
  paper      dev selects the checkpoint and scores it, as in Weller, Seppi and Gardner (2022)
  fixed      all of train, no selection, the last step's model: to compare with other systems

AutoModelForSequenceClassification.from_pretrained loads OUT/model. OUT/run.json, OUT/steps.jsonl, OUT/evals.jsonl and \
OUT/predictions-dev.tsv show how the model was made. --resume continues a run that was killed; it ends with the same bits.")]
pub(crate) struct Arguments {
    /// The model to start from: a directory in Hugging Face layout, or a name below the data home's models/
    #[arg(long)]
    model: String,
    /// A task: GLUE's, the built-in suite's (demo:sentiment), or a TOML file that describes your own (see `mtlift data list`); of a
    /// file with several heads all of them together, or FILE.toml:HEAD
    #[arg(long)]
    task: String,
    /// The run's directory
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Continue the run in --out
    #[arg(long)]
    resume: bool,
    /// Which rows select the checkpoint and which score it
    #[arg(long, value_parser = one_of(&Protocol::ALL, Protocol::name), default_value = "held-out")]
    protocol: Protocol,
    /// Seed of the order of rows, dropout and the fresh head
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// Stop after N steps; the learning rate's schedule then spans them [default: those of --epochs and --min-steps]
    #[arg(long, value_name = "N", help_heading = "Training")]
    max_steps: Option<u64>,
    /// Get used to the task's texts first: masked-language modelling on the training rows for so many epochs, 0 for as long as the
    /// training; at another rate as 3,lr=1e-4 [default: none]
    #[arg(long, value_name = "EPOCHS", value_parser = adapt, help_heading = "Training")]
    adapt: Option<Adapt>,
    /// For a task of two labels, choose on the held-out rows the probability from which on the positive label is predicted, so
    /// that METRIC is best; `predict` and `evaluate` use it with --threshold stored [default: no threshold; without METRIC
    /// headline, the mean of the task's metrics]
    #[arg(long, value_name = "METRIC", num_args = 0..=1, default_missing_value = "headline", help_heading = "Selection")]
    choose_threshold: Option<ThresholdBy>,
    #[command(flatten)]
    settings: SettingsFlags,
    #[command(flatten)]
    common: Common,
}

/// What stands between the parentheses of the arm `adapt`.
fn adapt(given: &str) -> Result<Adapt, mtlift_schedule::Error> {
    format!("adapt({given})").parse()
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let settings = arguments.settings()?;
    settings.check()?;
    let Common { threads, home, cache, output } = &arguments.common;
    let tasks = home.tasks(&arguments.task)?;
    let model = home.model(&arguments.model)?;
    Untouched::home(home).model(&model).task(&arguments.task, &tasks[0]).check(&arguments.out)?;
    let cache = cache.open();
    let part = |task| JobTask { task, max_train: None, score_rows: None, taught: None };
    let job = Job {
        model: &model,
        tasks: &tasks.iter().map(part).collect::<Vec<_>>(),
        mixing: &Mixing::default(),
        start: HeadStart::Kept,
        settings: &settings,
        out: &arguments.out,
        cache: cache.as_ref(),
        resume: arguments.resume,
        conflict_every: None,
        rebalanced: None,
    };
    let outcome = threads.run(|| match arguments.adapt {
        None => mtlift_train::train(job, &mut Terminal::new()),
        Some(how) => mtlift_train::train_adapted(how, job, &mut Terminal::new()),
    })??;
    if output.json {
        stdout::print_json(&object(&outcome)?)?;
    } else {
        stdout::print(&summary(arguments, &outcome))?;
    }
    Ok(ExitCode::SUCCESS)
}

impl Arguments {
    fn settings(&self) -> Result<Settings> {
        let (seed, max_steps) = (self.seed, self.max_steps);
        let choose_threshold = self.choose_threshold;
        let mut settings = Settings { seed, max_steps, choose_threshold, ..Settings::of(self.protocol) };
        self.settings.apply(&mut settings)?;
        Ok(settings)
    }
}

/// All that the run says of itself, as one object.
fn object(outcome: &Outcome) -> Result<Map<String, Value>> {
    let fields = |value: Value| value.as_object().cloned().unwrap_or_default();
    let (result, timing) = (serde_json::to_value(&outcome.result)?, serde_json::to_value(&outcome.timing)?);
    Ok(fields(result).into_iter().chain(fields(timing)).collect())
}

/// What a person wants to know when a run is done.
fn summary(arguments: &Arguments, outcome: &Outcome) -> String {
    let Outcome { result, timing } = outcome;
    let mut lines: Vec<String> = result.tasks().flat_map(|task| of_task(result, task)).collect();
    let memory = timing.peak_rss_mib.map_or(String::new(), |mib| format!(", peak memory {mib} MiB"));
    lines.push(format!("{:.1} s, {:.0} tokens/s{memory}", timing.seconds, timing.tokens_per_s));
    let model = |task: &TaskResult| RunFiles::at(&arguments.out).model(result.tasks().count(), &task.task);
    lines.extend(result.tasks().map(|task| format!("model: {}", model(task).display())));
    lines.join("\n")
}

/// What a task scored.
fn of_task(result: &RunResult, task: &TaskResult) -> Vec<String> {
    let RunResult { protocol, seed, steps, .. } = result;
    let scores = |scores: &Scores| -> String {
        let each = scores.iter().map(|(metric, score)| format!("{metric} {:.4}", score.value));
        let headline = [format!("headline {:.4}", scores.headline())];
        let degenerate = scores.degenerate().map(|degenerate| format!("degenerate ({degenerate})"));
        each.chain(headline).chain(degenerate).collect::<Vec<_>>().join(", ")
    };
    let dev = match (&task.metrics, task.selected_score) {
        (Some(metrics), _) => match &task.score_rows {
            None => format!("dev: {}", scores(metrics)),
            Some(ScoreRows { rows, dev, unused }) => format!(
                "dev and {rows} unused training rows: {}; dev alone {:.4}, the others {:.4}",
                scores(metrics),
                dev.headline(),
                unused.headline()
            ),
        },
        (None, Some(score)) => format!("held out of train: headline {score:.4}; no dev split, no dev score"),
        (None, None) => "no dev split, no score".to_owned(),
    };
    let mut lines = vec![format!(
        "{} {dev} (protocol {protocol}, seed {seed}, model of step {} of {steps})",
        task.task, task.selected_step,
    )];
    lines.extend(task.groups.as_ref().map(|groups| format!("{} {}", task.task, group_line(groups))));
    for (split, other) in &task.other_metrics {
        lines.push(format!("{} {split}: {}", task.task, scores(other)));
    }
    if let Some(chosen) = &task.threshold {
        let ThresholdResult { threshold, chosen_by, held_out, held_out_at_half, metrics } = chosen;
        let dev =
            metrics.as_ref().map_or(String::new(), |metrics| format!("; dev with it: {}", scores(metrics)));
        lines.push(format!(
            "threshold: {} from probability {:.4} on; {} {held_out:.4} on held-out rows, {held_out_at_half:.4} at 0.5{dev}",
            threshold.label,
            threshold.probability,
            chosen_by.name(),
        ));
    }
    lines
}
