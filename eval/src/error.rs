//! Everything that can be wrong with what is to be scored or compared. A degenerate outcome is not an error: it has a score.

use crate::metrics::metric::{Kind, Metric};

/// Why something cannot be scored or compared. Rows, arms and seeds count from 0, as indices of the slices that were given.
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
    /// No group has the rows to be the worst.
    #[error("no group has {least} rows, expected at least one that has: the worst is looked for among these")]
    SmallGroups {
        /// The rows that a group needs to be the worst.
        least: usize,
    },
    /// Looks that are no plan.
    #[error("looks at {found:?} seeds, expected ascending numbers of seeds from 3 up")]
    Looks {
        /// The numbers of seeds as given.
        found: Vec<usize>,
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
    /// Nothing to compare.
    #[error("no arms to compare, expected at least one")]
    NoArms,
    /// An arm without models.
    #[error("the arms have no seeds, expected at least one")]
    NoSeeds,
    /// Arms that do not pair up by seed.
    #[error("arm {arm} has {found} seeds, arm 0 has {expected}; compare the seeds that all arms have")]
    Seeds {
        /// The arm.
        arm: usize,
        /// Its number of seeds.
        found: usize,
        /// That of arm 0.
        expected: usize,
    },
    /// A dev set that says nothing of other examples.
    #[error("the dev set has 1 example, expected at least 2")]
    OneExample,
    /// A model that was judged otherwise than the first one.
    #[error(
        "seed {seed} of arm {arm} has other references, labels or metrics than seed 0 of arm 0; judge all alike"
    )]
    NotComparable {
        /// The arm.
        arm: usize,
        /// Its seed.
        seed: usize,
    },
    /// Arms and weights that do not pair up.
    #[error("{weights} weights for {arms} arms, expected one for each")]
    Weights {
        /// Number of weights.
        weights: usize,
        /// Number of arms.
        arms: usize,
    },
    /// A level, a power or another share outside `(0, 1)`.
    #[error("{what} is {found}, expected above 0 and below 1")]
    Share {
        /// What it is.
        what: &'static str,
        /// The value as given.
        found: f64,
    },
    /// What a row earns, outside `[0, 1]`.
    #[error("example {example} of arm {arm} under seed {seed} earns {found}, expected 0 to 1")]
    NoShare {
        /// The arm.
        arm: usize,
        /// Its seed.
        seed: usize,
        /// The example.
        example: usize,
        /// What it earns.
        found: f64,
    },
    /// Too few replicates for a percentile.
    #[error("{found} bootstrap replicates, expected at least 100")]
    Replicates {
        /// The number as given.
        found: usize,
    },
    /// A p-value that is NaN or outside `[0, 1]`.
    #[error("p-value {index} is {found}, expected one from 0 to 1")]
    PValue {
        /// Its place.
        index: usize,
        /// The value found there.
        found: f64,
    },
    /// A statistic's input that is NaN or infinite, or a standard deviation below 0.
    #[error("{what} {index} is {found}, expected {expected}")]
    Number {
        /// What it is.
        what: &'static str,
        /// Its place.
        index: usize,
        /// The value found there.
        found: f64,
        /// What is allowed.
        expected: &'static str,
    },
    /// Samples from which nothing can be estimated.
    #[error("{what}: {found} values, expected at least {least}")]
    TooFew {
        /// The sample.
        what: &'static str,
        /// Its size.
        found: usize,
        /// The least size.
        least: usize,
    },
    /// More successes than trials.
    #[error("{successes} successes in {trials} trials")]
    Successes {
        /// Successes as given.
        successes: u64,
        /// Trials as given.
        trials: u64,
    },
    /// Points that are not pairs.
    #[error("{x} values of x and {y} of y, expected as many")]
    Points {
        /// Number of `x`.
        x: usize,
        /// Number of `y`.
        y: usize,
    },
    /// A line through points of one `x`.
    #[error("all x are {found}: a line needs at least two different ones")]
    ConstantX {
        /// The x.
        found: f64,
    },
}

/// Refuses the first of `values` that is NaN or infinite; `what` names the sample.
pub(crate) fn check_finite(what: &'static str, values: &[f64]) -> Result<(), Error> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(Error::Number { what, index, found: values[index], expected: "a finite number" }),
        None => Ok(()),
    }
}
