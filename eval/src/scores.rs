//! A task's metrics and the one number it is judged by: their mean, as GLUE defines it. The list is checked before any
//! training, so that the headline has a direction when a checkpoint is chosen by it.

use crate::{Degenerate, Error, Kind, Metric, Outcome, Score};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// A checked list of metrics: at least one, none twice, all of one kind and of one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskMetrics(Vec<Metric>);

impl TaskMetrics {
    /// Checks a task's metrics; their order is kept.
    ///
    /// # Errors
    /// [`Error::NoMetrics`], [`Error::RepeatedMetric`], [`Error::MixedKinds`] or [`Error::MixedDirections`].
    pub fn check(metrics: &[Metric]) -> Result<TaskMetrics, Error> {
        let &first = metrics.first().ok_or(Error::NoMetrics)?;
        for (index, &second) in metrics.iter().enumerate() {
            if metrics[..index].contains(&second) {
                return Err(Error::RepeatedMetric { metric: second });
            }
            if second.kind() != first.kind() {
                return Err(Error::MixedKinds { first, second });
            }
            if second.higher_is_better() != first.higher_is_better() {
                return Err(Error::MixedDirections { first, second });
            }
        }
        Ok(TaskMetrics(metrics.to_vec()))
    }

    /// The metrics in the listed order.
    pub fn as_slice(&self) -> &[Metric] {
        &self.0
    }

    /// What all of them read.
    pub fn kind(&self) -> Kind {
        self.0[0].kind()
    }

    /// The least and the greatest headline that there can be.
    pub fn range(&self) -> (f64, f64) {
        let of = |end: fn((f64, f64)) -> f64| {
            self.0.iter().map(|metric| end(metric.range())).sum::<f64>() / self.0.len() as f64
        };
        (of(|range| range.0), of(|range| range.1))
    }

    /// Whether a larger headline is a better one.
    pub fn higher_is_better(&self) -> bool {
        self.0[0].higher_is_better()
    }

    /// Whether headline `a` is strictly better than headline `b`. Equal ones are not, so the earlier of two equal
    /// checkpoints stays; NaN is never better.
    pub fn better(&self, a: f64, b: f64) -> bool {
        if self.higher_is_better() { a > b } else { a < b }
    }

    /// Every listed metric and their mean.
    ///
    /// # Errors
    /// [`Error::WrongKind`] where the metrics read something else than the outcome holds.
    pub fn score(&self, outcome: &Outcome) -> Result<Scores, Error> {
        let scores: Vec<(Metric, Score)> = self
            .0
            .iter()
            .map(|&metric| Ok((metric, outcome.score(metric)?)))
            .collect::<Result<_, Error>>()?;
        let headline = scores.iter().map(|(_, score)| score.value).sum::<f64>() / scores.len() as f64;
        let undefined = scores.iter().find_map(|(_, score)| score.degenerate);
        Ok(Scores { scores, headline, degenerate: outcome.degenerate().or(undefined) })
    }
}

/// What one evaluation of one task reports.
///
/// Serialises to an object with a number for each metric in the listed order, then `headline`, then, only where there
/// is one, the name of the degenerate case as `degenerate`: `{"accuracy":0.5,"f1":0.0,"headline":0.25,"degenerate":"one-class-predicted"}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Scores {
    scores: Vec<(Metric, Score)>,
    headline: f64,
    degenerate: Option<Degenerate>,
}

impl Scores {
    /// The metrics and their scores in the listed order.
    pub fn iter(&self) -> impl Iterator<Item = (Metric, Score)> + '_ {
        self.scores.iter().copied()
    }

    /// The score of a metric, where it was listed.
    pub fn get(&self, metric: Metric) -> Option<Score> {
        self.iter().find(|&(listed, _)| listed == metric).map(|(_, score)| score)
    }

    /// The mean of the listed metrics' values; finite.
    pub fn headline(&self) -> f64 {
        self.headline
    }

    /// What is degenerate about the outcome ([`Outcome::degenerate`]), or else about its first undefined metric.
    pub fn degenerate(&self) -> Option<Degenerate> {
        self.degenerate
    }
}

impl Serialize for Scores {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        for (metric, score) in &self.scores {
            object.serialize_entry(metric, &score.value)?;
        }
        object.serialize_entry("headline", &self.headline)?;
        if let Some(degenerate) = self.degenerate {
            object.serialize_entry("degenerate", &degenerate)?;
        }
        object.end()
    }
}
