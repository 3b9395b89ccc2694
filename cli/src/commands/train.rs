//! `mtlift train`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use mtlift_schedule::{HeadStart, Shape};
use mtlift_train::{Job, JobTask, Mixing, Outcome, Protocol, Settings};
use serde_json::Value;

use crate::options::{Common, Misuse, one_of};
use crate::progress::Terminal;
use crate::stdout;

/// Fine-tune a model on a task, score it on dev, and write a directory that transformers loads
#[derive(Args)]
#[command(after_help = "\
Example: half a minute on a small model
  mtlift train --model bert-tiny-splade --task RTE --epochs 3 --batch 32 --lr 1e-4 --seed 42 --out runs/rte

Protocols:
  held-out   a stratified part of train selects the checkpoint; dev is read once, for the score
  paper      dev selects the checkpoint and scores it, as in Weller, Seppi and Gardner (2022)
  fixed      all of train, no selection, the last step's model: to compare with other systems

OUT/model is a directory for AutoModelForSequenceClassification.from_pretrained; OUT/predictions-dev.tsv,
OUT/steps.jsonl, OUT/evals.jsonl and OUT/run.json say how it came to be. A run that was killed goes on with
--resume and ends with the same bits.")]
pub(crate) struct Arguments {
    /// The model to start from: a directory in Hugging Face layout, or a name below the data home's models/
    #[arg(long)]
    model: String,
    /// A GLUE task, or a TOML file that describes a task of your own (see `mtlift data list`)
    #[arg(long)]
    task: String,
    /// The run's directory
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Go on with the run in --out
    #[arg(long)]
    resume: bool,
    /// Which rows select the checkpoint and which score it
    #[arg(long, value_parser = one_of(&Protocol::ALL, Protocol::name), default_value = "held-out")]
    protocol: Protocol,
    /// Seeds the order of rows, dropout and the fresh head
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// Passes over the training rows
    #[arg(long, default_value_t = 3, help_heading = "Training")]
    epochs: u32,
    /// Examples of a step
    #[arg(long, default_value_t = 32, help_heading = "Training")]
    batch: usize,
    /// Examples in memory at a time [default: the whole batch]; changes memory and speed, not the result beyond rounding
    #[arg(long, value_name = "N", help_heading = "Training")]
    micro_batch: Option<usize>,
    /// The greatest learning rate
    #[arg(long, value_name = "RATE", default_value_t = 5e-5, help_heading = "Training")]
    lr: f64,
    /// What the learning rate does after warm-up
    #[arg(long, value_parser = one_of(&Shape::ALL, Shape::name), default_value = "linear", help_heading = "Training")]
    schedule: Shape,
    /// Share of the steps over which the learning rate rises from 0
    #[arg(long, value_name = "SHARE", default_value_t = 0.06, help_heading = "Training")]
    warmup: f64,
    /// AdamW's decay; biases and LayerNorm have none
    #[arg(long, value_name = "DECAY", default_value_t = 0.01, help_heading = "Training")]
    weight_decay: f64,
    /// The greatest norm of a step's gradients
    #[arg(long, value_name = "NORM", default_value_t = 1.0, help_heading = "Training")]
    clip: f64,
    /// Replaces the model's dropout rates
    #[arg(long, value_name = "RATE", help_heading = "Training")]
    dropout: Option<f64>,
    /// The most tokens of a row; longer ones are cut, the longer text of a pair first [default: 128]
    #[arg(long, value_name = "N", help_heading = "Training")]
    max_tokens: Option<usize>,
    /// Stop after this many steps; the learning rate's schedule then spans them
    #[arg(long, value_name = "N", help_heading = "Training")]
    max_steps: Option<u64>,
    /// Train on this many rows, the same for every seed, classes in proportion
    #[arg(long, value_name = "N", help_heading = "Training")]
    max_train: Option<usize>,
    /// Epochs between evaluations
    #[arg(long, value_name = "EPOCHS", default_value_t = 0.5, help_heading = "Selection")]
    evaluate_every: f64,
    /// Stop after this many evaluations without improvement
    #[arg(long, value_name = "N", help_heading = "Selection")]
    patience: Option<u32>,
    /// Share of train that selects the checkpoint (protocol held-out) [default: 0.1]
    #[arg(long, value_name = "SHARE", help_heading = "Selection")]
    held_out: Option<f64>,
    #[command(flatten)]
    common: Common,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let settings = arguments.settings()?;
    settings.check()?;
    let Common { threads, home, cache, output } = &arguments.common;
    let task = home.task(&arguments.task)?;
    let model = home.model(&arguments.model)?;
    let cache = cache.open();
    let job = Job {
        model: &model,
        tasks: &[JobTask { task: &task, max_train: None }],
        mixing: &Mixing::default(),
        start: HeadStart::Kept,
        settings: &settings,
        out: &arguments.out,
        cache: cache.as_ref(),
        resume: arguments.resume,
    };
    let outcome = threads.run(|| mtlift_train::train(job, &mut Terminal::new()))??;
    if output.json {
        let all: serde_json::Map<_, _> = outcome.result.into_iter().chain(outcome.timing).collect();
        stdout::print_json(&all)?;
    } else {
        stdout::print(&summary(arguments, &outcome))?;
    }
    Ok(ExitCode::SUCCESS)
}

impl Arguments {
    fn settings(&self) -> Result<Settings> {
        if self.held_out.is_some() && self.protocol != Protocol::HeldOut {
            return Err(Misuse("--held-out is for --protocol held-out alone".to_owned()).into());
        }
        if self.patience.is_some() && self.protocol == Protocol::Fixed {
            return Err(Misuse("--patience selects, and --protocol fixed does not".to_owned()).into());
        }
        let defaults = Settings::default();
        Ok(Settings {
            protocol: self.protocol,
            epochs: self.epochs,
            batch: self.batch,
            micro_batch: self.micro_batch,
            learning_rate: self.lr,
            schedule: self.schedule,
            warmup: self.warmup,
            weight_decay: self.weight_decay,
            clip: self.clip,
            dropout: self.dropout,
            max_tokens: self.max_tokens,
            evaluate_every: self.evaluate_every,
            patience: self.patience,
            held_out: self.held_out.unwrap_or(defaults.held_out),
            max_train: self.max_train,
            max_steps: self.max_steps,
            seed: self.seed,
        })
    }
}

/// What a person wants to know when a run is done.
fn summary(arguments: &Arguments, outcome: &Outcome) -> String {
    let (result, timing) = (&outcome.result, &outcome.timing);
    let text = |key: &str| result.get(key).map_or(String::new(), |value| value.to_string().replace('"', ""));
    let number = |key: &str| timing.get(key).and_then(Value::as_f64).unwrap_or(f64::NAN);
    let scores = |value: &Value| -> String {
        let scores = value.as_object().into_iter().flatten();
        scores
            .map(|(name, value)| match value.as_f64() {
                Some(score) => format!("{name} {score:.4}"),
                None => format!("{name} ({})", value.as_str().unwrap_or_default()),
            })
            .collect::<Vec<_>>()
            .join(", ")
    };
    let mut lines = vec![format!(
        "{} dev: {} (protocol {}, seed {}, model of step {} of {})",
        text("task"),
        result.get("metrics").map_or(String::new(), scores),
        text("protocol"),
        text("seed"),
        text("selected_step"),
        text("steps"),
    )];
    for (split, value) in result.get("other_metrics").and_then(Value::as_object).into_iter().flatten() {
        lines.push(format!("{} {split}: {}", text("task"), scores(value)));
    }
    let memory = timing
        .get("peak_rss_mib")
        .and_then(Value::as_u64)
        .map_or(String::new(), |mib| format!(", peak memory {mib} MiB"));
    lines.push(format!("{:.1} s, {:.0} tokens/s{memory}", number("seconds"), number("tokens_per_s")));
    lines.push(format!("model: {}", arguments.out.join("model").display()));
    lines.join("\n")
}
