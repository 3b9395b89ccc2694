//! Lines over epochs: the mean over seeds, in a band from the least seed to the greatest.

use super::drawn::{Key, key};
use crate::canvas::{Canvas, DrawingError, Scale};
use crate::findings::{CurvePoint, Estimate};
use crate::format;
use crate::palette::Colour;

/// Lines in a figure at most: more cannot be told apart.
pub(super) const MOST: usize = 6;

/// A line.
pub(super) struct Line {
    pub(super) label: String,
    /// What the legend adds.
    pub(super) note: String,
    pub(super) colour: Colour,
    pub(super) points: Vec<CurvePoint>,
}

/// Draws lines, the first on top, each point with a dot of so many pixels. A point says its values under the pointer, with so many
/// decimals.
pub(super) fn paint(
    canvas: &Canvas<'_>,
    scale: &Scale,
    lines: &[Line],
    dot: u32,
    decimals: usize,
) -> Result<(), DrawingError> {
    for Line { colour, points, .. } in lines {
        let upper = points.iter().map(|point| scale.at(point.epoch, point.high));
        let lower = points.iter().rev().map(|point| scale.at(point.epoch, point.low));
        canvas.band(upper.chain(lower).collect(), *colour)?;
    }
    for Line { colour, points, .. } in lines.iter().rev() {
        let mean: Vec<_> = points.iter().map(|point| scale.at(point.epoch, point.mean)).collect();
        canvas.line(&mean, 3, *colour)?;
        for &at in &mean {
            canvas.dot(at, dot, *colour, 1.0)?;
        }
    }
    for Line { label, points, .. } in lines.iter().rev() {
        for CurvePoint { epoch, mean, low, high } in points {
            let mean_and_ends = Estimate { value: *mean, low: *low, high: *high };
            let shown = format::interval(&mean_and_ends, |value| format::fixed(value, decimals));
            canvas.says_at(
                scale.at(*epoch, *mean),
                &format!("{label}, epoch {}: {shown}", format::tick(*epoch)),
            );
        }
    }
    Ok(())
}

/// The points whose numbers are finite.
pub(super) fn finite(points: &[CurvePoint]) -> Vec<CurvePoint> {
    let is_finite = |p: &&CurvePoint| [p.epoch, p.mean, p.low, p.high].iter().all(|value| value.is_finite());
    points.iter().filter(is_finite).copied().collect()
}

/// The last epoch of the lines, or 1 where there is none.
pub(super) fn last_epoch(lines: &[Line]) -> f64 {
    let epochs = lines.iter().flat_map(|line| &line.points).map(|point| point.epoch);
    let last = epochs.fold(0.0, f64::max);
    if last > 0.0 { last } else { 1.0 }
}

/// The legend.
pub(super) fn keys(lines: &[Line]) -> Vec<Key> {
    let label = |line: &Line| format!("{}{}", line.label, line.note);
    lines.iter().map(|line| key("line", line.colour, label(line))).collect()
}
