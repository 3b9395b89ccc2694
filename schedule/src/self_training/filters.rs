//! Which of the rows that a model has labelled are trained on.
//!
//! The one decision: filters go from what a row is (length, duplicates) over what the model says of it (confidence, agreement) to what
//! the rows that are left make up together (balance), and a row counts for the first that drops it. So the counts and the kept rows
//! make up all rows, and a filter's count is what it does to what those before it leave.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::SelfTraining;
use super::parameters::{AGREEMENT, BALANCE, CONFIDENCE, DEVIATIONS, ORIGIN};
use crate::named;

/// A row, and what a model says of it.
#[derive(Clone, Copy, Debug)]
pub struct LabelledRow<'a> {
    /// Its tokens: rows with the same are duplicates.
    pub tokens: &'a [u32],
    /// The label that it was given, below the number of labels.
    pub label: usize,
    /// The probability of this label, in `[0, 1]`.
    pub confidence: f64,
    /// The share of the passes with dropout that give it this label, in `[0, 1]`; 1 without such passes.
    pub agreement: f64,
    /// The label of the gold row that it was written from; none of a row that was found.
    pub origin: Option<usize>,
}

/// The rows with labels of their own.
#[derive(Clone, Debug, Default)]
pub struct GoldRows<'a> {
    /// The tokens of each row that is trained on.
    pub train: Vec<&'a [u32]>,
    /// The tokens of rows that select or score: no labelled row may be one of them.
    pub others: Vec<&'a [u32]>,
    /// `[L]`: how many of the rows that are trained on have each label.
    pub labels: Vec<usize>,
}

/// What filters leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filtered {
    /// The places of the rows that are kept, ascending.
    pub kept: Vec<usize>,
    /// The filter that has dropped each row; none of a row that is kept.
    pub filters: Vec<Option<Filter>>,
}

/// What can drop a row, in the order in which they are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Shorter or longer than gold rows are.
    Length,
    /// The same as a gold row, whether that is trained on, selects or scores.
    Gold,
    /// The same as an earlier row.
    Repeated,
    /// Another label than that of the gold row it was written from.
    Origin,
    /// The model is not sure of the label.
    Confidence,
    /// Passes with dropout give other labels.
    Agreement,
    /// The label has more than its share.
    Balance,
}

named!(
    Filter, "filter",
    Length => "length",
    Gold => "gold",
    Repeated => "repeated",
    Origin => "origin",
    Confidence => "confidence",
    Agreement => "agreement",
    Balance => "balance",
);

/// How many rows each filter drops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilterCounts {
    /// Of [`Filter::Length`].
    pub length: usize,
    /// Of [`Filter::Gold`].
    pub gold: usize,
    /// Of [`Filter::Repeated`].
    pub repeated: usize,
    /// Of [`Filter::Origin`]. Records of before there was one have none.
    #[serde(default)]
    pub origin: usize,
    /// Of [`Filter::Confidence`].
    pub confidence: usize,
    /// Of [`Filter::Agreement`].
    pub agreement: usize,
    /// Of [`Filter::Balance`].
    pub balance: usize,
}

impl FilterCounts {
    /// Each filter's name and count, in order.
    pub fn named(&self) -> [(&'static str, usize); 7] {
        let Self { length, gold, repeated, origin, confidence, agreement, balance } = *self;
        let counts = [length, gold, repeated, origin, confidence, agreement, balance];
        std::array::from_fn(|place| (Filter::ALL[place].name(), counts[place]))
    }

    /// All that were dropped.
    pub fn total(&self) -> usize {
        self.named().into_iter().map(|(_, count)| count).sum()
    }
}

impl Filtered {
    /// How many rows each filter has dropped.
    pub fn dropped(&self) -> FilterCounts {
        let mut counts = FilterCounts::default();
        for filter in self.filters.iter().flatten() {
            let count = match filter {
                Filter::Length => &mut counts.length,
                Filter::Gold => &mut counts.gold,
                Filter::Repeated => &mut counts.repeated,
                Filter::Origin => &mut counts.origin,
                Filter::Confidence => &mut counts.confidence,
                Filter::Agreement => &mut counts.agreement,
                Filter::Balance => &mut counts.balance,
            };
            *count += 1;
        }
        counts
    }
}

impl SelfTraining {
    /// Which of these rows are trained on beside the gold ones.
    ///
    /// # Panics
    /// If a row's label is none of the gold rows'.
    pub fn filter(&self, rows: &[LabelledRow<'_>], gold: &GoldRows<'_>) -> Filtered {
        let values = &self.chosen.values;
        let lengths = Lengths::of(&gold.train, values[DEVIATIONS]);
        let known: HashSet<&[u32]> = gold.train.iter().chain(&gold.others).copied().collect();
        let mut seen = HashSet::new();
        let mut filters = Vec::with_capacity(rows.len());
        for row in rows {
            let is_other = row.origin.is_some_and(|label| label != row.label);
            filters.push(if !lengths.contain(row.tokens.len()) {
                Some(Filter::Length)
            } else if known.contains(row.tokens) {
                Some(Filter::Gold)
            } else if !seen.insert(row.tokens) {
                Some(Filter::Repeated)
            } else if values[ORIGIN] > 0.0 && is_other {
                Some(Filter::Origin)
            } else if row.confidence < values[CONFIDENCE] {
                Some(Filter::Confidence)
            } else if self.passes() > 0 && row.agreement < values[AGREEMENT] {
                Some(Filter::Agreement)
            } else {
                None
            });
        }
        let mut kept: Vec<usize> = (0..rows.len()).filter(|&row| filters[row].is_none()).collect();
        if values[BALANCE] > 0.0 {
            kept.iter().for_each(|&row| filters[row] = Some(Filter::Balance));
            kept = balanced(rows, kept, &gold.labels);
            kept.iter().for_each(|&row| filters[row] = None);
        }
        Filtered { kept, filters }
    }
}

/// The lengths that a row may have, in tokens: a number of standard deviations around the mean of the gold rows.
struct Lengths {
    mean: f64,
    most_off: f64,
}

impl Lengths {
    fn of(gold: &[&[u32]], deviations: f64) -> Self {
        let count = gold.len() as f64;
        let mean = gold.iter().map(|row| row.len() as f64).sum::<f64>() / count;
        let variance = gold.iter().map(|row| (row.len() as f64 - mean).powi(2)).sum::<f64>() / count;
        Self { mean, most_off: deviations * variance.sqrt() }
    }

    fn contain(&self, length: usize) -> bool {
        (length as f64 - self.mean).abs() <= self.most_off
    }
}

/// As many of these rows as there can be with the shares of the gold labels, each rounded up to a whole row: of every label those that
/// the model is surest of, of equal ones the first. With whole rows rounded up, what is balanced stays as it is.
fn balanced(rows: &[LabelledRow<'_>], places: Vec<usize>, gold: &[usize]) -> Vec<usize> {
    let mut of_labels: Vec<Vec<usize>> = vec![Vec::new(); gold.len()];
    places.into_iter().for_each(|place| of_labels[rows[place].label].push(place));
    let counts = of_labels.iter().map(Vec::len).zip(gold.iter().copied());
    // The label that has the fewest rows for its share, which all others are cut to.
    let scarcest = counts.filter(|&(_, gold)| gold > 0).min_by(|a, b| (a.0 * b.1).cmp(&(b.0 * a.1)));
    let Some((fewest, of_gold)) = scarcest else { return Vec::new() };
    for (places, gold) in of_labels.iter_mut().zip(gold) {
        places.sort_by(|&a, &b| rows[b].confidence.total_cmp(&rows[a].confidence));
        places.truncate((fewest * gold).div_ceil(of_gold));
    }
    let mut kept = of_labels.concat();
    kept.sort_unstable();
    kept
}
