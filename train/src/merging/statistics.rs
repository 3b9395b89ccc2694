//! What rows of a model's own task say of it: how much its predictions depend on each parameter, and what enters its linear layers.
//!
//! The one decision: no label is looked at. The information is that of the model's own predictions, as in Matena and Raffel (2022), and
//! inputs have none.

use mtlift_encoder::Tokens;
use mtlift_glue_data::Target;
use mtlift_nn::{Init, Linear, Real, Store, gemm};
use mtlift_schedule::InputGram;
use mtlift_tokenizer::Encoded;
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use crate::predict::fill;
use crate::{Network, PackedBatch, Workspace, probabilities};

/// Tokens of a batch of which inputs are summed.
const TOKENS: usize = 2048;
/// Values that a thread adds squares to at a time.
const VALUES: usize = 1 << 14;

/// The diagonal of the Fisher information of all parameters, `[values]`, by rows for a task's head: the mean over rows of
/// Σ p(y) (∂ log p(y) / ∂θ)², summed over the labels (Matena and Raffel 2022). Of a regression p is normal around the value
/// with a deviation of 1, which gives (∂ value / ∂θ)².
///
/// # Panics
/// If there are no rows.
pub fn fisher<F: Real>(network: &Network, params: &Store<F>, task: usize, encoded: &Encoded) -> Vec<F> {
    assert!(encoded.rows() > 0, "rows to look at");
    let (mut workspace, mut batch) = (network.workspace(), PackedBatch::default());
    let mut grads = network.layout().gradients();
    let mut information = vec![F::zero(); network.layout().len()];
    let weights = vec![1.0; network.tasks()];
    for row in 0..encoded.rows() {
        let forward = |target, batch: &mut PackedBatch, workspace: &mut Workspace<F>| {
            batch.clear(network.tasks());
            batch.push(task, encoded, row, target);
            network.forward(params, batch, None, workspace);
        };
        forward(None, &mut batch, &mut workspace);
        let logits: Vec<f32> = workspace.logits(task).iter().map(|logit| logit.wide() as f32).collect();
        for (target, probability) in expected(&logits) {
            forward(Some(target), &mut batch, &mut workspace);
            grads.clear();
            network.losses(&batch, &weights, &mut workspace).for_each(drop);
            network.backward(params, &batch, None, &mut workspace, &mut grads);
            let share = F::of(probability / encoded.rows() as f64);
            let values = grads.store().values().par_chunks(VALUES);
            information.par_chunks_mut(VALUES).zip(values).for_each(|(information, values)| {
                information.iter_mut().zip(values).for_each(|(sum, &value)| *sum += share * value * value);
            });
        }
    }
    information
}

/// Targets whose losses have the gradients of log p, and their probabilities.
fn expected(logits: &[f32]) -> Vec<(Target, f64)> {
    match logits {
        // The loss is a square, whose slope is 1 at this distance.
        [value] => vec![(Target::Value(value - 0.5), 1.0)],
        _ => probabilities(logits, logits.len())
            .into_iter()
            .enumerate()
            .map(|(label, probability)| (Target::Class(label), probability))
            .collect(),
    }
}

/// Of each linear layer of the encoder the mean of x·xᵀ over all tokens, with x what enters it (Jin et al. 2023).
///
/// # Panics
/// If there are no rows, or the task's head does not read after the last block.
pub fn input_grams(network: &Network, params: &Store<f32>, task: usize, encoded: &Encoded) -> Vec<InputGram> {
    assert!(encoded.rows() > 0, "rows to look at");
    let network = &network.clone().wanting(Tokens::All);
    let (mut workspace, mut batch) = (network.workspace(), PackedBatch::default());
    let mut sums: Vec<(Linear, Array2<f32>)> = Vec::new();
    for rows in encoded.batches(TOKENS) {
        fill(&mut batch, network, task, encoded, rows);
        network.forward(params, &batch, None, &mut workspace);
        let mut layer = 0;
        network.visit_linear_inputs(&mut workspace, |linear, x: ArrayView2<'_, f32>| {
            if layer == sums.len() {
                sums.push((linear, Array2::zeros((linear.inputs(), linear.inputs()))));
            }
            gemm(x.reversed_axes(), x, Init::Accumulate, sums[layer].1.view_mut());
            layer += 1;
        });
    }
    let tokens = encoded.ids.len() as f32;
    let gram = |(linear, sum): (Linear, Array2<f32>)| InputGram {
        weights: linear.weights(),
        inputs: linear.inputs(),
        values: (sum / tokens).into_raw_vec_and_offset().0,
    };
    sums.into_iter().map(gram).collect()
}
