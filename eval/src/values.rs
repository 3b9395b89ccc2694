//! Metrics of real numbers. Everything is summed in two passes in `f64`: the mean first, then products of deviations,
//! because the one-pass formula cancels where the mean is large beside the spread.

use crate::{Degenerate, Score};

/// Numbers whose range is at most this part of their magnitude count as one number for [`Values::nearly_constant`].
const CONSTANT_WITHIN: f64 = 1e-6;

#[derive(Clone, Debug)]
pub(crate) struct Values {
    /// `[n]`
    predicted: Vec<f64>,
    /// `[n]`
    reference: Vec<f64>,
}

impl Values {
    /// Widens rows that `Outcome::values` has checked.
    pub(crate) fn new(predicted: &[f32], reference: &[f32]) -> Values {
        let widen = |values: &[f32]| values.iter().copied().map(f64::from).collect();
        Values { predicted: widen(predicted), reference: widen(reference) }
    }

    pub(crate) fn pearson(&self) -> Score {
        match self.constant_within(0.0) {
            Some(degenerate) => Score::undefined(degenerate),
            None => Score::defined(correlation(&self.predicted, &self.reference)),
        }
    }

    pub(crate) fn spearman(&self) -> Score {
        match self.constant_within(0.0) {
            Some(degenerate) => Score::undefined(degenerate),
            None => Score::defined(correlation(&ranks(&self.predicted), &ranks(&self.reference))),
        }
    }

    pub(crate) fn mse(&self) -> Score {
        let squares = self.predicted.iter().zip(&self.reference).map(|(p, r)| (p - r) * (p - r));
        Score::defined(squares.sum::<f64>() / self.reference.len() as f64)
    }

    pub(crate) fn nearly_constant(&self) -> Option<Degenerate> {
        self.constant_within(CONSTANT_WITHIN)
    }

    fn constant_within(&self, relative: f64) -> Option<Degenerate> {
        if is_constant_within(&self.reference, relative) {
            Some(Degenerate::ConstantReference)
        } else if is_constant_within(&self.predicted, relative) {
            Some(Degenerate::ConstantPrediction)
        } else {
            None
        }
    }
}

fn is_constant_within(values: &[f64], relative: f64) -> bool {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    greatest - least <= relative * greatest.abs()
}

/// `Σ dx dy / sqrt(Σ dx² Σ dy²)`, `dx` and `dy` being deviations from the means; neither side is constant. Clamped
/// because rounding can carry a perfect correlation past 1.
fn correlation(x: &[f64], y: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (x_mean, y_mean) = (mean(x), mean(y));
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        let (dx, dy) = (x - x_mean, y - y_mean);
        xx += dx * dx;
        xy += dx * dy;
        yy += dy * dy;
    }
    (xy / (xx * yy).sqrt()).clamp(-1.0, 1.0)
}

/// Ranks from 1, equal values sharing the mean of the ranks they span (`scipy.stats.rankdata`, method `average`).
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut ranked = 0;
    // `==` rather than the sort's order, under which -0 and 0 would not tie.
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = ranked as f64 + (tied.len() + 1) as f64 / 2.0;
        for &row in tied {
            ranks[row] = rank;
        }
        ranked += tied.len();
    }
    ranks
}
