//! Labels as distributions: what the rows of a classification are trained towards where one label each says too little, as what other
//! models predict of them does.
//!
//! The one decision: they stand beside hard labels and replace nothing. A distribution of one label trains as that label does, to the
//! bit, so rows with a label and rows with a guess can be in one table.

use mtlift_glue_data::Target;

use crate::Error;
use crate::predict::probabilities_at;

/// How far a distribution's sum may be from 1.
const TOLERANCE: f64 = 1e-6;

/// A distribution over the labels for each row, in the order of the head's logits.
#[derive(Clone, Debug, PartialEq)]
pub struct SoftLabels {
    labels: usize,
    temperature: f64,
    /// `[rows, labels]`.
    values: Vec<f64>,
}

impl SoftLabels {
    /// Of `[rows, labels]` probabilities, to be learned at temperature 1.
    ///
    /// # Errors
    /// If one is negative or not finite, or a row's do not sum to 1.
    ///
    /// # Panics
    /// If they are not whole rows.
    pub fn check(labels: usize, values: Vec<f64>) -> Result<Self, Error> {
        assert_eq!(values.len() % labels, 0, "rows of {labels} probabilities");
        let is_distribution = |row: &[f64]| {
            let is_probability = row.iter().all(|p| p.is_finite() && *p >= 0.0);
            is_probability && (row.iter().sum::<f64>() - 1.0).abs() < TOLERANCE
        };
        match values.chunks_exact(labels).position(|row| !is_distribution(row)) {
            None => Ok(Self { labels, temperature: 1.0, values }),
            Some(row) => {
                let found = format!("{:?}", &values[row * labels..][..labels]);
                Err(Error::Distribution { row, found })
            }
        }
    }

    /// What hard labels come to.
    ///
    /// # Panics
    /// If a target is no class below `labels`.
    pub fn one_hot(labels: usize, targets: &[Target]) -> Self {
        let mut values = vec![0.0; labels * targets.len()];
        for (row, target) in values.chunks_exact_mut(labels).zip(targets) {
            row[target.class().expect("a class")] = 1.0;
        }
        Self { labels, temperature: 1.0, values }
    }

    /// The mean of what several models predict at a temperature `T`, softmax(logits / T), to be learned at the same (Hinton et al.
    /// 2015, section 2). The logits of each are `[rows, labels]`.
    ///
    /// # Panics
    /// If there are no models, or their rows differ in number.
    pub fn mean_of(labels: usize, models: &[Vec<f32>], temperature: f64) -> Self {
        let mut values = vec![0.0; models[0].len()];
        for logits in models {
            assert_eq!(logits.len(), values.len(), "the same rows of every model");
            let of_model = probabilities_at(logits, labels, temperature);
            values.iter_mut().zip(of_model).for_each(|(mean, p)| *mean += p / models.len() as f64);
        }
        Self { labels, temperature, values }
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.values.len() / self.labels
    }

    /// A row's distribution, `[labels]`.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.labels..][..self.labels]
    }

    /// What the student's logits are divided by while it learns them, as the teachers' were.
    pub fn temperature(&self) -> f64 {
        self.temperature
    }

    /// The number of labels of a distribution.
    pub(crate) fn labels(&self) -> usize {
        self.labels
    }

    /// All probabilities, row after row.
    pub(crate) fn values(&self) -> &[f64] {
        &self.values
    }

    /// Each row's likeliest label; of equal ones the first.
    pub fn likeliest(&self) -> Vec<Target> {
        let greatest =
            |row: &[f64]| (0..self.labels).fold(0, |best, l| if row[l] > row[best] { l } else { best });
        self.values.chunks_exact(self.labels).map(|row| Target::Class(greatest(row))).collect()
    }

    /// Adds the rows of another, of as many labels, to be learned at the temperature of these.
    ///
    /// # Panics
    /// If the labels differ in number.
    pub fn append(&mut self, other: &Self) {
        assert_eq!(self.labels, other.labels, "as many labels");
        self.values.extend(&other.values);
    }
}
