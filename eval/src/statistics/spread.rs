//! What several arms' scores are made of: how much arms differ in truth, how much their means are off by seeds and rows. All arms
//! are used for both, because three seeds of one arm say little; only what differs between arms counts, since luck that they
//! share favours none.

use super::crossed::Crossed;

/// Degrees of freedom that are lent to the assumption that seeds vary alike in all arms. An arm's own variance over `S` seeds
/// has `S - 1`; so with three seeds two thirds are shared, with twenty a sixth. Where one arm's seeds do vary much more, sharing all
/// would make the others too unsure and that one too sure.
const LENT: f64 = 4.0;

/// The arms' means and how far off they may be.
pub(crate) struct Spread {
    /// Each arm's mean headline. `[K]`
    pub(crate) means: Vec<f64>,
    /// Covariance of the means by rows, of what differs between arms. `[K][K]`
    pub(crate) by_rows: Vec<Vec<f64>>,
    /// How much more or less than in the average arm seeds vary in each. Mean about 1. `[K]`
    pub(crate) relative: Vec<f64>,
    /// Variance of one seed's score about its arm, all arms together, what seeds share taken out.
    pub(crate) between_seeds: f64,
    /// The part of it that is luck with the rows.
    pub(crate) luck: f64,
    /// Degrees of freedom of `between_seeds`.
    pub(crate) freedom: f64,
    /// `S`
    pub(crate) seeds: f64,
}

impl Spread {
    /// Of at least two arms and two seeds.
    pub(crate) fn of(crossed: &Crossed<'_>) -> Spread {
        let pseudo_values = crossed.pseudo_values();
        let (arms, seeds, examples) = (pseudo_values.len(), crossed.seeds, crossed.examples);
        let (k, s, e) = (arms as f64, seeds as f64, examples as f64);
        // What differs between arms: each seed and row about the mean of the arms.
        let mut apart = pseudo_values;
        for seed in 0..seeds {
            for example in 0..examples {
                let mean = apart.iter().map(|arm| arm[seed][example]).sum::<f64>() / k;
                apart.iter_mut().for_each(|arm| arm[seed][example] -= mean);
            }
        }
        let by_example: Vec<Vec<f64>> = apart.iter().map(|arm| centred(&column_means(arm))).collect();
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let by_rows = by_example
            .iter()
            .map(|a| by_example.iter().map(|b| product(a, b) / ((e - 1.0) * e)).collect())
            .collect();

        let by_seed: Vec<Vec<f64>> =
            apart.iter().map(|arm| arm.iter().map(|row| mean(row)).collect()).collect();
        let own: Vec<f64> = by_seed.iter().map(|means| square(&centred(means))).collect();
        // Centred over arms, an arm keeps `(K - 1) / K` of its variance.
        let freedom = (k - 1.0) * (s - 1.0);
        let between_seeds = own.iter().sum::<f64>() / freedom;
        let relative = own
            .iter()
            .map(|own| {
                if between_seeds > 0.0 {
                    (LENT + own * k / (k - 1.0) / between_seeds) / (LENT + s - 1.0)
                } else {
                    1.0
                }
            })
            .collect();
        let residual = |arm: usize| -> f64 {
            let level = mean(&by_seed[arm]);
            let of_seed = |seed: usize| {
                let off = by_seed[arm][seed] - level;
                let column = by_example[arm].iter();
                apart[arm][seed].iter().zip(column).map(|(x, e)| (x - level - off - e).powi(2)).sum::<f64>()
            };
            (0..seeds).map(of_seed).sum()
        };
        let luck = (0..arms).map(residual).sum::<f64>() / (freedom * (e - 1.0)) / e;
        let headlines = crossed.headlines();
        let means = (0..arms).map(|arm| headlines.iter().map(|arms| arms[arm]).sum::<f64>() / s).collect();
        Spread { means, by_rows, relative, between_seeds, luck, freedom, seeds: s }
    }

    /// Covariance of the means where the variance of seeds beyond luck is `seed`. `[K][K]`
    pub(crate) fn covariance(&self, seed: f64) -> Vec<Vec<f64>> {
        let mut covariance = self.by_rows.clone();
        for (arm, relative) in self.relative.iter().enumerate() {
            covariance[arm][arm] += seed * relative / self.seeds;
        }
        covariance
    }

    /// Logarithm of the likelihood of `between_seeds`, up to a constant.
    pub(crate) fn ln_likelihood(&self, seed: f64) -> f64 {
        let expected = self.luck + seed;
        -0.5 * self.freedom * (expected.ln() + self.between_seeds / expected)
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn centred(values: &[f64]) -> Vec<f64> {
    let mean = mean(values);
    values.iter().map(|value| value - mean).collect()
}

fn square(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum()
}

/// `[S][E]` to `[E]`.
fn column_means(table: &[Vec<f64>]) -> Vec<f64> {
    (0..table[0].len())
        .map(|column| table.iter().map(|row| row[column]).sum::<f64>() / table.len() as f64)
        .collect()
}
