//! Metrics of real numbers. Everything is summed in two passes in `f64`: the mean first, then products of deviations,
//! because the one-pass formula cancels where the mean is large beside the spread. Each sum takes how often a row occurs,
//! so that a resample is scored by the same formulas, and sorted once for all resamples.

use super::metric::Metric;
use super::score::{Degenerate, Score};

/// Numbers whose range is at most this part of their magnitude count as one number for [`Values::nearly_constant`].
const CONSTANT_WITHIN: f64 = 1e-6;

/// Checked rows; `count` is everywhere how often a row occurs, at least one of them at least once.
#[derive(Clone, Debug)]
pub(crate) struct Values {
    predicted: Side,
    reference: Side,
}

#[derive(Clone, Debug)]
struct Side {
    /// `[n]`
    values: Vec<f64>,
    /// The rows by rising value. `[n]`
    ascending: Vec<usize>,
}

impl Values {
    /// Widens and sorts rows that `check_values` has checked.
    pub(crate) fn new(predicted: &[f32], reference: &[f32]) -> Values {
        Values { predicted: Side::new(predicted), reference: Side::new(reference) }
    }

    /// The predictions. `[n]`
    pub(crate) fn predicted(&self) -> &[f64] {
        &self.predicted.values
    }

    /// The references. `[n]`
    pub(crate) fn reference(&self) -> &[f64] {
        &self.reference.values
    }

    /// The value of a metric of values; `None` for the others.
    pub(crate) fn score(&self, metric: Metric, count: impl Fn(usize) -> u32 + Copy) -> Option<Score> {
        match metric {
            Metric::Pearson => Some(self.pearson(count)),
            Metric::Spearman => Some(self.spearman(count)),
            Metric::Mse => Some(self.mse(count)),
            Metric::Accuracy | Metric::F1 | Metric::Mcc | Metric::MacroF1 => None,
        }
    }

    pub(crate) fn nearly_constant(&self) -> Option<Degenerate> {
        self.constant_within(CONSTANT_WITHIN, |_| 1)
    }

    fn pearson(&self, count: impl Fn(usize) -> u32 + Copy) -> Score {
        match self.constant_within(0.0, count) {
            Some(degenerate) => Score::undefined(degenerate),
            None => Score::defined(correlation(&self.predicted.values, &self.reference.values, count)),
        }
    }

    fn spearman(&self, count: impl Fn(usize) -> u32 + Copy) -> Score {
        match self.constant_within(0.0, count) {
            Some(degenerate) => Score::undefined(degenerate),
            None => {
                Score::defined(correlation(&self.predicted.ranks(count), &self.reference.ranks(count), count))
            }
        }
    }

    fn mse(&self, count: impl Fn(usize) -> u32 + Copy) -> Score {
        let squares: Vec<f64> = self
            .predicted
            .values
            .iter()
            .zip(&self.reference.values)
            .map(|(p, r)| (p - r) * (p - r))
            .collect();
        Score::defined(mean(&squares, count))
    }

    fn constant_within(&self, relative: f64, count: impl Fn(usize) -> u32 + Copy) -> Option<Degenerate> {
        if self.reference.is_constant_within(relative, count) {
            Some(Degenerate::ConstantReference)
        } else if self.predicted.is_constant_within(relative, count) {
            Some(Degenerate::ConstantPrediction)
        } else {
            None
        }
    }
}

impl Side {
    fn new(values: &[f32]) -> Side {
        let values: Vec<f64> = values.iter().copied().map(f64::from).collect();
        let mut ascending: Vec<usize> = (0..values.len()).collect();
        ascending.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
        Side { values, ascending }
    }

    fn is_constant_within(&self, relative: f64, count: impl Fn(usize) -> u32) -> bool {
        let occurs = |row: &&usize| count(**row) > 0;
        let least = self.ascending.iter().find(occurs).map(|&row| self.values[row]);
        let greatest = self.ascending.iter().rfind(occurs).map(|&row| self.values[row]);
        least.zip(greatest).is_none_or(|(least, greatest)| greatest - least <= relative * greatest.abs())
    }

    /// Ranks from 1, equal values sharing the mean of the ranks they span (`scipy.stats.rankdata`, method `average`),
    /// each row standing for as many as it occurs.
    fn ranks(&self, count: impl Fn(usize) -> u32) -> Vec<f64> {
        let mut ranks = vec![0.0; self.values.len()];
        let mut ranked = 0.0;
        // `==` rather than the sort's order, under which -0 and 0 would not tie.
        for tied in self.ascending.chunk_by(|&a, &b| self.values[a] == self.values[b]) {
            let occurrences: f64 = tied.iter().map(|&row| f64::from(count(row))).sum();
            for &row in tied {
                ranks[row] = ranked + (occurrences + 1.0) / 2.0;
            }
            ranked += occurrences;
        }
        ranks
    }
}

/// `Σ c x / Σ c`, `c` being the rows' counts.
fn mean(values: &[f64], count: impl Fn(usize) -> u32) -> f64 {
    let (mut sum, mut rows) = (0.0, 0.0);
    for (row, value) in values.iter().enumerate() {
        let occurrences = f64::from(count(row));
        sum += occurrences * value;
        rows += occurrences;
    }
    sum / rows
}

/// `Σ c dx dy / sqrt(Σ c dx² Σ c dy²)`, `dx` and `dy` being deviations from the means; neither side is constant. Clamped
/// because rounding can carry a perfect correlation past 1.
fn correlation(x: &[f64], y: &[f64], count: impl Fn(usize) -> u32 + Copy) -> f64 {
    let (x_mean, y_mean) = (mean(x, count), mean(y, count));
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (row, (x, y)) in x.iter().zip(y).enumerate() {
        let (occurrences, dx, dy) = (f64::from(count(row)), x - x_mean, y - y_mean);
        xx += occurrences * (dx * dx);
        xy += occurrences * (dx * dy);
        yy += occurrences * (dy * dy);
    }
    (xy / (xx * yy).sqrt()).clamp(-1.0, 1.0)
}
