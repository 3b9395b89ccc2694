//! A model's predictions with the headline they earn, kept row by row. A comparison asks for that headline again and
//! again on other multisets of the same rows, so a row is never copied: a multiset is a count for each row, and every
//! metric is a sum over counts.

use super::classes::Classes;
use super::groups::{Groups, LEAST_GROUP_ROWS};
use super::metric::{Kind, Metric};
use super::outcome::{check_classes, check_values};
use super::score::Score;
use super::task_metrics::TaskMetrics;
use super::values::Values;
use super::worst_group::WorstGroup;
use crate::error::Error;

/// One model's checked predictions on one dev set of `n >= 1` rows, and the task's metrics.
#[derive(Clone, Debug)]
pub struct Judged {
    rows: Rows,
    metrics: TaskMetrics,
}

#[derive(Clone, Debug)]
enum Rows {
    Classes {
        /// `[n]`
        predicted: Vec<usize>,
        /// `[n]`
        reference: Vec<usize>,
        labels: usize,
        positive: usize,
    },
    Values(Values),
    WorstGroup(WorstGroup),
}

impl Judged {
    /// Label indices, as [`crate::Outcome::classes`] takes them.
    ///
    /// # Shapes
    /// `predicted: [n]`, `reference: [n]`, each entry below `labels`.
    ///
    /// # Errors
    /// Those of [`crate::Outcome::classes`], and [`Error::WrongKind`] for metrics of values.
    pub fn classes(
        predicted: &[usize],
        reference: &[usize],
        labels: usize,
        positive: usize,
        metrics: &TaskMetrics,
    ) -> Result<Judged, Error> {
        check_classes(predicted, reference, labels, positive)?;
        let (predicted, reference) = (predicted.to_vec(), reference.to_vec());
        Judged::with(Rows::Classes { predicted, reference, labels, positive }, Kind::Classes, metrics)
    }

    /// Real numbers, as [`crate::Outcome::values`] takes them.
    ///
    /// # Shapes
    /// `predicted: [n]`, `reference: [n]`, each entry finite.
    ///
    /// # Errors
    /// Those of [`crate::Outcome::values`], and [`Error::WrongKind`] for metrics of classes.
    pub fn values(predicted: &[f32], reference: &[f32], metrics: &TaskMetrics) -> Result<Judged, Error> {
        check_values(predicted, reference)?;
        Judged::with(Rows::Values(Values::new(predicted, reference)), Kind::Values, metrics)
    }

    /// Label indices, as [`crate::Outcome::classes`] takes them, whose headline is the accuracy of the worst group.
    ///
    /// # Shapes
    /// `predicted: [n]`, `reference: [n]`, each entry below `labels`; `groups` of `n` rows.
    ///
    /// # Errors
    /// Those of [`Groups::scores`] and [`crate::Outcome::classes`], and [`Error::SmallGroups`] where no group has the rows to be the
    /// worst.
    pub fn worst_group(
        predicted: &[usize],
        reference: &[usize],
        labels: usize,
        groups: &Groups,
    ) -> Result<Judged, Error> {
        check_classes(predicted, reference, labels, 0)?;
        if groups.scores(predicted, reference)?.worst().is_none() {
            return Err(Error::SmallGroups { least: LEAST_GROUP_ROWS });
        }
        let metrics = TaskMetrics::check(&[Metric::Accuracy])?;
        Judged::with(Rows::WorstGroup(WorstGroup::new(predicted, reference, groups)), Kind::Classes, &metrics)
    }

    fn with(rows: Rows, found: Kind, metrics: &TaskMetrics) -> Result<Judged, Error> {
        if metrics.kind() != found {
            return Err(Error::WrongKind { metric: metrics.as_slice()[0], found });
        }
        Ok(Judged { rows, metrics: metrics.clone() })
    }

    /// The same model judged on some of the rows, in this order; a row may be named again.
    ///
    /// # Errors
    /// [`Error::Empty`] without rows.
    ///
    /// # Panics
    /// If there is no such row.
    #[track_caller]
    pub fn select(&self, rows: &[usize]) -> Result<Judged, Error> {
        match &self.rows {
            Rows::Classes { predicted, reference, labels, positive } => {
                let of = |classes: &[usize]| rows.iter().map(|&row| classes[row]).collect::<Vec<_>>();
                Judged::classes(&of(predicted), &of(reference), *labels, *positive, &self.metrics)
            }
            Rows::Values(values) => {
                let of = |values: &[f64]| rows.iter().map(|&row| values[row] as f32).collect::<Vec<_>>();
                Judged::values(&of(values.predicted()), &of(values.reference()), &self.metrics)
            }
            Rows::WorstGroup(_) if rows.is_empty() => Err(Error::Empty),
            Rows::WorstGroup(groups) => {
                Ok(Judged { rows: Rows::WorstGroup(groups.select(rows)), metrics: self.metrics.clone() })
            }
        }
    }

    /// `n`, the number of rows.
    pub fn rows(&self) -> usize {
        match &self.rows {
            Rows::Classes { reference, .. } => reference.len(),
            Rows::Values(values) => values.reference().len(),
            Rows::WorstGroup(groups) => groups.rows(),
        }
    }

    /// The metrics whose mean is the headline.
    pub fn metrics(&self) -> &TaskMetrics {
        &self.metrics
    }

    /// The headline of all rows once: [`crate::Scores::headline`] of the same rows.
    pub fn headline(&self) -> f64 {
        self.headline_where(|_| 1)
    }

    /// The headline where row `e` occurs `counts[e]` times. A metric that is undefined there is 0, as it is everywhere
    /// in this crate. Takes time in proportion to `n`, for rank correlations too.
    ///
    /// # Shapes
    /// `counts: [n]`.
    ///
    /// # Panics
    /// If `counts` has another length, or all counts are 0.
    #[track_caller]
    pub fn headline_of(&self, counts: &[u32]) -> f64 {
        assert_eq!(counts.len(), self.rows(), "one count for each row");
        assert!(counts.iter().any(|&count| count > 0), "at least one row occurs");
        self.headline_where(|row| counts[row])
    }

    /// The jackknife's pseudo-values `n θ - (n - 1) θ_(-e)`, `θ` being the headline and `θ_(-e)` the one without row
    /// `e` (Tukey, "Bias and confidence in not-quite large samples", 1958). Their mean is the bias-corrected headline;
    /// for accuracy they are the rows' 0 and 1, up to rounding. A single row is its own headline. `[n]`
    pub fn pseudo_values(&self) -> Vec<f64> {
        let (n, headline) = (self.rows(), self.headline());
        if n == 1 {
            return vec![headline];
        }
        let without = self.headlines_without_each();
        without.into_iter().map(|without| n as f64 * headline - (n - 1) as f64 * without).collect()
    }

    /// Whether both are judged by the same metrics on the same references.
    pub(crate) fn is_comparable(&self, other: &Judged) -> bool {
        let same_rows = match (&self.rows, &other.rows) {
            (
                Rows::Classes { reference, labels, positive, .. },
                Rows::Classes { reference: theirs, labels: their_labels, positive: their_positive, .. },
            ) => (reference, labels, positive) == (theirs, their_labels, their_positive),
            (Rows::Values(ours), Rows::Values(theirs)) => ours.reference() == theirs.reference(),
            (Rows::WorstGroup(ours), Rows::WorstGroup(theirs)) => ours.is_comparable(theirs),
            _ => false,
        };
        same_rows && self.metrics == other.metrics
    }

    fn headline_where(&self, count: impl Fn(usize) -> u32 + Copy) -> f64 {
        match &self.rows {
            Rows::Classes { predicted, reference, labels, positive } => {
                let mut classes = Classes::new(*labels, *positive);
                for (row, (&predicted, &reference)) in predicted.iter().zip(reference).enumerate() {
                    classes.add(predicted, reference, u64::from(count(row)));
                }
                self.mean(|metric| classes.score(metric))
            }
            Rows::Values(values) => self.mean(|metric| values.score(metric, count)),
            Rows::WorstGroup(groups) => groups.headline(&groups.tally(count)),
        }
    }

    /// `θ_(-e)` for each row `e` of at least two. `[n]`
    fn headlines_without_each(&self) -> Vec<f64> {
        match &self.rows {
            // What a row adds to the tallies can be taken back, so that all `n` take the time of one and no `n²`.
            Rows::Classes { predicted, reference, labels, positive } => {
                let mut classes = Classes::new(*labels, *positive);
                let rows = || predicted.iter().copied().zip(reference.iter().copied());
                rows().for_each(|(predicted, reference)| classes.add(predicted, reference, 1));
                rows()
                    .map(|(predicted, reference)| {
                        classes.remove(predicted, reference);
                        let headline = self.mean(|metric| classes.score(metric));
                        classes.add(predicted, reference, 1);
                        headline
                    })
                    .collect()
            }
            Rows::Values(_) => {
                (0..self.rows()).map(|left| self.headline_where(|row| u32::from(row != left))).collect()
            }
            Rows::WorstGroup(groups) => groups.headlines_without_each(),
        }
    }

    fn mean(&self, score: impl Fn(Metric) -> Option<Score>) -> f64 {
        let metrics = self.metrics.as_slice();
        metrics.iter().filter_map(|&metric| score(metric)).map(|score| score.value).sum::<f64>()
            / metrics.len() as f64
    }
}
