//! Is arm A better than arm B, and how does the difference change over several arms? Runs are few and dev sets small, so both
//! are samples: the answer is about the mean over all seeds and all examples like these, and an interval that knew of one
//! source alone would be too narrow. A comparison of two arms and a line through many are the same thing, a weighted sum of
//! arms; there is one method for it.

use super::bootstrap::interval;
use super::crossed::Crossed;
use super::mixed_model::{Components, MixedModel};
use super::options::Options;
use super::sign_flip::sign_flip;
use crate::error::{Error, check_finite};
use crate::metrics::judged::Judged;
use rand::Rng;
use serde::{Deserialize, Serialize};

/// Below this share of its terms' magnitudes a weighted sum is their rounding, which has some `1e-16` for each term.
const ROUNDING: f64 = 1e-13;

/// Headline of A minus headline of B, or another weighted sum of arms, with what is known about it. All numbers are finite
/// and in the headline's unit times that of the weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Mean over seeds of headline A minus headline B, or of the weighted sum; positive is better only where higher is better.
    pub difference: f64,
    /// Lower and upper end of the interval of `level`, within what such a difference can be.
    pub interval: (f64, f64),
    /// The share of such intervals that contain the truth, in `(0, 1)`.
    pub level: f64,
    /// Of the difference, by the mixed model.
    pub standard_error: f64,
    /// After Hillis, from `seeds - 1` up; `examples - 1` with one seed.
    pub degrees_of_freedom: f64,
    /// Two-sided generalised p of no difference, the unknown variance of seeds averaged over; for one seed Student's t. Without
    /// any spread 1 for no difference, else 0.
    pub p_value: f64,
    /// Two-sided p of the exact sign-flip test on `per_seed`: it makes no model, takes the examples as given, and cannot
    /// fall below `2^(1 - seeds)`. `None` below 2 and above 20 seeds.
    pub sign_flip: Option<f64>,
    /// The difference under each seed. `[seeds]`
    pub per_seed: Vec<f64>,
    /// `S`, the number of seeds.
    pub seeds: usize,
    /// `E`, the number of examples of the dev set.
    pub examples: usize,
    /// Where the differences' variance comes from. `None` with one seed: seeds were not sampled, and everything here is
    /// about these very models on other examples.
    pub components: Option<Components>,
}

impl Comparison {
    /// Whether the interval excludes 0 and the p-value is below `1 - level`, over at least two seeds: one seed says nothing of
    /// the next. Where there is no difference the interval alone, being shaped by the bootstrap, excludes 0 slightly too
    /// often; see `tests/suite/coverage.rs`.
    pub fn is_decided(&self) -> bool {
        let excludes_0 = self.interval.0 > 0.0 || self.interval.1 < 0.0;
        self.seeds > 1 && excludes_0 && self.p_value < 1.0 - self.level
    }
}

/// Compares `a[s]` with `b[s]`, the models of two arms under the same seed, all judged on the same examples: the [`contrast`]
/// with weights 1 and -1.
///
/// # Shapes
/// `a: [S]`, `b: [S]`, each judged on the same `E` rows.
///
/// # Errors
/// [`Error::Share`] or [`Error::Replicates`] for options out of range; [`Error::NoSeeds`], [`Error::Seeds`],
/// [`Error::OneExample`] or [`Error::NotComparable`] for arms that do not pair up.
pub fn compare(
    a: &[Judged],
    b: &[Judged],
    options: &Options,
    rng: &mut impl Rng,
) -> Result<Comparison, Error> {
    contrast(&[a, b], &[1.0, -1.0], options, rng)
}

/// `Σ weights[k] headline(arms[k])`, all arms under the same seeds and judged on the same examples. What an arm's weight adds
/// another can take away, so that luck which arms share (a seed's, an easy dev set's) counts by what is left of it.
///
/// Standard error and degrees of freedom come from the two-way analysis of variance of the sums of pseudo-values, seeds and
/// examples both random (Dorfman, Berbaum and Metz 1992; degrees of freedom after Hillis 2007). The p-value is the generalised
/// one of the same variances (Tsui and Weerahandi 1989), which few seeds do not make too small. The interval is BCa (Efron
/// 1987) on bootstrap replicates in which seeds and examples are drawn independently and shared by all arms; the
/// replicates are first stretched about the estimate to the width that goes with that test. This carries Hesterberg's
/// expanded percentile (2015) from one sample over to the mixed model; it is this crate's construction, and
/// `tests/suite/coverage.rs` measures it. Intervals of two seeds can be very wide. An interval ends where such sums of headlines
/// end: what lies beyond cannot be the truth.
///
/// A sum whose terms cancel up to rounding is 0: arms that do not differ must not be told apart by the last bit.
///
/// # Shapes
/// `arms: [K][S]`, each judged on the same `E` rows; `weights: [K]`.
///
/// # Errors
/// [`Error::Share`] or [`Error::Replicates`] for options out of range; [`Error::NoArms`], [`Error::NoSeeds`],
/// [`Error::Seeds`], [`Error::OneExample`] or [`Error::NotComparable`] for arms that do not go together; [`Error::Weights`]
/// or [`Error::Number`] for weights that are not one finite number for each arm.
pub fn contrast(
    arms: &[&[Judged]],
    weights: &[f64],
    options: &Options,
    rng: &mut impl Rng,
) -> Result<Comparison, Error> {
    let Contrast { estimate, per_seed, interval, model, examples } =
        Contrast::estimate(arms, weights, options, rng)?;
    Ok(Comparison {
        difference: estimate,
        interval,
        level: options.level,
        standard_error: model.standard_error,
        degrees_of_freedom: model.degrees_of_freedom,
        p_value: model.test.p_value(estimate),
        sign_flip: sign_flip(&per_seed),
        seeds: per_seed.len(),
        per_seed,
        examples,
        components: model.components,
    })
}

/// One arm's mean headline over seeds, and its interval by the same method as [`compare`]: `(mean, (lower, upper))`.
///
/// # Errors
/// Those of [`compare`].
pub fn score_interval(
    arm: &[Judged],
    options: &Options,
    rng: &mut impl Rng,
) -> Result<(f64, (f64, f64)), Error> {
    let found = Contrast::estimate(&[arm], &[1.0], options, rng)?;
    Ok((found.estimate, found.interval))
}

/// A weighted sum of arms, without its tests.
struct Contrast {
    estimate: f64,
    /// `[S]`
    per_seed: Vec<f64>,
    interval: (f64, f64),
    model: MixedModel,
    examples: usize,
}

impl Contrast {
    fn estimate(
        arms: &[&[Judged]],
        weights: &[f64],
        options: &Options,
        rng: &mut impl Rng,
    ) -> Result<Contrast, Error> {
        options.check()?;
        let crossed = Crossed::check(arms)?;
        if weights.len() != arms.len() {
            return Err(Error::Weights { weights: weights.len(), arms: arms.len() });
        }
        check_finite("weight", weights)?;
        let sum = |values: &[f64]| weighted(weights, values);
        let per_seed: Vec<f64> = crossed.headlines().iter().map(|arms| sum(arms)).collect();
        let estimate = per_seed.iter().sum::<f64>() / crossed.seeds as f64;
        let model = crossed.model(&crossed.pseudo_values(), sum);
        let replicates = crossed.replicates(options.replicates, rng);
        let replicates = replicates.iter().map(|arms| sum(arms)).collect();
        let (low, high) = interval(estimate, replicates, &model, options.level);
        let (least, most) = range(weights, arms[0][0].metrics().range());
        let interval = (low.clamp(least, most), high.clamp(least, most));
        Ok(Contrast { estimate, per_seed, interval, model, examples: crossed.examples })
    }
}

/// `Σ weights[k] values[k]`, or 0 if nothing but rounding is left of the terms.
pub(crate) fn weighted(weights: &[f64], values: &[f64]) -> f64 {
    let terms = weights.iter().zip(values).map(|(weight, value)| weight * value);
    let (sum, magnitude) =
        terms.fold((0.0, 0.0), |(sum, magnitude): (f64, f64), term| (sum + term, magnitude + term.abs()));
    if sum.abs() <= ROUNDING * magnitude { 0.0 } else { sum }
}

/// Between which ends the weighted sum of headlines in `(lowest, highest)` lies; `highest` may be infinite.
pub(crate) fn range(weights: &[f64], (lowest, highest): (f64, f64)) -> (f64, f64) {
    // A weight of 0 times infinity is NaN, which `min` and `max` pass over in favour of the 0 of the other end.
    let ends = |weight: &f64| (weight * lowest, weight * highest);
    let least = weights.iter().map(ends).map(|(one, other)| one.min(other)).sum();
    let most = weights.iter().map(ends).map(|(one, other)| one.max(other)).sum();
    (least, most)
}
