//! Which arm to choose, and what that may cost. The best mean of several arms is partly luck, and the more so the closer they
//! are: so arms are taken as draws from one distribution, whose width is learnt from all of them, and every arm is drawn towards
//! the others by as much as its score may be luck.
//!
//! The true means are `θ_k ~ N(μ, τ²)`, `μ` anywhere. An arm's observed mean is normal about its true one, with the covariance that
//! shared rows give and `v_k / S` by its `S` seeds. The arms' deviation `τ` and the variances of their seeds are unknown, and are
//! summed over on the grid of `widths`, so that an arm's tails are about those of Student's t; given them all is normal.

use super::cholesky::Cholesky;
use super::crossed::Crossed;
use super::distributions::normal_quantile;
use super::options::check_share;
use super::spread::Spread;
use super::widths::{Centre, SeedVariances, Widths};
use crate::error::Error;
use crate::metrics::judged::Judged;
use rand::Rng;
use serde::{Deserialize, Serialize};

/// A metric without a largest value counts as one whose mean headline is this.
const HALF: f64 = 0.5;

/// Draws from the posterior; P(best) is exact to 0.01.
const DRAWS: usize = 8192;

/// What is known of several arms together. Arms are in the order in which they were given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Posterior {
    /// `[K]`
    pub arms: Vec<ArmPosterior>,
    /// The deviation between the arms' true means, its mean.
    pub between_arms: f64,
    /// The deviation of a typical arm's score from seed to seed, its mean.
    pub between_seeds: f64,
}

/// What is known of one arm. In the headline's unit; shares in `[0, 1]`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArmPosterior {
    /// Mean headline over seeds, as it is.
    pub raw: f64,
    /// The raw mean less the luck that is expected in it.
    pub mean: f64,
    /// `mean` minus that of the baseline; 0 for the baseline.
    pub gain: f64,
    /// In which the true gain lies with the probability asked for.
    pub gain_interval: (f64, f64),
    /// The probability that no arm is better.
    pub best: f64,
    /// By how much the truly best arm is expected to be better; 0 or above, whichever direction is better.
    pub regret: f64,
    /// The probability that it is worse than the baseline by the margin or more.
    pub worse_by_margin: f64,
}

impl Posterior {
    /// The arm with the least expected regret, from 0; of equals the first.
    pub fn choice(&self) -> usize {
        let regret = |arm: usize| self.arms[arm].regret;
        (1..self.arms.len()).fold(0, |best, arm| if regret(arm) < regret(best) { arm } else { best })
    }
}

/// The posterior of `arms`, one of which is the `baseline`; with the probability of being worse than it by `margin`, and intervals
/// that hold the truth with probability `confidence`. `None` for one arm or one seed: they say nothing of others.
///
/// # Shapes
/// `arms: [K][S]`, all judged on the same `E` rows; `baseline < K`.
///
/// # Errors
/// [`Error::Share`] for a confidence outside `(0, 1)`; [`Error::NoArms`], [`Error::NoSeeds`], [`Error::Seeds`],
/// [`Error::OneExample`] or [`Error::NotComparable`] for arms that do not go together.
///
/// # Panics
/// If there is no such baseline.
#[track_caller]
pub fn posterior(
    arms: &[&[Judged]],
    baseline: usize,
    margin: f64,
    confidence: f64,
    rng: &mut impl Rng,
) -> Result<Option<Posterior>, Error> {
    check_share("confidence", confidence)?;
    let crossed = Crossed::check(arms)?;
    assert!(baseline < arms.len(), "the baseline is one of the arms");
    if arms.len() < 2 || crossed.seeds < 2 {
        return Ok(None);
    }
    let spread = Spread::of(&crossed);
    let metrics = arms[0][0].metrics();
    let level = spread.means.iter().sum::<f64>() / arms.len() as f64;
    let unit = if metrics.range().1.is_finite() || level <= 0.0 { 1.0 } else { level / HALF };
    let sign = if metrics.better(1.0, 0.0) { 1.0 } else { -1.0 };
    let seeds = SeedVariances::draw(&spread, unit, rng);
    let grid = Widths::grid(&spread, &seeds);
    let draws = draws(&grid, &spread, rng);
    let summary = Summary { draws: &draws, sign, baseline, margin, confidence };
    let expected = |of: fn(&Widths<'_>) -> f64| grid.iter().map(|widths| widths.weight * of(widths)).sum();
    Ok(Some(Posterior {
        arms: spread.means.iter().enumerate().map(|(arm, &raw)| summary.arm(arm, raw)).collect(),
        between_arms: expected(|widths| widths.between_arms),
        between_seeds: expected(|widths| widths.seeds.typical.sqrt()),
    }))
}

/// True means from the posterior; widths occur as often as their weight says. `[DRAWS][K]`
fn draws(grid: &[Widths<'_>], spread: &Spread, rng: &mut impl Rng) -> Vec<Vec<f64>> {
    let arms = spread.means.len();
    let offset: f64 = rng.random();
    let (mut draws, mut below) = (Vec::with_capacity(DRAWS), 0.0);
    for widths in grid {
        below += widths.weight;
        let until = ((below * DRAWS as f64 + offset).floor() as usize).min(DRAWS);
        if until == draws.len() {
            continue;
        }
        let (errors, marginal) = (Cholesky::of(&widths.seeds.errors), widths.marginal());
        let centre = Centre::of(&marginal, &spread.means);
        while draws.len() < until {
            // A draw from the prior, corrected by what the observation says of it (Matheron's rule).
            let mu = centre.at + normal(rng) / centre.precision.sqrt();
            let prior: Vec<f64> = (0..arms).map(|_| mu + widths.between_arms * normal(rng)).collect();
            let error = errors.times(&(0..arms).map(|_| normal(rng)).collect::<Vec<_>>());
            let missed: Vec<f64> = (0..arms).map(|arm| spread.means[arm] - prior[arm] - error[arm]).collect();
            let correction = marginal.solve(&missed);
            draws.push(
                (0..arms).map(|arm| prior[arm] + widths.between_arms.powi(2) * correction[arm]).collect(),
            );
        }
    }
    draws
}

fn normal(rng: &mut impl Rng) -> f64 {
    normal_quantile(rng.random_range(f64::EPSILON..1.0))
}

/// What draws come to.
struct Summary<'a> {
    draws: &'a [Vec<f64>],
    /// 1 where higher is better, else -1.
    sign: f64,
    baseline: usize,
    margin: f64,
    confidence: f64,
}

impl Summary<'_> {
    fn arm(&self, arm: usize, raw: f64) -> ArmPosterior {
        let average = |of: &dyn Fn(&[f64]) -> f64| {
            self.draws.iter().map(|draw| of(draw)).sum::<f64>() / self.draws.len() as f64
        };
        let best = |draw: &[f64]| draw.iter().map(|x| self.sign * x).fold(f64::NEG_INFINITY, f64::max);
        let share = |holds: bool| f64::from(u8::from(holds));
        let mut gains: Vec<f64> = self.draws.iter().map(|draw| draw[arm] - draw[self.baseline]).collect();
        gains.sort_by(f64::total_cmp);
        let at = |share: f64| gains[((share * gains.len() as f64) as usize).min(gains.len() - 1)];
        let tail = (1.0 - self.confidence) / 2.0;
        ArmPosterior {
            raw,
            mean: average(&|draw| draw[arm]),
            gain: average(&|draw| draw[arm] - draw[self.baseline]),
            gain_interval: (at(tail), at(1.0 - tail)),
            best: average(&|draw| share(self.sign * draw[arm] >= best(draw))),
            regret: average(&|draw| best(draw) - self.sign * draw[arm]),
            worse_by_margin: average(&|draw| {
                share(arm != self.baseline && self.sign * (draw[arm] - draw[self.baseline]) <= -self.margin)
            }),
        }
    }
}
