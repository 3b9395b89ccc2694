//! Studies whose truth is known, drawn with the variances of real runs (small encoders on GLUE): a row's difference between two
//! arms deviates by 22 points from row to row and by 41 from seed to seed, and arms differ in the seed's luck.

use mtlift_eval::{Judged, Metric, TaskMetrics};
use rand::Rng;
use statrs::distribution::{ContinuousCDF, Normal};

/// Deviation of two arms' difference from row to row, and of a seed's luck with a row.
const BY_ROW: f64 = 0.22;
const BY_ROW_AND_SEED: f64 = 0.41;

/// Differences of two arms whose true difference is `difference` and whose seeds deviate by `deviation` in each. `[S][E]`
pub(crate) fn differences(
    seeds: usize,
    rows: usize,
    deviation: f64,
    difference: f64,
    rng: &mut impl Rng,
) -> Vec<Vec<f64>> {
    let mut normal = Normals::default();
    let by_row: Vec<f64> = (0..rows).map(|_| BY_ROW * normal.draw(rng)).collect();
    let seed = |_| {
        let level = difference + std::f64::consts::SQRT_2 * deviation * normal.draw(rng);
        by_row.iter().map(|row| level + row + BY_ROW_AND_SEED * normal.draw(rng)).collect()
    };
    (0..seeds).map(seed).collect()
}

/// Arms with these true accuracies, whose seeds deviate by `deviation`. `[K][S]`
pub(crate) fn arms(
    accuracies: &[f64],
    seeds: usize,
    rows: usize,
    deviation: f64,
    rng: &mut impl Rng,
) -> Vec<Vec<Judged>> {
    let accuracy =
        |arm: usize, normal: &mut Normals, rng: &mut _| accuracies[arm] + deviation * normal.draw(rng);
    arms_of_seeds([accuracies.len(), seeds, rows], accuracy, rng)
}

/// Arms whose seeds draw their accuracies by the arm's place. A row is right where ease and luck, both normal, come to more than the
/// seed's threshold, so that its accuracy over all rows is exact. `of: [K, S, E]`. `[K][S]`
pub(crate) fn arms_of_seeds<R: Rng>(
    of: [usize; 3],
    mut accuracy: impl FnMut(usize, &mut Normals, &mut R) -> f64,
    rng: &mut R,
) -> Vec<Vec<Judged>> {
    let [arms, seeds, rows] = of;
    // On the scale of the sum: what all arms share of a row, what an arm has of it, and what a seed has.
    let (shared, own, luck) = (0.75_f64.sqrt(), 0.12_f64.sqrt(), 0.13_f64.sqrt());
    let metrics = TaskMetrics::check(&[Metric::Accuracy]).unwrap();
    let reference = vec![1; rows];
    let scale = Normal::standard();
    let mut normal = Normals::default();
    let ease: Vec<f64> = (0..rows).map(|_| shared * normal.draw(rng)).collect();
    let mut arm = |arm: usize| {
        let ease: Vec<f64> = ease.iter().map(|ease| ease + own * normal.draw(rng)).collect();
        let seed = |_| {
            let shift = scale.inverse_cdf(accuracy(arm, &mut normal, rng).clamp(0.01, 0.99));
            let right: Vec<usize> =
                ease.iter().map(|ease| usize::from(shift + ease + luck * normal.draw(rng) > 0.0)).collect();
            Judged::classes(&right, &reference, 2, 1, &metrics).unwrap()
        };
        (0..seeds).map(seed).collect()
    };
    (0..arms).map(&mut arm).collect()
}

/// Standard normals, two at a time (Box and Muller 1958).
#[derive(Default)]
pub(crate) struct Normals(Option<f64>);

impl Normals {
    pub(crate) fn draw(&mut self, rng: &mut impl Rng) -> f64 {
        self.0.take().unwrap_or_else(|| {
            let (u, v): (f64, f64) = (rng.random(), rng.random());
            // `1 - u` is never 0.
            let radius = (-2.0 * (1.0 - u).ln()).sqrt();
            let (sine, cosine) = (std::f64::consts::TAU * v).sin_cos();
            self.0 = Some(radius * sine);
            radius * cosine
        })
    }
}
