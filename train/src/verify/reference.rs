//! A real encoder on the first rows of a real task, from a recorded head: token ids, logits before and after, losses and norms.

use std::path::Path;

use mtlift_encoder::{Checkpoint, Config};
use mtlift_files::{TensorFile, read_record};
use mtlift_glue_data::{Kind, Target, Task};
use mtlift_schedule::Row;
use mtlift_tokenizer::Encoded;
use serde::Deserialize;

use super::golden::wide;
use super::{Difference, Optimizer, Worst};
use crate::data::check_rows;
use crate::model::want_pretrained;
use crate::run::open_tokenizer;
use crate::{Error, Network, Trainer, TrainingRows};

pub(super) const FILE: &str = "reference.safetensors";

/// `reference.json`.
#[derive(Deserialize)]
struct Settings {
    #[serde(flatten)]
    optimizer: Optimizer,
    task: String,
    steps: usize,
    batch: usize,
    lr: f64,
    max_tokens: usize,
    first_token_ids: Vec<Vec<u32>>,
    first_segment_ids: Vec<Vec<u32>>,
}

pub(super) fn verify(
    model_dir: &Path,
    config: &Config,
    reference_dir: &Path,
    data_home: Option<&Path>,
) -> Result<Vec<Difference>, Error> {
    let json = reference_dir.join("reference.json");
    let settings: Settings = read_record(&json)?;
    let path = reference_dir.join(FILE);
    let file = TensorFile::open(&path)?;
    let task = Task::find(&settings.task, data_home)?;
    let wrong = |what: String| Error::Reference { file: json.clone(), what };
    let limit = config.max_tokens();
    if settings.max_tokens > limit {
        return Err(wrong(format!("`max_tokens` is {}, and the model takes {limit}", settings.max_tokens)));
    }
    let rows = settings.steps.checked_mul(settings.batch).filter(|_| settings.batch > 0);
    let rows = rows.ok_or_else(|| {
        let (steps, batch) = (settings.steps, settings.batch);
        wrong(format!("{steps} steps of {batch} rows cannot be made"))
    })?;
    let encoder = open_tokenizer(model_dir, config, Some(settings.max_tokens))?;
    let read = |split: &str, rows: usize| -> Result<(Encoded, Vec<Target>), Error> {
        let mut split = task.read(split)?;
        split.examples.truncate(rows);
        let unlabelled =
            || Error::Reference { file: split.path.clone(), what: "rows without labels".to_owned() };
        let encoded = encoder.encode(&split.examples)?;
        check_rows(&encoded, config)?;
        Ok((encoded, split.targets().ok_or_else(unlabelled)?))
    };
    let (_, before) = file.f32("dev_logits_before")?;
    let outputs = if task.kind == Kind::Regression { 1 } else { task.labels.len() };
    let (dev, _) = read("dev", before.len() / outputs)?;
    let (train, targets) = read("train", rows)?;

    let listed = settings.first_token_ids.len().max(settings.first_segment_ids.len());
    if listed > train.rows() {
        return Err(wrong(format!("ids of {listed} rows, but it trains on {}", train.rows())));
    }
    let mut ids = Worst::new(FILE, "token and segment ids");
    let first = settings.first_token_ids.iter().chain(&settings.first_segment_ids);
    let rows = settings.first_token_ids.len();
    for (i, want) in first.enumerate() {
        let (what, row) = if i < rows { (&train.ids, i) } else { (&train.segments, i - rows) };
        let got = &what[train.range(row)];
        if got.len() != want.len() {
            let what = format!("train row {row} has {} tokens, the reference has {}", got.len(), want.len());
            return Err(wrong(what));
        }
        let wide = |ids: &[u32]| ids.iter().map(|&id| f64::from(id)).collect::<Vec<_>>();
        ids.compare(wide(got), wide(want), |token| format!("train row {row}, token {token}"));
    }

    let network = Network::new(config, &[outputs]);
    let (mut params, _) =
        Checkpoint::open(model_dir)?.read(config.family.prefix(), network.layout(), want_pretrained)?;
    for name in file.names().filter_map(|name| name.strip_prefix("init.")) {
        let values = file.f32(&format!("init.{name}"))?.1;
        let entry = network.layout().find(name).filter(|entry| entry.range.len() == values.len());
        let misfit = || Error::Reference { file: path.clone(), what: format!("`{name}` is not a parameter") };
        params.values_mut()[entry.ok_or_else(misfit)?.range.clone()].copy_from_slice(&values);
    }
    let mut trainer = settings.optimizer.trainer(&json, network, params)?;
    let compare_logits = |trainer: &mut Trainer, quantity, want: &[f32]| {
        let mut worst = Worst::new(FILE, quantity);
        worst.compare(wide(&logits(trainer, &dev)), wide(want), |i| format!("dev row {}", i / outputs));
        worst.difference
    };
    let mut differences =
        vec![ids.difference, compare_logits(&mut trainer, "logits before training", &before)];
    let tasks = [TrainingRows::plain(&train, &targets)];
    let rows: Vec<Row> = (0..train.rows() as u32).map(|row| Row { task: 0, row }).collect();
    let reports: Vec<_> = rows
        .chunks(settings.batch)
        .map(|rows| trainer.step(&tasks, rows, &[1.0 / rows.len() as f64], settings.lr))
        .collect();
    for (quantity, name, got) in [
        ("losses", "loss", reports.iter().map(|report| report.loss).collect::<Vec<_>>()),
        ("gradient norms", "grad_norm", reports.iter().map(|report| report.grad_norm).collect()),
    ] {
        let mut worst = Worst::new(FILE, quantity);
        worst.compare(got, wide(&file.f32(name)?.1), |step| format!("step {step}"));
        differences.push(worst.difference);
    }
    differences.push(compare_logits(&mut trainer, "logits after training", &file.f32("dev_logits_after")?.1));
    Ok(differences)
}

/// The logits of all rows, `[rows, L]`.
fn logits(trainer: &mut Trainer, encoded: &Encoded) -> Vec<f32> {
    let (network, params, workspace, batch) = trainer.evaluation();
    crate::predict::logits(network, params, 0, encoded, workspace, batch)
}
