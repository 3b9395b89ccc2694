//! The mean of models in which each value weighs by its Fisher information. Matena and Raffel, "Merging models with Fisher-weighted
//! averaging", NeurIPS 2022; floor and scale are those of the authors' code.

use super::rule::{Choice, MergeRule, Merged, Models, Standing};
use super::statistics::{LooksAt, ROWS, Statistics};
use crate::about::{About, Parameter};

/// The least information of a value of the first model, so that no weights sum to zero and it keeps what no model needs.
const FLOOR: f64 = 1e-6;

pub(super) const RULE: MergeRule = MergeRule {
    about: About {
        name: "fisher",
        summary: "the mean of the models, in which each value weighs by how much its model's predictions depend on it",
        source: "Matena and Raffel, NeurIPS 2022",
        explanation: "A value weighs by the diagonal of the Fisher information: the mean over rows of the model's own task of the squared \
                      gradients of its log-probabilities, summed over the labels as the model itself predicts them, so that no label is \
                      read (of a regression: the squared gradient of its value). As in the authors' code each model's information is \
                      divided by its length, and that of the first model is at least 1e-6 before. It takes a backward pass for each row \
                      and label.",
        parameters: &[
            Parameter {
                name: "first",
                default: 1.0,
                range: 0.001..=1000.0,
                whole: false,
                meaning: "what the first model weighs, where each of the others weighs 1",
            },
            Parameter { default: 256.0, ..ROWS },
        ],
        passes: 0.0,
    },
    standing: Standing::Paper,
    needs_base: false,
    looks_at: Some((LooksAt::Fisher, 1)),
    takes: None,
    choice: Some(Choice { place: 0, values: &[1.0, 2.0, 4.0, 8.0, 16.0, 0.5, 0.25] }),
    merge: |&[first, ..], models, _| merge_weighed(models, first),
};

fn merge_weighed(models: &Models<'_>, first: f64) -> Merged {
    let fishers: Vec<&[f32]> = models.statistics.iter().map(Statistics::fisher).collect();
    let length = |fisher: &&[f32]| {
        let all = models.tensors.iter().flat_map(Clone::clone);
        all.map(|at| f64::from(fisher[at]).powi(2)).sum::<f64>().sqrt()
    };
    let scale = |(place, fisher): (usize, &&[f32])| {
        let counts = if place == 0 { first } else { 1.0 };
        let length = length(fisher);
        // A model whose predictions depend on nothing has no length to divide by.
        if length == 0.0 { counts } else { counts / length }
    };
    let scales: Vec<f64> = fishers.iter().enumerate().map(scale).collect();
    let mut values = models.zeros();
    for at in models.tensors.iter().flat_map(Clone::clone) {
        let (mut sum, mut weights) = (0.0, 0.0);
        for (place, (model, fisher)) in models.models.iter().zip(&fishers).enumerate() {
            let least = if place == 0 { FLOOR } else { 0.0 };
            let weight = scales[place] * f64::from(fisher[at]).max(least);
            sum += weight * f64::from(model[at]);
            weights += weight;
        }
        values[at] = (sum / weights) as f32;
    }
    Merged { values, coefficients: Vec::new() }
}
