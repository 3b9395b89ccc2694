//! What several runs predict together: sums, so that no run's predictions need be kept beside those of the others.

/// The sum of what runs predict for the same rows: probabilities, or values.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Together {
    sums: Vec<f64>,
    runs: usize,
}

impl Together {
    /// Adds the sum of so many runs, as long as every other.
    pub(super) fn add(&mut self, rows: &[f64], runs: usize) {
        self.sums.resize(rows.len(), 0.0);
        self.sums.iter_mut().zip(rows).for_each(|(sum, row)| *sum += row);
        self.runs += runs;
    }

    /// Adds all that another has.
    pub(super) fn add_all(&mut self, other: &Together) {
        if other.runs > 0 {
            self.add(&other.sums, other.runs);
        }
    }

    /// How many runs there are.
    pub(super) fn runs(&self) -> usize {
        self.runs
    }

    /// Their mean.
    pub(super) fn mean(&self) -> Vec<f64> {
        self.sums.iter().map(|sum| sum / self.runs as f64).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Together;

    #[test]
    fn runs_count_alike_however_they_were_added() {
        let (mut arm, mut all) = (Together::default(), Together::default());
        arm.add(&[0.2, 0.8], 1);
        arm.add(&[0.6, 0.4], 1);
        all.add(&[1.0, 0.0], 1);
        all.add_all(&arm);
        all.add_all(&Together::default());
        assert_eq!((all.runs(), arm.mean()), (3, vec![0.4, 0.6000000000000001]));
        assert!((all.mean()[0] - 0.6).abs() < 1e-12);
    }
}
