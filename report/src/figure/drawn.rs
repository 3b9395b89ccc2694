//! What all figures are made of: a drawing, its words and its legend.

use serde::Serialize;

use crate::canvas::{Drawing, DrawingError};
use crate::findings::{Difference, Estimate};
use crate::palette::Colour;

/// A drawing with its words.
#[derive(Serialize)]
pub(crate) struct Figure {
    pub(super) drawing: Drawing,
    /// What it shows, for those who cannot see it.
    pub(super) title: String,
    /// How to read it, in a sentence.
    pub(super) caption: String,
    pub(super) keys: Vec<Key>,
}

/// None where there is nothing to draw.
pub(super) type Drawn = Result<Option<Figure>, DrawingError>;

/// A mark of the legend.
#[derive(Serialize)]
pub(super) struct Key {
    /// `dot`, `ring`, `line`, `dash` or `cell`.
    shape: &'static str,
    colour: &'static str,
    label: String,
}

/// A mark of the legend in a colour.
pub(super) fn key(shape: &'static str, colour: Colour, label: impl Into<String>) -> Key {
    Key { shape, colour: colour.name, label: label.into() }
}

/// An estimate of shares in points; none if a number of it is not finite.
pub(super) fn in_points(estimate: &Estimate) -> Option<Estimate> {
    let Estimate { value, low, high } = *estimate;
    let all = [value, low, high];
    all.iter().all(|share| share.is_finite()).then_some(Estimate {
        value: 100.0 * value,
        low: 100.0 * low,
        high: 100.0 * high,
    })
}

/// A difference in points; without an interval it is drawn as its value alone.
pub(super) fn difference_in_points(difference: &Difference) -> Option<Estimate> {
    let value = difference.value;
    in_points(&difference.estimate().unwrap_or(Estimate { value, low: value, high: value }))
}
