//! Everything that can be wrong with what is to be scored. A degenerate outcome is not an error: it has a score.

use crate::{Kind, Metric};

/// Why something cannot be scored. Rows count from 0, as indices of the slices that were given.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// A name that is no metric's.
    #[error("unknown metric `{name}`, expected one of {}", Metric::ALL.map(Metric::name).join(", "))]
    UnknownMetric {
        /// The name as given.
        name: String,
    },
    /// Predictions and references do not pair up.
    #[error("{predicted} predictions for {reference} references, expected one for each")]
    Lengths {
        /// Number of predictions.
        predicted: usize,
        /// Number of references.
        reference: usize,
    },
    /// There are no rows.
    #[error("no rows to score, expected at least one")]
    Empty,
    /// A label index beyond the task's labels.
    #[error("{side} {index} is label {found}, expected one below {labels}, the number of labels")]
    LabelOutOfRange {
        /// `prediction` or `reference`.
        side: &'static str,
        /// The row.
        index: usize,
        /// The label index found there.
        found: usize,
        /// `L`, the number of labels.
        labels: usize,
    },
    /// The positive class is none of the task's labels.
    #[error("the positive class is label {positive}, expected one below {labels}, the number of labels")]
    PositiveOutOfRange {
        /// The label index given as the positive class.
        positive: usize,
        /// `L`, the number of labels.
        labels: usize,
    },
    /// A value that is NaN or infinite.
    #[error("{side} {index} is {found}, expected a finite number")]
    NotFinite {
        /// `prediction` or `reference`.
        side: &'static str,
        /// The row.
        index: usize,
        /// The value found there.
        found: f32,
    },
    /// A metric that cannot read this outcome.
    #[error("metric `{metric}` reads {}, the outcome holds {found}", .metric.kind())]
    WrongKind {
        /// The metric asked for.
        metric: Metric,
        /// What the outcome holds.
        found: Kind,
    },
    /// A task without metrics.
    #[error("a task's metrics are empty, expected at least one")]
    NoMetrics,
    /// A metric listed twice would count twice in the headline.
    #[error("metric `{metric}` is listed twice, list it once")]
    RepeatedMetric {
        /// The metric.
        metric: Metric,
    },
    /// Metrics of one task that read different things.
    #[error(
        "metrics `{first}` and `{second}` cannot belong to one task: one reads {}, the other {}",
        .first.kind(),
        .second.kind()
    )]
    MixedKinds {
        /// The task's first metric.
        first: Metric,
        /// The first one that reads something else.
        second: Metric,
    },
    /// Metrics of one task whose mean would have no direction.
    #[error(
        "metrics `{first}` and `{second}` have no mean: higher is better in one, lower in the other; list only one"
    )]
    MixedDirections {
        /// The task's first metric.
        first: Metric,
        /// The first one with the other direction.
        second: Metric,
    },
}
