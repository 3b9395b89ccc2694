//! The mean of models, the first of which may count for more. Wortsman et al., "Model soups", ICML 2022.

use super::rule::{Choice, MergeRule, Merged, Standing};
use crate::about::{About, Parameter};

pub(super) const RULE: MergeRule = MergeRule {
    about: About {
        name: "average",
        summary: "the mean of the models",
        source: "Wortsman et al., ICML 2022 (model soups)",
        explanation: "The mean of all parameters. It is the baseline of every other rule, and needs nothing but the models: not even \
                      what they started from. The paper averages models of one task; models of several tasks were averaged before, \
                      as the baseline of Fisher merging (Matena and Raffel 2022). Of an arm the first model is the target's.",
        parameters: &[Parameter {
            name: "first",
            default: 1.0,
            range: 0.0..=1000.0,
            whole: false,
            meaning: "what the first model weighs, where each of the others weighs 1",
        }],
        passes: 0.0,
    },
    standing: Standing::Paper,
    needs_base: false,
    looks_at: None,
    takes: None,
    choice: Some(Choice { place: 0, values: &[1.0, 2.0, 4.0, 8.0, 16.0] }),
    merge: |values, models, _| {
        let mut weights = vec![1.0; models.models.len()];
        // A single model that weighs nothing would be none.
        weights[0] = if weights.len() == 1 { 1.0 } else { values[0] };
        let all: f64 = weights.iter().sum();
        // Divided last: the mean of equal models is then each of them, to the bit.
        let merged = models.mean(&weights, all);
        Merged { values: merged, coefficients: weights.iter().map(|weight| weight / all).collect() }
    },
};
