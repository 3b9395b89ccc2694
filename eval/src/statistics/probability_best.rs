//! Which of several arms is best, as a share of resamples. With many arms the pairs' intervals overlap; one share for
//! each arm says in one line who is still in the race.

use super::bootstrap::rescale;
use super::crossed::Crossed;
use super::options::{Options, check_replicates};
use crate::error::Error;
use crate::metrics::judged::Judged;
use rand::Rng;

/// The share of bootstrap replicates in which each arm's mean headline is the best, by the metrics' own direction; equally
/// good arms split a replicate. They sum to 1. `[K]`
///
/// A replicate draws seeds and examples, the same ones for all arms. Each arm's difference to the mean of the arms is
/// then stretched about its estimate to the width of its own 95 % interval, as in [`crate::compare`]; without that, crossed
/// resampling misjudges the spread. The share is no posterior probability, but behaves like one under a flat prior.
///
/// # Shapes
/// `arms: [K][S]`, all judged on the same `E` rows.
///
/// # Errors
/// [`Error::Replicates`], [`Error::NoArms`], [`Error::NoSeeds`], [`Error::Seeds`], [`Error::OneExample`] or
/// [`Error::NotComparable`].
pub fn probability_best(
    arms: &[&[Judged]],
    replicates: usize,
    rng: &mut impl Rng,
) -> Result<Vec<f64>, Error> {
    check_replicates(replicates)?;
    let crossed = Crossed::check(arms)?;
    let (headlines, pseudo_values) = (crossed.headlines(), crossed.pseudo_values());
    let draws = crossed.replicates(replicates, rng);
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let contrasts: Vec<Vec<f64>> = (0..arms.len())
        .map(|arm| {
            let above_mean = |arms: &[f64]| arms[arm] - mean(arms);
            let per_seed: Vec<f64> = headlines.iter().map(|arms| above_mean(arms)).collect();
            let model = crossed.model(&pseudo_values, above_mean);
            let mut contrast: Vec<f64> = draws.iter().map(|arms| above_mean(arms)).collect();
            rescale(&mut contrast, mean(&per_seed), &model, Options::default().level);
            contrast
        })
        .collect();

    let metrics = arms[0][0].metrics();
    let mut wins = vec![0.0; arms.len()];
    for replicate in 0..replicates {
        let value = |arm: &usize| contrasts[*arm][replicate];
        let is_best = |arm: &usize| (0..arms.len()).all(|other| !metrics.better(value(&other), value(arm)));
        let best: Vec<usize> = (0..arms.len()).filter(is_best).collect();
        best.iter().for_each(|&arm| wins[arm] += 1.0 / best.len() as f64);
    }
    Ok(wins.into_iter().map(|wins| wins / replicates as f64).collect())
}
