//! What rows of a model's own task say of it, for rules that look at more than parameters.
//!
//! The one decision: statistics come from outside, as numbers beside the values that they are of. Who has rows and a network makes them.

use std::ops::Range;

use crate::about::Parameter;

/// What a rule looks at beside parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LooksAt {
    /// How much the model's predictions depend on each value: [`Statistics::Fisher`].
    Fisher,
    /// What enters the linear layers: [`Statistics::Grams`].
    Grams,
}

/// What a merge looks at, and by how many rows of each model's own task at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// What.
    pub at: LooksAt,
    /// Rows, at least 1.
    pub rows: usize,
}

/// Of one model, by rows of its own task.
#[derive(Clone, Debug, PartialEq)]
pub enum Statistics {
    /// `[values]`: of each the diagonal of the Fisher information, none negative.
    Fisher(Vec<f32>),
    /// One for each linear layer, in the same order for all models.
    Grams(Vec<InputGram>),
}

/// What entered a linear layer.
#[derive(Clone, Debug, PartialEq)]
pub struct InputGram {
    /// Where the layer's weights are, `[outputs, inputs]` row by row.
    pub weights: Range<usize>,
    /// How many inputs it has.
    pub inputs: usize,
    /// `[inputs, inputs]`: the mean of x·xᵀ over its inputs x; the lower triangle is read.
    pub values: Vec<f32>,
}

/// By how many rows a rule looks at each model.
pub(super) const ROWS: Parameter = Parameter {
    name: "rows",
    default: 256.0,
    range: 1.0..=1e6,
    whole: true,
    meaning: "at most how many training rows of each model's task are looked at",
};

impl Statistics {
    /// Whether they are what a rule looks at.
    pub(super) fn is(&self, what: LooksAt) -> bool {
        matches!(
            (self, what),
            (Statistics::Fisher(_), LooksAt::Fisher) | (Statistics::Grams(_), LooksAt::Grams)
        )
    }

    /// `[values]`, where a rule looks at them.
    pub(super) fn fisher(&self) -> &[f32] {
        match self {
            Statistics::Fisher(values) => values,
            Statistics::Grams(_) => unreachable!("what was checked is what the rule looks at"),
        }
    }

    /// `[layers]`, where a rule looks at them.
    pub(super) fn grams(&self) -> &[InputGram] {
        match self {
            Statistics::Grams(grams) => grams,
            Statistics::Fisher(_) => unreachable!("what was checked is what the rule looks at"),
        }
    }
}
