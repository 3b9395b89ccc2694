//! One metric's value, with the name of the convention where its formula has none. The name travels with the value,
//! so that a 0 that means "collapsed" is never taken for a 0 that was measured.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The value of one metric on one outcome.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Always finite, in the metric's range.
    pub value: f64,
    /// Why the value is a convention; `None` where the formula gave it, and in [`Scores`](crate::Scores) that were read.
    pub degenerate: Option<Degenerate>,
}

impl Score {
    pub(crate) fn defined(value: f64) -> Score {
        Score { value, degenerate: None }
    }

    /// Every convention of this crate has the value 0: no skill shown.
    pub(crate) fn undefined(degenerate: Degenerate) -> Score {
        Score { value: 0.0, degenerate: Some(degenerate) }
    }
}

/// In what way an outcome leaves nothing to measure; printed and serialised by a name such as `one-class-predicted`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Degenerate {
    /// All references are the same class: the data cannot tell models apart.
    OneClassReference,
    /// All predictions are the same class: the usual sign of a collapsed classifier.
    OneClassPredicted,
    /// The positive class is neither predicted nor true in any row.
    PositiveAbsent,
    /// All references are the same number.
    ConstantReference,
    /// All predictions are the same number: the usual sign of a collapsed regressor.
    ConstantPrediction,
}

impl Degenerate {
    /// Whether the reference alone makes it so, whatever is predicted: a fault of the data and not of a model. The positive
    /// class counts as absent where it is not true of any row.
    pub fn is_of_reference(self) -> bool {
        match self {
            Degenerate::OneClassReference | Degenerate::PositiveAbsent | Degenerate::ConstantReference => {
                true
            }
            Degenerate::OneClassPredicted | Degenerate::ConstantPrediction => false,
        }
    }
}

impl fmt::Display for Degenerate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Degenerate::OneClassReference => "one-class-reference",
            Degenerate::OneClassPredicted => "one-class-predicted",
            Degenerate::PositiveAbsent => "positive-absent",
            Degenerate::ConstantReference => "constant-reference",
            Degenerate::ConstantPrediction => "constant-prediction",
        })
    }
}
