//! Parity as a command: a model run against values that PyTorch and transformers recorded for it.
//!
//! Three kinds of reference, told by their file: one batch with all gradients, a run of optimiser steps on recorded batches, and a
//! run of a real encoder on the first rows of a real task. Dropout is off in all of them.

mod batches;
mod golden;
mod reference;
mod trajectory;

use std::path::Path;

use mtlift_encoder::{Checkpoint, Config, Labels, Want};
use mtlift_nn::{AdamWConfig, Store};
use serde::{Deserialize, Serialize};

use crate::{Error, Network, Trainer};

/// The greatest difference found in one quantity.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The file that holds the reference.
    pub reference: &'static str,
    /// What was compared.
    pub quantity: &'static str,
    /// Where it differs most.
    pub at: String,
    /// By how much: absolute for references below one, relative above. NaN if a value is not a number.
    pub error: f64,
    /// How many values were compared.
    pub values: usize,
    /// Why the difference says nothing about the implementation, where it does not.
    pub excused: Option<&'static str>,
}

/// Keys enter attention through a softmax that a shift of all scores of a query leaves as it is, so the loss does not depend
/// on their biases: the gradients are zero but for rounding, which AdamW scales up to whole steps.
const KEY_BIAS: &str =
    "the loss does not depend on key biases: their gradients are rounding, and AdamW makes steps of it";

/// Compares the model in `model_dir` with every reference in `reference_dir`. References on real rows read their task
/// below `data_home`.
///
/// # Errors
/// If a file cannot be read or does not fit the model, or if there is no reference.
pub fn verify(
    model_dir: &Path,
    reference_dir: &Path,
    data_home: Option<&Path>,
) -> Result<Vec<Difference>, Error> {
    let config = Config::read(model_dir)?;
    let mut differences = Vec::new();
    if reference_dir.join(golden::FILE).exists() {
        differences.extend(golden::verify(model_dir, &config, reference_dir)?);
    }
    if reference_dir.join(trajectory::FILE).exists() {
        differences.extend(trajectory::verify(model_dir, &config, reference_dir)?);
    }
    if reference_dir.join(reference::FILE).exists() {
        differences.extend(reference::verify(model_dir, &config, reference_dir, data_home)?);
    }
    if differences.is_empty() {
        return Err(Error::NoReference { directory: reference_dir.to_owned() });
    }
    Ok(differences)
}

/// The optimiser of a recorded run.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Optimizer {
    weight_decay: f64,
    max_grad_norm: f64,
    #[serde(default = "betas")]
    betas: [f64; 2],
    #[serde(default = "eps")]
    eps: f64,
}

fn betas() -> [f64; 2] {
    let AdamWConfig { beta1, beta2, .. } = AdamWConfig::default();
    [beta1, beta2]
}

fn eps() -> f64 {
    AdamWConfig::default().eps
}

impl Optimizer {
    /// A trainer with this optimiser.
    ///
    /// # Errors
    /// If a setting, which `file` has, is out of its range.
    fn trainer(self, file: &Path, network: Network, params: Store<f32>) -> Result<Trainer, Error> {
        let [beta1, beta2] = self.betas;
        let config = AdamWConfig { beta1, beta2, eps: self.eps, weight_decay: self.weight_decay };
        if !config.is_in_range() || self.max_grad_norm <= 0.0 {
            let what = format!("{self:?} is out of range");
            return Err(Error::Reference { file: file.to_owned(), what });
        }
        Ok(Trainer::new(network, params, config, None, self.max_grad_norm, usize::MAX))
    }
}

/// A checkpoint with its own head, as the references on recorded batches have it.
fn open(model_dir: &Path, config: &Config) -> Result<(Network, Labels, Store<f32>), Error> {
    let labels = config.head.clone().ok_or_else(|| Error::NoHead { directory: model_dir.to_owned() })?;
    let network = Network::new(config, &[labels.names.len()]);
    let (params, _) =
        Checkpoint::open(model_dir)?.read(config.family.prefix(), network.layout(), |_| Want::Required)?;
    Ok((network, labels, params))
}

/// Collects the greatest difference of a quantity.
struct Worst {
    difference: Difference,
}

impl Worst {
    fn new(reference: &'static str, quantity: &'static str) -> Self {
        Self {
            difference: Difference {
                reference,
                quantity,
                at: String::new(),
                error: 0.0,
                values: 0,
                excused: None,
            },
        }
    }

    /// Compares `got` with `want` value by value; `name` says where value `i` is. As many values as the reference has is
    /// part of being the same.
    fn compare(
        &mut self,
        got: impl IntoIterator<Item = f64>,
        want: impl IntoIterator<Item = f64>,
        name: impl Fn(usize) -> String,
    ) {
        let (mut got, mut want) = (got.into_iter(), want.into_iter());
        for i in 0.. {
            let error = match (got.next(), want.next()) {
                (None, None) => return,
                (Some(got), Some(want)) => (got - want).abs() / want.abs().max(1.0),
                _ => return self.note(f64::NAN, || format!("value {i}, which only one side has")),
            };
            self.note(error, || name(i));
            self.difference.values += 1;
        }
    }

    fn note(&mut self, error: f64, at: impl FnOnce() -> String) {
        let worst = self.difference.error;
        if self.difference.at.is_empty() || error > worst || (error.is_nan() && !worst.is_nan()) {
            (self.difference.error, self.difference.at) = (error, at());
        }
    }
}
