//! `mtlift predict`.

mod table;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use mtlift_files::read_bytes;
use mtlift_glue_data::{Format, INPUT, Task};
use mtlift_train::{Threshold, TrainedModel};
use serde::Serialize;

use self::table::{Form, Scale, Table};
use crate::gate::{Gate, GateFlags, Subject};
use crate::options::{Common, OutFile, Trained};
use crate::speed::Speed;
use crate::{progress, stdout};

/// Write a trained model's predictions for a split, or for rows of your own
#[derive(Args)]
#[command(after_help = "\
Examples:
  mtlift predict --model studies/rte --task RTE --input mine.csv --keep-columns --probabilities --out mine-predicted.csv
  mtlift predict --model runs/rte --task RTE --split test --out predictions.tsv
  generate | mtlift predict --model runs/rte --task RTE --input - --input-format jsonl --format jsonl --out - | consume

The output has a line for each row, in order: index, prediction (a label's name, or the value), and for each label its logit. \
Rows of your own have the text columns of the task's test file (for RTE sentence1 and sentence2), others as you like; they are \
counted from 0. For a file with several heads, --task FILE.toml, there is a column of predictions for each head that the run has \
trained, without logits; --task FILE.toml:HEAD is for one. TSV has no way to write a tab or a line break: a field with one is refused, and --format csv or jsonl takes it.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    trained: Trained,
    /// The split to predict
    #[arg(long, default_value = "test", conflicts_with = "input")]
    split: String,
    /// Rows of your own, instead of a split; `-` is standard input
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// The format of --input [default: what its name ends in, or the task's]
    #[arg(long, value_name = "FORMAT", requires = "input", value_parser = named(&Format::NAMES))]
    input_format: Option<Format>,
    /// Keep all columns of --input, in their order, before the prediction; of JSON lines all fields. No index is added then
    #[arg(long, requires = "input")]
    keep_columns: bool,
    /// Write the labels' probabilities (the softmax of the logits) in place of their logits
    #[arg(long)]
    probabilities: bool,
    /// The format of the output [default: what --out ends in, or tsv]
    #[arg(long, value_name = "FORMAT", value_parser = named(&Form::NAMES))]
    format: Option<Form>,
    #[command(flatten)]
    gate: GateFlags,
    #[command(flatten)]
    file: OutFile,
    #[command(flatten)]
    common: Common,
}

#[derive(Serialize)]
struct Written {
    task: String,
    rows: usize,
    #[serde(flatten)]
    speed: Speed,
    /// Of int8, for each head, unless any drop is allowed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gates: Vec<Gate>,
    predictions: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let Common { threads, home, cache, output } = &arguments.common;
    let file = &arguments.file;
    file.check(output)?;
    let most_drop = arguments.gate.most_drop(arguments.trained.precision())?.filter(|most| *most < 1.0);
    let form = arguments.format.or_else(|| Form::of(file.path())).unwrap_or(Form::Tsv);
    let tasks = arguments.trained.tasks(home)?;
    let mut untouched = arguments.trained.untouched(home, &tasks[0])?;
    if let Some(input) = &arguments.input {
        untouched = untouched.file(input);
    }
    untouched.check(file.path())?;
    let (tasks, split) = match &arguments.input {
        Some(input) => {
            let rows = content(input)?;
            let with_input = |task: Task| task.with_input(input, arguments.input_format, rows.clone());
            (tasks.into_iter().map(with_input).collect(), INPUT)
        }
        None => (tasks, arguments.split.as_str()),
    };
    let task = &tasks[0];
    let cache = cache.open();
    let (rows, speed, gates) = threads.run(|| -> Result<_> {
        let open = |task| arguments.trained.open(home, task);
        let models = tasks.iter().map(open).collect::<Result<Vec<_>>>()?;
        let threshold = |model| arguments.trained.threshold(model);
        let thresholds = models.iter().map(threshold).collect::<Result<Vec<_>>>()?;
        let read = |(model, task): (&TrainedModel, &Task)| {
            Ok(model.read(task, split, cache.as_ref(), &mut progress::warn)?)
        };
        let rows = models.iter().zip(&tasks).map(read).collect::<Result<Vec<_>>>()?;
        if let Some(input) = arguments.input.as_ref().filter(|_| task.assumes_header(split)) {
            progress::note(&format!(
                "the first line of {} is taken for the names of the columns, as the task's `header = true` says",
                input.display()
            ));
        }
        let own = if arguments.keep_columns { Some(task.source_table(split)?) } else { None };
        let scale = if arguments.probabilities { Scale::Probabilities } else { Scale::Logits };
        let heads = models.iter().zip(&tasks).map(|(model, task)| (task.head_name(), model.head()));
        let table = Table::check(heads.collect(), &rows[0].indices, own.as_ref(), scale, form)?;
        let mut gates = Vec::new();
        if let Some(most) = most_drop {
            for (place, task) in tasks.iter().enumerate() {
                let (int8, threshold) = (&models[place], thresholds[place].as_ref());
                let subject = Subject { trained: &arguments.trained, home, task, int8, threshold };
                let gate = Gate::before(most, &subject, &rows[place], cache.as_ref())?;
                gate.check()?;
                progress::note(&gate.to_string());
                gates.push(gate);
            }
        }
        let (logits, speed) = Speed::of(&rows, || {
            models.iter().zip(&rows).map(|(model, rows)| model.logits(rows)).collect::<Result<Vec<_>, _>>()
        });
        let predict = |((model, logits), threshold): ((&TrainedModel, Vec<f32>), &Option<Threshold>)| {
            Ok((model.predictions(&logits, threshold.as_ref())?, logits))
        };
        let predicted = models.iter().zip(logits?).zip(&thresholds).map(predict).collect::<Result<Vec<_>>>()?;
        file.write(|to| table.write(to, &predicted))?;
        Ok((rows[0].encoded.rows(), speed, gates))
    })??;
    let names: Vec<&str> = tasks.iter().map(|task| task.name.as_str()).collect();
    let written = Written { task: names.join(", "), rows, speed, gates, predictions: file.path().to_owned() };
    if output.json {
        stdout::print_json(&written)?;
    } else {
        file.announce(&format!("{}: {rows} predictions in {}", written.task, file.path().display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What is in the user's file, or comes on standard input.
fn content(input: &Path) -> Result<Vec<u8>> {
    if input == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).context("cannot read standard input")?;
        return Ok(bytes);
    }
    Ok(read_bytes(input)?)
}

/// A parser of names, and what each stands for.
fn named<T: Copy + Send + Sync + 'static, const N: usize>(
    names: &'static [(&'static str, T); N],
) -> impl TypedValueParser<Value = T> {
    let of = |name: String| names.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    PossibleValuesParser::new(names.map(|(name, _)| name))
        .try_map(move |name| of(name).ok_or("no such format"))
}
