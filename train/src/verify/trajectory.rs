//! A run of optimiser steps on recorded batches: losses, norms, and where the parameters end.

use std::path::Path;

use mtlift_encoder::{Config, Encoder};
use mtlift_files::{TensorFile, read_record};
use mtlift_schedule::Row;
use serde::Deserialize;

use super::batches::Recorded;
use super::golden::wide;
use super::{Difference, KEY_BIAS, Optimizer, Worst, open};
use crate::{Error, TrainingRows};

pub(super) const FILE: &str = "trajectory.safetensors";

/// What is read of `trajectory.json`.
#[derive(Deserialize)]
struct Settings {
    #[serde(flatten)]
    optimizer: Optimizer,
    lr: f64,
    warmup_steps: u64,
    total_steps: u64,
}

pub(super) fn verify(
    model_dir: &Path,
    config: &Config,
    reference_dir: &Path,
) -> Result<Vec<Difference>, Error> {
    let json = reference_dir.join("trajectory.json");
    let settings: Settings = read_record(&json)?;
    let path = reference_dir.join(FILE);
    let file = TensorFile::open(&path)?;
    let (network, labels, params) = open(model_dir, config)?;
    let Recorded { encoded, targets, batch, .. } = Recorded::read(&path, &file, config, &labels)?;
    let schedule = mtlift_schedule::LearningRate::with_warmup_steps(
        mtlift_schedule::Shape::Linear,
        settings.lr,
        settings.warmup_steps,
        settings.total_steps,
    )?;

    let mut trainer = settings.optimizer.trainer(&json, network, params)?;
    let tasks = [TrainingRows::plain(&encoded, &targets)];
    let (mut losses, mut norms, mut rates) = (Vec::new(), Vec::new(), Vec::new());
    let rows: Vec<Row> = (0..encoded.rows() as u32).map(|row| Row { task: 0, row }).collect();
    for (step, rows) in rows.chunks(batch).enumerate() {
        let rate = schedule.at(step as u64);
        let report = trainer.step(&tasks, rows, &[1.0 / rows.len() as f64], rate);
        losses.push(report.loss);
        norms.push(report.grad_norm);
        rates.push(rate);
    }
    let series = |quantity: &'static str, got: Vec<f64>, name: &str| -> Result<Difference, Error> {
        let mut worst = Worst::new(FILE, quantity);
        worst.compare(got, wide(&file.f32(name)?.1), |step| format!("step {step}"));
        Ok(worst.difference)
    };
    let mut differences = vec![
        series("learning rates", rates, "lr")?,
        series("losses", losses, "loss")?,
        series("gradient norms", norms, "grad_norm")?,
    ];
    let mut parameters = Worst::new(FILE, "final parameters");
    let mut key_biases = Worst::new(FILE, "final key biases");
    key_biases.difference.excused = Some(KEY_BIAS);
    for entry in trainer.network().layout().entries() {
        let (_, want) = file.f32(&format!("final.{}", entry.name))?;
        let got = wide(&trainer.params.values()[entry.range.clone()]);
        let worst = if Encoder::is_key_bias(&entry.name) { &mut key_biases } else { &mut parameters };
        worst.compare(got, wide(&want), |i| format!("{}, value {i}", entry.name));
    }
    differences.extend([parameters.difference, key_biases.difference]);
    Ok(differences)
}
