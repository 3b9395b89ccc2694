//! Linear layers whose outputs are nearest to those of all models. Jin et al., "Dataless knowledge fusion by merging weights of language
//! models", ICLR 2023: W = (Σ G_i)⁻¹ Σ G_i W_i with the Gram matrices G_i of each model's inputs, whose
//! entries off the diagonal are scaled.
//!
//! The one decision: it is solved for the difference from the mean of the models. Equal models are then merged to what they are, and an
//! input that no row has leaves the mean.

use rayon::prelude::*;

use super::rule::{Choice, MergeRule, Merged, Models, Standing};
use super::solve::{TOGETHER, Triangle, dot};
use super::statistics::{InputGram, LooksAt, ROWS, Statistics};
use crate::about::{About, Parameter};

/// What is added to the diagonal, as a share of its mean: where inputs depend on each other, the solution next to the mean of the models
/// is taken.
const RIDGE: f64 = 1e-9;
/// The least that is added, where no input is ever other than 0.
const LEAST: f64 = 1e-30;

pub(super) const RULE: MergeRule = MergeRule {
    about: About {
        name: "regmean",
        summary: "linear layers with outputs nearest to those of all models; the mean of all else",
        source: "Jin et al., ICLR 2023",
        explanation: "Of each linear layer the weights are taken that come nearest to the outputs of all models, each on rows of its own task: \
                      W = (Σ G)⁻¹ Σ G·W with the mean G of x·xᵀ over the layer's inputs x. Off the diagonal G is scaled by alpha; \
                      0.9 is the paper's value for most models, and its code has 0.1 for some. Every model counts the same, however many \
                      tokens its rows have. Biases, normalisation and embeddings are averaged. No label is read.",
        parameters: &[
            Parameter {
                name: "alpha",
                default: 0.9,
                range: 0.0..=1.0,
                whole: false,
                meaning: "what entries off the diagonal of G are multiplied by",
            },
            Parameter { default: 1000.0, ..ROWS },
        ],
        passes: 0.0,
    },
    standing: Standing::Paper,
    needs_base: false,
    looks_at: Some((LooksAt::Grams, 1)),
    takes: None,
    choice: Some(Choice { place: 0, values: &[0.9, 1.0, 0.5, 0.1] }),
    merge: |&[alpha, ..], models, _| {
        let count = models.models.len();
        let mut values = models.mean(&vec![1.0; count], count as f64);
        let grams: Vec<&[InputGram]> = models.statistics.iter().map(Statistics::grams).collect();
        for layer in 0..grams[0].len() {
            let of_layer: Vec<&InputGram> = grams.iter().map(|grams| &grams[layer]).collect();
            regress(models, &of_layer, alpha, &mut values);
        }
        Merged { values, coefficients: Vec::new() }
    },
};

/// Moves a layer's weights from the mean of the models to the regression.
fn regress(models: &Models<'_>, grams: &[&InputGram], alpha: f64, values: &mut [f32]) {
    let InputGram { weights, inputs, .. } = grams[0];
    let inputs = *inputs;
    assert!(grams.iter().all(|gram| gram.weights == *weights), "layers of one network");
    let diagonal =
        |gram: &&InputGram| (0..inputs).map(|at| f64::from(gram.values[at * inputs + at])).sum::<f64>();
    let mean = grams.iter().map(diagonal).sum::<f64>() / (grams.len() * inputs) as f64;
    let ridge = (RIDGE * mean).max(LEAST);
    let scaled: Vec<Vec<f64>> = grams.iter().map(|gram| scaled(gram, alpha, ridge)).collect();
    let sum = |at: usize| scaled.iter().map(|gram| gram[at]).sum::<f64>();
    let all = Triangle::of((0..inputs * inputs).map(sum).collect(), inputs);
    values[weights.clone()].par_chunks_mut(TOGETHER * inputs).enumerate().for_each(|(part, mean)| {
        let from = weights.start + part * TOGETHER * inputs;
        let mut right = vec![0.0; mean.len()];
        for (model, gram) in models.models.iter().zip(&scaled) {
            let own = model[from..from + mean.len()].iter().zip(&*mean);
            let difference: Vec<f64> = own.map(|(&own, &mean)| f64::from(own) - f64::from(mean)).collect();
            // Rows of G in turn, each for all outputs of the part: G is the largest of the three.
            for (input, row) in gram.chunks_exact(inputs).enumerate() {
                for (right, difference) in right.chunks_mut(inputs).zip(difference.chunks(inputs)) {
                    right[input] += dot(row, difference);
                }
            }
        }
        all.solve(&mut right);
        mean.iter_mut().zip(right).for_each(|(value, by)| *value = (f64::from(*value) + by) as f32);
    });
}

/// The matrix with its entries off the diagonal times `alpha`, and the ridge on the diagonal.
fn scaled(gram: &InputGram, alpha: f64, ridge: f64) -> Vec<f64> {
    let (inputs, values) = (gram.inputs, &gram.values);
    let entry = |place: usize| {
        let (row, column) = (place / inputs, place % inputs);
        let value = f64::from(values[row.max(column) * inputs + row.min(column)]);
        if row == column { value + ridge } else { alpha * value }
    };
    (0..inputs * inputs).map(entry).collect()
}
