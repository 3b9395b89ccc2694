//! What several arms' scores are made of: their means, and how far these are off by rows and by seeds. Of rows only what differs
//! between arms counts, since luck that they share favours none. Of seeds every arm has a variance of its own: a way to train that
//! sometimes fails varies ten times as much as one that never does.

use super::crossed::Crossed;

/// The arms' means and how far off they may be.
pub(crate) struct Spread {
    /// Each arm's mean headline. `[K]`
    pub(crate) means: Vec<f64>,
    /// Variance of each arm's headline from seed to seed, of `S - 1` degrees of freedom. `[K]`
    pub(crate) between_seeds: Vec<f64>,
    /// `S`
    pub(crate) seeds: f64,
    /// Covariance of the means by rows, of what differs between arms, luck included. `[K][K]`
    by_rows: Vec<Vec<f64>>,
    /// The part of a headline's variance between seeds that is luck with the rows. `[K]`
    luck: Vec<f64>,
}

impl Spread {
    /// Of at least two arms and two seeds.
    pub(crate) fn of(crossed: &Crossed<'_>) -> Spread {
        let pseudo_values = crossed.pseudo_values();
        let (seeds, examples) = (crossed.seeds as f64, crossed.examples as f64);
        let by_example: Vec<Vec<f64>> = pseudo_values.iter().map(|arm| centred(&column_means(arm))).collect();
        let luck = std::iter::zip(&pseudo_values, &by_example)
            .map(|(arm, by_example)| {
                residual(arm, by_example) / ((seeds - 1.0) * (examples - 1.0) * examples)
            })
            .collect();
        let shared = column_means(&by_example);
        let apart: Vec<Vec<f64>> = by_example
            .iter()
            .map(|arm| arm.iter().zip(&shared).map(|(value, shared)| value - shared).collect())
            .collect();
        let covariance = |a: &[f64], b: &[f64]| {
            a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / ((examples - 1.0) * examples)
        };
        let by_rows = apart.iter().map(|a| apart.iter().map(|b| covariance(a, b)).collect()).collect();
        let headlines = crossed.headlines();
        let of_arm = |arm: usize| headlines.iter().map(|arms| arms[arm]).collect::<Vec<f64>>();
        let of_arms: Vec<Vec<f64>> = (0..pseudo_values.len()).map(of_arm).collect();
        Spread {
            means: of_arms.iter().map(|headlines| mean(headlines)).collect(),
            between_seeds: of_arms
                .iter()
                .map(|headlines| square(&centred(headlines)) / (seeds - 1.0))
                .collect(),
            seeds,
            by_rows,
            luck,
        }
    }

    /// Covariance of the means where an arm's true variance between seeds, luck included, is `between_seeds: [K]`. `[K][K]`
    pub(crate) fn covariance(&self, between_seeds: &[f64]) -> Vec<Vec<f64>> {
        let mut covariance = self.by_rows.clone();
        for (arm, (variance, luck)) in between_seeds.iter().zip(&self.luck).enumerate() {
            covariance[arm][arm] += (variance - luck).max(0.0) / self.seeds;
        }
        covariance
    }
}

/// Sum of squares of an arm's values `[S][E]` about their seeds' and rows' means.
fn residual(arm: &[Vec<f64>], by_example: &[f64]) -> f64 {
    let of_seed = |row: &Vec<f64>| -> f64 {
        centred(row).iter().zip(by_example).map(|(value, example)| (value - example).powi(2)).sum()
    };
    arm.iter().map(of_seed).sum()
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
