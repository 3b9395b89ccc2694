//! How widely seeds and arms may spread, given what was seen: the grid over which a posterior of several arms is summed.
//!
//! An arm's headline deviates from seed to seed by a variance of its own, `v_k = ν v / χ²_ν` about a typical one `v`: three seeds
//! say little of it, so that it is drawn towards that of the other arms (Smyth 2004 does so for thousands of genes). The arms'
//! true means deviate by `τ`, of which `τ / √v` is half-Cauchy (Gelman 2006): where seeds deviate by ten points, arms do not
//! agree to one. Its tail is heavy, since one that is far ahead must not be drawn back.

use super::cholesky::Cholesky;
use super::distributions::chi_square_quantile;
use super::spread::Spread;
use rand::Rng;
use rand::seq::SliceRandom;

/// The scale of `τ`'s prior, in deviations of one seed's headline. With it probabilities and regrets mean what they say, averaged over
/// arms that deviate by 0 to 2 points under seeds that do by 1.5 (`docs/results/looks/README.md`); with 0.75 regrets are said to be larger
/// than they are by a quarter. Later seeds of real runs on other rows are foretold nearly as well as by 1.
const SCALE: f64 = 0.5;

/// `ν`, as if so many more degrees of freedom than its own seeds have told an arm's variance. Between 4 and 16 little depends on it.
const LENT: f64 = 8.0;

/// The least typical deviation of seeds, of a bounded headline: that few seeds agree does not show that all do.
const LEAST: f64 = 0.0025;

/// Points of the grid: variances of seeds, and for each of them deviations of arms.
const POINTS: [usize; 2] = [128, 32];

/// Points at which the typical variance's posterior is known.
const RESOLUTION: usize = 128;

/// A typical variance of seeds and one for each arm, drawn from their posterior by the seeds' scores.
pub(crate) struct SeedVariances {
    /// `v`
    pub(crate) typical: f64,
    /// Covariance of the means' errors with these variances. `[K][K]`
    pub(crate) errors: Vec<Vec<f64>>,
}

impl SeedVariances {
    /// Equally probable ones; of a headline with this unit. The arms' are a Latin hypercube (McKay, Beckman and Conover 1979), which takes
    /// every arm evenly through its distribution.
    pub(crate) fn draw(spread: &Spread, unit: f64, rng: &mut impl Rng) -> Vec<SeedVariances> {
        let freedom = spread.seeds - 1.0;
        let chi_squares: Vec<f64> =
            middles(POINTS[0]).map(|share| chi_square_quantile(share, LENT + freedom)).collect();
        let mut shuffled = || {
            let mut own = chi_squares.clone();
            own.shuffle(rng);
            own
        };
        let of_arms: Vec<Vec<f64>> = spread.between_seeds.iter().map(|_| shuffled()).collect();
        let with_typical = |(place, typical): (usize, f64)| {
            let of_arm =
                |(own, chi_squares): (&f64, &Vec<f64>)| (LENT * typical + freedom * own) / chi_squares[place];
            let variances: Vec<f64> = spread.between_seeds.iter().zip(&of_arms).map(of_arm).collect();
            SeedVariances { typical, errors: spread.covariance(&variances) }
        };
        typical(spread, (LEAST * unit).powi(2)).into_iter().enumerate().map(with_typical).collect()
    }
}

/// Equally probable typical variances from `least` on, ascending. By its logarithm, of which nothing is known before, an arm's
/// observed variance is typical times an F of `S - 1` and [`LENT`] degrees of freedom.
fn typical(spread: &Spread, least: f64) -> Vec<f64> {
    let freedom = spread.seeds - 1.0;
    let mean = spread.between_seeds.iter().sum::<f64>() / spread.means.len() as f64;
    // Beyond 150 times the mean it is improbable, whatever was seen.
    let steps = (5.0 + (mean / least).max(1.0).ln()) / RESOLUTION as f64;
    let candidates: Vec<f64> = (0..RESOLUTION).map(|step| least * (step as f64 * steps).exp()).collect();
    let ln_density = |typical: &f64| -> f64 {
        let of_arm = |own: &f64| {
            freedom * typical.ln() + (freedom + LENT) * (freedom * own / (LENT * typical)).ln_1p()
        };
        -0.5 * spread.between_seeds.iter().map(of_arm).sum::<f64>()
    };
    let shares = shares(candidates.iter().map(ln_density).collect());
    let mut below = 0.0;
    let ends: Vec<f64> = shares
        .iter()
        .map(|share| {
            below += share;
            below
        })
        .collect();
    middles(POINTS[0])
        .map(|share| candidates[ends.partition_point(|&end| end < share).min(RESOLUTION - 1)])
        .collect()
}

/// Variances of seeds with a deviation of the arms.
pub(crate) struct Widths<'a> {
    pub(crate) seeds: &'a SeedVariances,
    pub(crate) between_arms: f64,
    /// Posterior probability.
    pub(crate) weight: f64,
}

impl Widths<'_> {
    /// All variances with every deviation of the arms, at equally probable points of its prior.
    pub(crate) fn grid<'a>(spread: &Spread, seeds: &'a [SeedVariances]) -> Vec<Widths<'a>> {
        let mut grid: Vec<Widths<'a>> = seeds
            .iter()
            .flat_map(|seeds| {
                let half_cauchy = |share: f64| (std::f64::consts::FRAC_PI_2 * share).tan();
                middles(POINTS[1]).map(move |share| Widths {
                    seeds,
                    between_arms: SCALE * seeds.typical.sqrt() * half_cauchy(share),
                    weight: 0.0,
                })
            })
            .collect();
        let weights = shares(grid.iter().map(|widths| widths.ln_likelihood(&spread.means)).collect());
        grid.iter_mut().zip(weights).for_each(|(widths, weight)| widths.weight = weight);
        grid
    }

    /// The factor of the observed means' covariance about the centre of all arms. `[K][K]`
    pub(crate) fn marginal(&self) -> Cholesky {
        let mut covariance = self.seeds.errors.clone();
        covariance.iter_mut().enumerate().for_each(|(arm, row)| row[arm] += self.between_arms.powi(2));
        Cholesky::of(&covariance)
    }

    /// Of the observed means, their centre averaged over; up to a constant.
    fn ln_likelihood(&self, means: &[f64]) -> f64 {
        let factor = self.marginal();
        let Centre { precision, at } = Centre::of(&factor, means);
        let off: Vec<f64> = means.iter().map(|mean| mean - at).collect();
        let distance: f64 = off.iter().zip(factor.solve(&off)).map(|(a, b)| a * b).sum();
        -0.5 * (factor.ln_determinant() + precision.ln() + distance)
    }
}

/// The centre of all arms, given the widths.
pub(crate) struct Centre {
    pub(crate) precision: f64,
    pub(crate) at: f64,
}

impl Centre {
    /// Of means with the covariance of this factor.
    pub(crate) fn of(factor: &Cholesky, means: &[f64]) -> Centre {
        let weights = factor.solve(&vec![1.0; means.len()]);
        let precision: f64 = weights.iter().sum();
        let at = weights.iter().zip(means).map(|(weight, mean)| weight * mean).sum::<f64>() / precision;
        Centre { precision, at }
    }
}

/// The middles of so many equal parts of `[0, 1]`.
fn middles(of: usize) -> impl Iterator<Item = f64> {
    (0..of).map(move |place| (place as f64 + 0.5) / of as f64)
}

/// Probabilities, of their logarithms up to a constant.
fn shares(ln: Vec<f64>) -> Vec<f64> {
    let most = ln.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut shares = ln;
    shares.iter_mut().for_each(|ln| *ln = (*ln - most).exp());
    let all: f64 = shares.iter().sum();
    shares.iter_mut().for_each(|share| *share /= all);
    shares
}
