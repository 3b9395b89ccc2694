//! Task arithmetic with coefficients in closed form. Zhou et al., "MetaGPT: Merging large language models using model exclusive task
//! arithmetic", EMNLP 2024, equation 13: λ_t = ‖τ_t‖² / Σ_k ‖τ_k‖².

use super::rule::{MergeRule, Merged, Standing};
use crate::about::About;

pub(super) const RULE: MergeRule = MergeRule {
    about: About {
        name: "metagpt",
        summary: "adds the models' changes, each by its share of all change",
        source: "Zhou et al., EMNLP 2024",
        explanation: "Task arithmetic without anything to choose: a change counts as much as its squared length, as a share of all. That \
                      minimises a bound on the mean loss over the tasks if the loss is linear around the model that all started from and \
                      changes are orthogonal, which is doubtful for a small encoder. A model that was trained for long has changed most, and \
                      so counts most. The authors' code could not be found; the formula was compared with two other implementations. The paper \
                      merges language models; here the encoders are merged, and each task keeps its head.",
        parameters: &[],
        passes: 0.0,
    },
    standing: Standing::Reconstruction,
    needs_base: true,
    looks_at: None,
    takes: None,
    choice: None,
    merge: |_, models, _| {
        let squares = models.squared_changes();
        let all: f64 = squares.iter().sum();
        if all == 0.0 {
            // Nothing has changed: every share of it is the same.
            let coefficients = vec![1.0 / squares.len() as f64; squares.len()];
            return Merged { values: models.started().to_vec(), coefficients };
        }
        let coefficients: Vec<f64> = squares.iter().map(|square| square / all).collect();
        // They sum to 1, so that the base does not count.
        Merged { values: models.weighted(&coefficients, 0.0), coefficients }
    },
};
