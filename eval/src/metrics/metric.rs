//! The metrics by name, what each one reads and which way is up. A metric is data here: its arithmetic lives with
//! the kind of input it reads, so that a task file or a flag can name one before there is anything to score.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A metric; parsed, printed and serialised by the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// `accuracy`: the part of rows predicted right, in `[0, 1]`.
    Accuracy,
    /// `f1`: F1 of the positive class, in `[0, 1]`.
    F1,
    /// `mcc`: Matthews correlation, R_K for more than two labels, in `[-1, 1]`.
    Mcc,
    /// `pearson`: linear correlation, in `[-1, 1]`.
    Pearson,
    /// `spearman`: rank correlation, ties averaged, in `[-1, 1]`.
    Spearman,
    /// `macro-f1`: mean F1 over the labels that occur, in `[0, 1]`.
    MacroF1,
    /// `mse`: mean squared error, at least 0, in the squared unit of the values; the only one where lower is better.
    Mse,
}

/// What a metric reads and an outcome holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// One label index per row.
    Classes,
    /// One real number per row.
    Values,
}

impl Metric {
    /// Every metric, in the order in which messages list them.
    pub const ALL: [Metric; 7] = [
        Metric::Accuracy,
        Metric::F1,
        Metric::Mcc,
        Metric::Pearson,
        Metric::Spearman,
        Metric::MacroF1,
        Metric::Mse,
    ];

    /// The name used in task files, flags and results.
    pub fn name(self) -> &'static str {
        match self {
            Metric::Accuracy => "accuracy",
            Metric::F1 => "f1",
            Metric::Mcc => "mcc",
            Metric::Pearson => "pearson",
            Metric::Spearman => "spearman",
            Metric::MacroF1 => "macro-f1",
            Metric::Mse => "mse",
        }
    }

    /// What the metric reads.
    pub fn kind(self) -> Kind {
        match self {
            Metric::Accuracy | Metric::F1 | Metric::Mcc | Metric::MacroF1 => Kind::Classes,
            Metric::Pearson | Metric::Spearman | Metric::Mse => Kind::Values,
        }
    }

    /// The least and the greatest score that there can be.
    pub fn range(self) -> (f64, f64) {
        match self {
            Metric::Accuracy | Metric::F1 | Metric::MacroF1 => (0.0, 1.0),
            Metric::Mcc | Metric::Pearson | Metric::Spearman => (-1.0, 1.0),
            Metric::Mse => (0.0, f64::INFINITY),
        }
    }

    /// Whether a larger score is a better one.
    pub fn higher_is_better(self) -> bool {
        self != Metric::Mse
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Kind::Classes => "classes",
            Kind::Values => "values",
        })
    }
}
