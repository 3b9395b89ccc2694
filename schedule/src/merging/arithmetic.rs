//! Task arithmetic: changes are added. Ilharco et al., "Editing models with task arithmetic", ICLR 2023, section 4.

use super::rule::{Choice, MergeRule, Standing};
use crate::about::{About, Parameter};

pub(super) const RULE: MergeRule = MergeRule {
    about: About {
        name: "arithmetic",
        summary: "adds the models' changes, each times one coefficient",
        source: "Ilharco et al., ICLR 2023",
        explanation: "A task vector is what training has changed. The sum of the task vectors, times a coefficient that all have in \
                      common, is added to the model that all started from. The paper chooses the coefficient on held-out rows (+held-out \
                      in an arm) and recommends 0.3 without them.",
        parameters: &[COEFFICIENT],
        passes: 0.0,
    },
    standing: Standing::Paper,
    needs_base: true,
    looks_at: None,
    takes: None,
    choice: Some(TENTHS),
    merge: |values, models, _| models.by_changes(vec![values[0]; models.models.len()]),
};

/// What each change counts.
pub(super) const COEFFICIENT: Parameter = Parameter {
    name: "coefficient",
    default: 0.3,
    range: 0.0..=10.0,
    whole: false,
    meaning: "what each model's change counts",
};

/// The coefficients that are tried, those around the paper's first.
const TENTHS: Choice = Choice { place: 0, values: &[0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 0.2, 0.1] };
