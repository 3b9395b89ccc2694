//! Models whose right answers are written out, and the options and draws with which they are compared.

use mtlift_eval::{Judged, Metric, Options, TaskMetrics};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

pub(crate) const OPTIONS: Options = Options { level: 0.95, replicates: 200 };

pub(crate) fn rng() -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(7)
}

/// Models by their right answers: 1 where a row is right.
pub(crate) fn arm(right: &[Vec<usize>]) -> Vec<Judged> {
    let metrics = TaskMetrics::check(&[Metric::Accuracy]).unwrap();
    right
        .iter()
        .map(|predicted| Judged::classes(predicted, &vec![1; predicted.len()], 2, 1, &metrics).unwrap())
        .collect()
}
