//! Which arm to choose, and what that may cost. The best mean of several arms is partly luck, and the more so the closer they
//! are: so arms are taken as draws from one distribution, whose width is learnt from all of them, and every arm is drawn towards
//! the others by as much as its score may be luck.
//!
//! The true means are `θ_k ~ N(μ, τ²)`, `μ` anywhere; the observed ones are normal about them with the covariance of
//! `Spread`. Both unknown widths, `τ` and the deviation of seeds, are summed over on a grid (no sampler); given them
//! all is normal.

use super::cholesky::Cholesky;
use super::crossed::Crossed;
use super::distributions::normal_quantile;
use super::options::check_share;
use super::spread::Spread;
use crate::error::Error;
use crate::metrics::judged::Judged;
use rand::Rng;
use serde::{Deserialize, Serialize};

/// The scale of the half-Cauchy prior (Gelman 2006) of `τ`, for headlines of a bounded metric. Arms of one target mostly deviate by a
/// point or so; its tail is heavy, since one that is twenty points ahead must not be drawn back. (A half-normal
/// one has the first or the second.) With 0.75 points probabilities and regrets mean what they say, averaged over 3 to 9 arms that
/// deviate by 0 to 2 points; with 1 point regret is said to be larger than it is by a tenth, with 0.5 probabilities are too modest.
const SCALE_OF_ARMS: f64 = 0.0075;

/// That of the half-normal prior of the seeds' deviation: from tenths of a point to ten points where a few seeds fail.
const SCALE_OF_SEEDS: f64 = 0.04;

/// For a metric without a largest value the scales are times this share of the mean headline in 0.5.
const HALF: f64 = 0.5;

/// Points of the grid for each of the two.
const POINTS: [usize; 2] = [32, 24];

/// Draws from the posterior; P(best) is exact to 0.01.
const DRAWS: usize = 8192;

/// What is known of several arms together. Arms are in the order in which they were given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Posterior {
    /// `[K]`
    pub arms: Vec<ArmPosterior>,
    /// The deviation between the arms' true means, its mean.
    pub between_arms: f64,
    /// The deviation of an arm's true score from seed to seed, its mean.
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
    let grid = Node::grid(&spread, unit);
    let draws = draws(&grid, &spread, rng);
    let summary = Summary { draws: &draws, sign, baseline, margin, confidence };
    let expected = |of: fn(&Node) -> f64| grid.iter().map(|node| node.weight * of(node)).sum();
    Ok(Some(Posterior {
        arms: spread.means.iter().enumerate().map(|(arm, &raw)| summary.arm(arm, raw)).collect(),
        between_arms: expected(|node| node.between_arms),
        between_seeds: expected(|node| node.between_seeds),
    }))
}

/// One pair of widths.
struct Node {
    between_arms: f64,
    between_seeds: f64,
    /// Posterior probability.
    weight: f64,
}

impl Node {
    /// The grid with its posterior, at equally probable points of the priors.
    fn grid(spread: &Spread, unit: f64) -> Vec<Node> {
        let middles = |of: usize| (0..of).map(move |place| (place as f64 + 0.5) / of as f64);
        let half_normal = |share: f64| unit * SCALE_OF_SEEDS * normal_quantile(f64::midpoint(1.0, share));
        let half_cauchy = |share: f64| unit * SCALE_OF_ARMS * (std::f64::consts::FRAC_PI_2 * share).tan();
        let mut grid: Vec<Node> = middles(POINTS[1])
            .map(half_normal)
            .flat_map(|between_seeds| {
                middles(POINTS[0]).map(half_cauchy).map(move |between_arms| Node {
                    between_arms,
                    between_seeds,
                    weight: 0.0,
                })
            })
            .collect();
        for node in &mut grid {
            node.weight = node.ln_likelihood(spread);
        }
        let most = grid.iter().map(|node| node.weight).fold(f64::NEG_INFINITY, f64::max);
        grid.iter_mut().for_each(|node| node.weight = (node.weight - most).exp());
        let all: f64 = grid.iter().map(|node| node.weight).sum();
        grid.iter_mut().for_each(|node| node.weight /= all);
        grid
    }

    /// Covariance of the observed means about `μ`. `[K][K]`
    fn marginal(&self, spread: &Spread) -> Vec<Vec<f64>> {
        let mut covariance = spread.covariance(self.between_seeds.powi(2));
        covariance.iter_mut().enumerate().for_each(|(arm, row)| row[arm] += self.between_arms.powi(2));
        covariance
    }

    /// Of the observed means and the variance between seeds, `μ` averaged over; up to a constant.
    fn ln_likelihood(&self, spread: &Spread) -> f64 {
        let factor = Cholesky::of(&self.marginal(spread));
        let Centre { precision, at } = Centre::of(&factor, &spread.means);
        let off: Vec<f64> = spread.means.iter().map(|mean| mean - at).collect();
        let distance: f64 = off.iter().zip(factor.solve(&off)).map(|(a, b)| a * b).sum();
        -0.5 * (factor.ln_determinant() + precision.ln() + distance)
            + spread.ln_likelihood(self.between_seeds.powi(2))
    }
}

/// `μ` given the widths.
struct Centre {
    precision: f64,
    at: f64,
}

impl Centre {
    fn of(factor: &Cholesky, means: &[f64]) -> Centre {
        let weights = factor.solve(&vec![1.0; means.len()]);
        let precision: f64 = weights.iter().sum();
        let at = weights.iter().zip(means).map(|(weight, mean)| weight * mean).sum::<f64>() / precision;
        Centre { precision, at }
    }
}

/// True means from the posterior; nodes of the grid occur as often as their weight says. `[DRAWS][K]`
fn draws(grid: &[Node], spread: &Spread, rng: &mut impl Rng) -> Vec<Vec<f64>> {
    let arms = spread.means.len();
    let offset: f64 = rng.random();
    let (mut draws, mut below) = (Vec::with_capacity(DRAWS), 0.0);
    for node in grid {
        below += node.weight;
        let until = ((below * DRAWS as f64 + offset).floor() as usize).min(DRAWS);
        if until == draws.len() {
            continue;
        }
        let errors = Cholesky::of(&spread.covariance(node.between_seeds.powi(2)));
        let marginal = Cholesky::of(&node.marginal(spread));
        let centre = Centre::of(&marginal, &spread.means);
        while draws.len() < until {
            // A draw from the prior, corrected by what the observation says of it (Matheron's rule).
            let mu = centre.at + normal(rng) / centre.precision.sqrt();
            let prior: Vec<f64> = (0..arms).map(|_| mu + node.between_arms * normal(rng)).collect();
            let error = errors.times(&(0..arms).map(|_| normal(rng)).collect::<Vec<_>>());
            let missed: Vec<f64> = (0..arms).map(|arm| spread.means[arm] - prior[arm] - error[arm]).collect();
            let correction = marginal.solve(&missed);
            draws.push(
                (0..arms).map(|arm| prior[arm] + node.between_arms.powi(2) * correction[arm]).collect(),
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
