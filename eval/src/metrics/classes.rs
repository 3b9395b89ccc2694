//! Metrics of classes. Three counts per label are all that any of them needs, so an outcome with `L` labels keeps `3 L`
//! integers instead of its rows or an `L x L` confusion matrix, and every sum is exact.

use super::metric::Metric;
use super::score::{Degenerate, Score};

#[derive(Clone, Debug)]
pub(crate) struct Classes {
    /// `[L]`
    tallies: Vec<Tally>,
    rows: u64,
    positive: usize,
}

/// How often one label is true, predicted, and both in the same row.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    reference: u64,
    predicted: u64,
    correct: u64,
}

impl Tally {
    /// 2 TP / (2 TP + FP + FN); `None` where the label does not occur.
    fn f1(self) -> Option<f64> {
        let occurrences = self.reference + self.predicted;
        (occurrences > 0).then(|| 2.0 * self.correct as f64 / occurrences as f64)
    }
}

impl Classes {
    /// No rows yet; at least one has to be added before there is a score.
    pub(crate) fn new(labels: usize, positive: usize) -> Classes {
        Classes { tallies: vec![Tally::default(); labels], rows: 0, positive }
    }

    /// Counts a row that `check_classes` has checked, as often as it occurs.
    pub(crate) fn add(&mut self, predicted: usize, reference: usize, occurrences: u64) {
        self.rows += occurrences;
        self.tallies[predicted].predicted += occurrences;
        self.tallies[reference].reference += occurrences;
        if predicted == reference {
            self.tallies[reference].correct += occurrences;
        }
    }

    /// Takes one occurrence of a row back.
    pub(crate) fn remove(&mut self, predicted: usize, reference: usize) {
        self.rows -= 1;
        self.tallies[predicted].predicted -= 1;
        self.tallies[reference].reference -= 1;
        self.tallies[reference].correct -= u64::from(predicted == reference);
    }

    /// The value of a metric of classes; `None` for the others.
    pub(crate) fn score(&self, metric: Metric) -> Option<Score> {
        match metric {
            Metric::Accuracy => Some(self.accuracy()),
            Metric::F1 => Some(self.f1()),
            Metric::Mcc => Some(self.mcc()),
            Metric::MacroF1 => Some(self.macro_f1()),
            Metric::Pearson | Metric::Spearman | Metric::Mse => None,
        }
    }

    fn accuracy(&self) -> Score {
        Score::defined(self.correct() as f64 / self.rows as f64)
    }

    fn f1(&self) -> Score {
        match self.tallies[self.positive].f1() {
            Some(value) => Score::defined(value),
            None => Score::undefined(Degenerate::PositiveAbsent),
        }
    }

    fn macro_f1(&self) -> Score {
        let occurring: Vec<f64> = self.tallies.iter().filter_map(|tally| tally.f1()).collect();
        Score::defined(occurring.iter().sum::<f64>() / occurring.len() as f64)
    }

    /// R_K (Gorodkin, "Comparing two K-category assignments by a K-category correlation coefficient", 2004), in counts
    /// over labels `k`, with `n` rows, `c` of them right, `t_k` true and `p_k` predicted:
    /// `(n c - Σ t_k p_k) / sqrt((n² - Σ t_k²) (n² - Σ p_k²))`. Two labels give the usual MCC.
    fn mcc(&self) -> Score {
        if let Some(degenerate) = self.one_class() {
            return Score::undefined(degenerate);
        }
        let rows = i128::from(self.rows);
        let dot = |left: fn(&Tally) -> u64, right: fn(&Tally) -> u64| -> i128 {
            self.tallies.iter().map(|tally| i128::from(left(tally)) * i128::from(right(tally))).sum()
        };
        let covariance = rows * i128::from(self.correct()) - dot(|t| t.reference, |t| t.predicted);
        let reference_variance = rows * rows - dot(|t| t.reference, |t| t.reference);
        let predicted_variance = rows * rows - dot(|t| t.predicted, |t| t.predicted);
        let scale = (reference_variance as f64 * predicted_variance as f64).sqrt();
        // Exact up to 9e7 rows; beyond, n² is rounded and could carry the ratio past 1.
        Score::defined((covariance as f64 / scale).clamp(-1.0, 1.0))
    }

    pub(crate) fn one_class(&self) -> Option<Degenerate> {
        if self.tallies.iter().any(|tally| tally.reference == self.rows) {
            Some(Degenerate::OneClassReference)
        } else if self.tallies.iter().any(|tally| tally.predicted == self.rows) {
            Some(Degenerate::OneClassPredicted)
        } else {
            None
        }
    }

    fn correct(&self) -> u64 {
        self.tallies.iter().map(|tally| tally.correct).sum()
    }
}
