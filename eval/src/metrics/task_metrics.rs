//! Which metrics a task is judged by. The list is checked before any training, so that the headline, their mean, has a
//! direction when a checkpoint is chosen by it.

use super::metric::{Kind, Metric};
use crate::error::Error;

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
}
