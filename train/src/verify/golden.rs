//! One batch: hidden states, logits, loss, and the gradient of every parameter.

use std::path::Path;

use mtlift_encoder::{Config, Tokens};
use mtlift_files::TensorFile;

use super::batches::Recorded;
use super::{Difference, Worst, open};
use crate::{Error, PackedBatch};

pub(super) const FILE: &str = "golden.safetensors";

pub(super) fn verify(
    model_dir: &Path,
    config: &Config,
    reference_dir: &Path,
) -> Result<Vec<Difference>, Error> {
    let path = reference_dir.join(FILE);
    let file = TensorFile::open(&path)?;
    let (network, labels, params) = open(model_dir, config)?;
    let recorded = Recorded::read(&path, &file, config, &labels)?;
    let rows = recorded.encoded.rows();

    let mut batch = PackedBatch::default();
    batch.clear(1);
    for (row, &target) in recorded.targets.iter().enumerate() {
        batch.push(0, &recorded.encoded, row, Some(target));
    }
    let network = network.wanting(Tokens::All);
    let mut workspace = network.workspace();
    let mut grads = network.layout().gradients();
    network.forward(&params, &batch, None, &mut workspace);
    let loss = network.losses(&batch, &[1.0 / rows as f64], &mut workspace).sum::<f64>() / rows as f64;

    let mut hidden = Worst::new(FILE, "hidden states");
    let (shape, want) = file.f32("last_hidden_state")?;
    if shape != [rows, recorded.padded, config.hidden] {
        let what = format!(
            "last_hidden_state has shape {shape:?}, expected {:?}",
            [rows, recorded.padded, config.hidden]
        );
        return Err(Error::Reference { file: path, what });
    }
    let got = network.hidden_states(&workspace);
    for row in 0..rows {
        let (tokens, from) = (recorded.encoded.range(row), row * recorded.padded * config.hidden);
        let want = &want[from..from + tokens.len() * config.hidden];
        hidden.compare(
            got.rows().into_iter().skip(tokens.start).take(tokens.len()).flatten().map(|&x| x.into()),
            wide(want),
            |i| format!("row {row}, token {}, value {}", i / config.hidden, i % config.hidden),
        );
    }
    let mut logits = Worst::new(FILE, "logits");
    let got = workspace.logits(0);
    logits.compare(got.iter().map(|&x| x.into()), wide(&file.f32("logits")?.1), |i| {
        format!("row {}, label {}", i / got.ncols(), labels.names[i % got.ncols()])
    });
    let mut losses = Worst::new(FILE, "loss");
    losses.compare([loss], wide(&file.f32("loss")?.1), |_| "the batch's mean".to_owned());

    network.backward(&params, &batch, None, &mut workspace, &mut grads);
    let mut gradients = Worst::new(FILE, "gradients");
    for entry in network.layout().entries() {
        let name = format!("grad.{}", entry.name);
        // PyTorch has no gradient for a parameter that the loss does not reach.
        if file.contains(&name) {
            let (_, want) = file.f32(&name)?;
            gradients.compare(wide(&grads.store().values()[entry.range.clone()]), wide(&want), |i| {
                format!("{}, value {i}", entry.name)
            });
        }
    }
    Ok([hidden, logits, losses, gradients].map(|worst| worst.difference).into())
}

/// The values as f64.
pub(super) fn wide(values: &[f32]) -> impl Iterator<Item = f64> + '_ {
    values.iter().map(|&x| x.into())
}
