//! The figures, one file for each kind. A figure is a drawing with a sentence that says how to read it and a legend; both are
//! text of the page, so that they wrap and keep their size where the drawing shrinks. A figure without data is absent.

mod costs;
mod curves;
mod map;
mod passes;
mod ratio;
mod samplers;
mod scores;
mod size_curve;

pub(super) use costs::costs;
pub(super) use curves::curves;
pub(super) use map::{better_than_single, mtl_or_stilts, target_passes};
pub(super) use passes::passes;
pub(super) use ratio::ratio;
pub(super) use samplers::samplers;
pub(super) use scores::scores;
pub(super) use size_curve::{size_differences, size_line, size_scores};

use super::canvas::{Drawing, DrawingError};
use super::palette::Colour;
use crate::Estimate;
use serde::Serialize;

/// A drawing with its words.
#[derive(Serialize)]
pub(super) struct Figure {
    drawing: Drawing,
    /// What it shows, for those who cannot see it.
    title: String,
    /// How to read it, in a sentence.
    caption: String,
    keys: Vec<Key>,
}

/// None where there is nothing to draw.
pub(super) type Drawn = Result<Option<Figure>, DrawingError>;

/// A mark of the legend.
#[derive(Serialize)]
struct Key {
    /// `dot`, `ring`, `line`, `dash` or `cell`.
    shape: &'static str,
    colour: &'static str,
    label: String,
}

fn key(shape: &'static str, colour: Colour, label: impl Into<String>) -> Key {
    Key { shape, colour: colour.name, label: label.into() }
}

/// An estimate of shares in points; none if a number of it is not finite.
fn in_points(estimate: &Estimate) -> Option<Estimate> {
    let Estimate { value, low, high } = *estimate;
    let all = [value, low, high];
    all.iter().all(|share| share.is_finite()).then_some(Estimate {
        value: 100.0 * value,
        low: 100.0 * low,
        high: 100.0 * high,
    })
}
