//! Changes are thinned at random and what is left is scaled up: alone, and before TIES. Yu et al., "Language models are super Mario",
//! ICML 2024, equation 3. mergekit 0.1.5 scales to the length that the change had; here, as in the paper, by 1/density, so that
//! the mean over the draws is the change.

use rand::RngCore;

use super::rule::{Choice, Draws, MergeRule, Merged, Models, Standing};
use super::ties::{DENSITY, SCALES, merge_agreeing};
use crate::about::{About, Parameter};

pub(super) const RULE: MergeRule = MergeRule {
    about: About {
        name: "dare",
        summary: "arithmetic with changes thinned at random",
        source: "Yu et al., ICML 2024",
        explanation: "Each value of a change stays with the probability density and is then divided by it; the rest are zero. What is left is \
                      merged by task arithmetic. The draws are those of the seed, the model's place and the tensor. A density of 1 is task \
                      arithmetic.",
        parameters: &[LEAST, super::arithmetic::COEFFICIENT],
        passes: 0.0,
    },
    standing: Standing::Paper,
    needs_base: true,
    looks_at: None,
    takes: None,
    choice: Some(Choice { place: 1, values: &[0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 0.2, 0.1] }),
    merge: |&[density, coefficient, ..], models, draws| merge_thinned(models, density, coefficient, draws),
};

pub(super) const TIES_RULE: MergeRule = MergeRule {
    about: About {
        name: "dare-ties",
        summary: "ties with changes thinned at random in place of trimmed",
        source: "Yu et al., ICML 2024, with Yadav et al., NeurIPS 2023",
        explanation: "As ties, but which values of a change stay is drawn, and they are divided by the probability with which they stay. \
                      The draws are those of dare.",
        parameters: &[
            LEAST,
            Parameter {
                default: 1.0,
                meaning: "what the merged change counts",
                ..super::arithmetic::COEFFICIENT
            },
        ],
        passes: 0.0,
    },
    standing: Standing::Paper,
    needs_base: true,
    looks_at: None,
    takes: None,
    choice: Some(SCALES),
    merge: |&[density, coefficient, ..], models, draws| {
        merge_agreeing(models, coefficient, |model, tensor, change| {
            thin(change, density, &mut *draws(model, tensor));
        })
    },
};

/// Something must stay, because it is divided by the density.
const LEAST: Parameter =
    Parameter { range: 0.01..=1.0, meaning: "the probability with which a value stays", ..DENSITY };

fn merge_thinned(models: &Models<'_>, density: f64, coefficient: f64, draws: &Draws<'_>) -> Merged {
    let mut values = models.zeros();
    for (place, tensor) in models.tensors.iter().enumerate() {
        let mut sum = vec![0.0; tensor.len()];
        for model in 0..models.models.len() {
            let mut change = models.change(model, tensor);
            thin(&mut change, density, &mut *draws(model, place));
            sum.iter_mut().zip(change).for_each(|(sum, change)| *sum += change);
        }
        for (sum, to) in sum.into_iter().zip(tensor.clone()) {
            values[to] = (f64::from(models.started()[to]) + coefficient * sum) as f32;
        }
    }
    Merged { values, coefficients: Vec::new() }
}

/// Keeps each value with the probability `density`, divided by it.
fn thin(change: &mut [f64], density: f64, draws: &mut dyn RngCore) {
    for value in change {
        let drawn = f64::from(draws.next_u32()) / f64::from(u32::MAX);
        *value = if drawn <= density { *value / density } else { 0.0 };
    }
}
