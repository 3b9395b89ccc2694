//! Predictions beside their references, checked once. Whatever gets past the constructors has a finite score in every
//! metric of its kind, so the arithmetic behind it checks nothing again.

use super::classes::Classes;
use super::metric::{Kind, Metric};
use super::score::{Degenerate, Score};
use super::values::Values;
use crate::error::Error;

/// Checked predictions and references of `n >= 1` rows.
#[derive(Clone, Debug)]
pub struct Outcome(Held);

#[derive(Clone, Debug)]
enum Held {
    Classes(Classes),
    Values(Values),
}

impl Outcome {
    /// Label indices of a classification task with `labels` = `L` labels; `positive` is the class that F1 is about
    /// (1 in GLUE's tasks) and does not matter to the other metrics.
    ///
    /// # Shapes
    /// `predicted: [n]`, `reference: [n]`, each entry below `L`.
    ///
    /// # Errors
    /// [`Error::Lengths`], [`Error::Empty`], [`Error::LabelOutOfRange`] or [`Error::PositiveOutOfRange`].
    pub fn classes(
        predicted: &[usize],
        reference: &[usize],
        labels: usize,
        positive: usize,
    ) -> Result<Outcome, Error> {
        check_classes(predicted, reference, labels, positive)?;
        let mut classes = Classes::new(labels, positive);
        for (&predicted, &reference) in predicted.iter().zip(reference) {
            classes.add(predicted, reference, 1);
        }
        Ok(Outcome(Held::Classes(classes)))
    }

    /// Real numbers of a regression task. They are `f32`, as models and their targets are: summed in `f64`, no square
    /// or product of them overflows or vanishes, which is what makes every correlation finite.
    ///
    /// # Shapes
    /// `predicted: [n]`, `reference: [n]`, each entry finite.
    ///
    /// # Errors
    /// [`Error::Lengths`], [`Error::Empty`] or [`Error::NotFinite`].
    pub fn values(predicted: &[f32], reference: &[f32]) -> Result<Outcome, Error> {
        check_values(predicted, reference)?;
        Ok(Outcome(Held::Values(Values::new(predicted, reference))))
    }

    /// What the outcome holds, hence which metrics it has.
    pub fn kind(&self) -> Kind {
        match self.0 {
            Held::Classes(_) => Kind::Classes,
            Held::Values(_) => Kind::Values,
        }
    }

    /// The value of one metric.
    ///
    /// # Errors
    /// [`Error::WrongKind`] where the metric reads something else than the outcome holds.
    pub fn score(&self, metric: Metric) -> Result<Score, Error> {
        let score = match &self.0 {
            Held::Classes(classes) => classes.score(metric),
            Held::Values(values) => values.score(metric, |_| 1),
        };
        score.ok_or(Error::WrongKind { metric, found: self.kind() })
    }

    /// What is degenerate about the outcome as a whole, whichever metric is asked for: one class, or numbers that
    /// differ by at most 1e-6 of their magnitude (about eight steps of `f32`). A fault of the reference is named
    /// before one of the predictions. Numbers that differ at all still have the correlation that the formula gives.
    pub fn degenerate(&self) -> Option<Degenerate> {
        match &self.0 {
            Held::Classes(classes) => classes.one_class(),
            Held::Values(values) => values.nearly_constant(),
        }
    }
}

/// Rows of label indices that can be scored.
pub(crate) fn check_classes(
    predicted: &[usize],
    reference: &[usize],
    labels: usize,
    positive: usize,
) -> Result<(), Error> {
    check_rows(predicted.len(), reference.len())?;
    for (side, classes) in [("prediction", predicted), ("reference", reference)] {
        if let Some(index) = classes.iter().position(|&class| class >= labels) {
            return Err(Error::LabelOutOfRange { side, index, found: classes[index], labels });
        }
    }
    if positive >= labels {
        return Err(Error::PositiveOutOfRange { positive, labels });
    }
    Ok(())
}

/// Rows of real numbers that can be scored.
pub(crate) fn check_values(predicted: &[f32], reference: &[f32]) -> Result<(), Error> {
    check_rows(predicted.len(), reference.len())?;
    for (side, values) in [("prediction", predicted), ("reference", reference)] {
        if let Some(index) = values.iter().position(|value| !value.is_finite()) {
            return Err(Error::NotFinite { side, index, found: values[index] });
        }
    }
    Ok(())
}

fn check_rows(predicted: usize, reference: usize) -> Result<(), Error> {
    if predicted != reference {
        return Err(Error::Lengths { predicted, reference });
    }
    if reference == 0 {
        return Err(Error::Empty);
    }
    Ok(())
}
