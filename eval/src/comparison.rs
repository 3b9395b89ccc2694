//! Is arm A better than arm B? Runs are few and dev sets small, so both are samples: the answer is about the mean over
//! all seeds and all examples like these, and an interval that knew of one source alone would be too narrow.

use crate::bootstrap::interval;
use crate::crossed::Crossed;
use crate::distributions::{t_of, two_sided};
use crate::mixed_model::MixedModel;
use crate::sign_flip::sign_flip;
use crate::{Components, Error, Judged, Options};
use rand::Rng;
use serde::{Deserialize, Serialize};

/// Headline of A minus headline of B, with what is known about it. All numbers are finite and in the headline's unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Mean over seeds of headline A minus headline B; positive is better only where higher is better.
    pub difference: f64,
    /// Lower and upper end of the interval of `level`, within what two headlines can differ by.
    pub interval: (f64, f64),
    /// The share of such intervals that contain the truth, in `(0, 1)`.
    pub level: f64,
    /// Of the difference, by the mixed model.
    pub standard_error: f64,
    /// After Hillis, from `seeds - 1` up; `examples - 1` with one seed.
    pub degrees_of_freedom: f64,
    /// Two-sided p of `difference / standard_error` in Student's t. Without any spread 1 for no difference, else 0.
    pub p_value: f64,
    /// Two-sided p of the exact sign-flip test on `per_seed`: it makes no model, takes the examples as given, and cannot
    /// fall below `2^(1 - seeds)`. `None` below 2 and above 20 seeds.
    pub sign_flip: Option<f64>,
    /// Headline A minus headline B under each seed. `[seeds]`
    pub per_seed: Vec<f64>,
    /// `S`, the number of seeds.
    pub seeds: usize,
    /// `E`, the number of examples of the dev set.
    pub examples: usize,
    /// Where the differences' variance comes from. `None` with one seed: seeds were not sampled, and everything here is
    /// about these two models on other examples.
    pub components: Option<Components>,
}

impl Comparison {
    /// Whether the interval excludes 0 and the p-value is below `1 - level`, over at least two seeds: one seed says nothing of
    /// the next. Where there is no difference the interval alone, being shaped by the bootstrap, excludes 0 slightly too
    /// often; see `tests/coverage.rs`.
    pub fn is_decided(&self) -> bool {
        let excludes_0 = self.interval.0 > 0.0 || self.interval.1 < 0.0;
        self.seeds > 1 && excludes_0 && self.p_value < 1.0 - self.level
    }
}

/// Compares `a[s]` with `b[s]`, the models of two arms under the same seed, all judged on the same examples.
///
/// Standard error, degrees of freedom and p-value come from the two-way analysis of variance of the differences'
/// pseudo-values, seeds and examples both random (Dorfman, Berbaum and Metz 1992; degrees of freedom after Hillis 2007). The
/// interval is BCa (Efron 1987) on bootstrap replicates in which seeds and examples are drawn independently and shared
/// by both arms; the replicates are first stretched about the estimate to the width that Student's t gives with that
/// standard error. This carries Hesterberg's expanded percentile (2015) from one sample over to the mixed model; it is
/// this crate's construction, and `tests/coverage.rs` measures it. Two seeds say little of seeds: there 95 % intervals
/// cover 92 to 98 %, and can be very wide. An interval ends where headlines end: what lies beyond cannot be the truth.
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
    options.check()?;
    let crossed = Crossed::check(&[a, b])?;
    let (least, most) = a[0].metrics().range();
    let range = (least - most, most - least);
    let contrast = Contrast::estimate(&crossed, |arms| arms[0] - arms[1], range, options, rng);
    let Contrast { estimate, per_seed, interval, model } = contrast;
    let t = t_of(estimate, model.standard_error);
    Ok(Comparison {
        difference: estimate,
        interval,
        level: options.level,
        standard_error: model.standard_error,
        degrees_of_freedom: model.degrees_of_freedom,
        p_value: two_sided(t, model.degrees_of_freedom),
        sign_flip: sign_flip(&per_seed),
        per_seed,
        seeds: crossed.seeds,
        examples: crossed.examples,
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
    options.check()?;
    let crossed = Crossed::check(&[arm])?;
    let contrast = Contrast::estimate(&crossed, |arms| arms[0], arm[0].metrics().range(), options, rng);
    Ok((contrast.estimate, contrast.interval))
}

/// What becomes of the arms' values `[K]`: a difference, or the one value itself.
struct Contrast {
    estimate: f64,
    per_seed: Vec<f64>,
    interval: (f64, f64),
    model: MixedModel,
}

impl Contrast {
    fn estimate(
        crossed: &Crossed,
        contrast: impl Fn(&[f64]) -> f64,
        (least, most): (f64, f64),
        options: &Options,
        rng: &mut impl Rng,
    ) -> Contrast {
        let per_seed: Vec<f64> = crossed.headlines().iter().map(|arms| contrast(arms)).collect();
        let estimate = per_seed.iter().sum::<f64>() / crossed.seeds as f64;
        let model = crossed.model(&crossed.pseudo_values(), &contrast);
        let replicates = crossed.replicates(options.replicates, rng);
        let replicates = replicates.iter().map(|arms| contrast(arms)).collect();
        let (low, high) = interval(estimate, replicates, &model, options.level);
        let interval = (low.clamp(least, most), high.clamp(least, most));
        Contrast { estimate, per_seed, interval, model }
    }
}
