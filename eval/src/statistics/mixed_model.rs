//! How uncertain a mean over seeds and examples is when both are samples. Pseudo-values make any headline a mean over
//! examples, so the analysis of variance of one table serves every metric.
//!
//! The model of a table `ψ[s, e]` is `μ + seed_s + example_e + interaction_se`, all three random with mean 0: the
//! analysis of multi-reader studies of Dorfman, Berbaum and Metz (1992) with seeds as readers and examples as cases, the
//! two arms' difference taken first. With one seed there are examples alone, and a plain one-sample t.

use super::mean_test::{FewDegrees, MeanTest, least_share};
use serde::{Deserialize, Serialize};

/// With as many, Student's t is the normal distribution to three digits. A bound, because no spread between seeds makes them
/// infinite, which JSON cannot write, and because statrs's quantiles lose digits further up.
const MOST_DEGREES_OF_FREEDOM: f64 = 1e4;

/// Variances of one model's pseudo-value by where they come from; estimates below 0 are 0. In the squared unit of the
/// headline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Components {
    /// Between seeds: the mean over all possible examples differs from seed to seed.
    pub seed: f64,
    /// Between examples: the mean over all possible seeds differs from example to example.
    pub example: f64,
    /// What is left: a seed's own luck with an example.
    pub interaction: f64,
}

/// The mean's standard error and what goes with it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct MixedModel {
    pub(crate) standard_error: f64,
    pub(crate) degrees_of_freedom: f64,
    /// How the mean is tested. Its variance is that of the standard error.
    pub(crate) test: MeanTest,
    /// `None` where one seed says nothing of seeds.
    pub(crate) components: Option<Components>,
    /// Efron's acceleration of the mean.
    pub(crate) acceleration: f64,
}

impl MixedModel {
    /// Fits `values: [S][E]`, `S >= 1` and `E >= 2`.
    pub(crate) fn fit(values: &[Vec<f64>]) -> MixedModel {
        let (seeds, examples) = (values.len() as f64, values[0].len() as f64);
        let by_seed: Vec<f64> = values.iter().map(|row| row.iter().sum::<f64>() / examples).collect();
        let by_example: Vec<f64> =
            (0..values[0].len()).map(|e| values.iter().map(|row| row[e]).sum::<f64>() / seeds).collect();
        let mean = by_seed.iter().sum::<f64>() / seeds;
        let deviations = |means: &[f64]| means.iter().map(|x| x - mean).collect::<Vec<f64>>();
        let (by_seed, by_example) = (deviations(&by_seed), deviations(&by_example));
        let acceleration = acceleration(&[&by_seed, &by_example]);

        let example_mean_square = seeds * power_sum(&by_example, 2) / (examples - 1.0);
        if values.len() == 1 {
            let standard_error = (example_mean_square / examples).sqrt();
            let from_examples = example_mean_square / examples;
            return MixedModel {
                standard_error,
                degrees_of_freedom: examples - 1.0,
                test: MeanTest { from_seeds: None, from_examples, examples_freedom: examples - 1.0 },
                components: None,
                acceleration,
            };
        }
        let seed_mean_square = examples * power_sum(&by_seed, 2) / (seeds - 1.0);
        let residual = |(s, row): (usize, &Vec<f64>)| -> f64 {
            row.iter().zip(&by_example).map(|(x, e)| (x - mean - by_seed[s] - e).powi(2)).sum()
        };
        let residuals: f64 = values.iter().enumerate().map(residual).sum();
        let interaction = residuals / ((seeds - 1.0) * (examples - 1.0));
        let components = Components {
            seed: ((seed_mean_square - interaction) / examples).max(0.0),
            example: ((example_mean_square - interaction) / seeds).max(0.0),
            interaction,
        };
        let (standard_error, degrees_of_freedom) = error(seed_mean_square, &components, seeds, examples);
        let from_examples = components.example / examples;
        let few =
            FewDegrees { variance: (standard_error.powi(2) - from_examples).max(0.0), freedom: seeds - 1.0 };
        let test = MeanTest { from_seeds: Some(few), from_examples, examples_freedom: examples - 1.0 };
        MixedModel { standard_error, degrees_of_freedom, test, components: Some(components), acceleration }
    }
}

impl Components {
    /// Standard error and degrees of freedom that are expected of `seeds >= 2` seeds on `examples` examples.
    pub(crate) fn expected(&self, seeds: f64, examples: f64) -> (f64, f64) {
        error(self.interaction + examples * self.seed, self, seeds, examples)
    }
}

/// `SE² = (MS + max(MS_E - MS_SE, 0)) / (S E)`, where `max(..)` is `S` times the example component, and the degrees of
/// freedom of Hillis, "A comparison of denominator degrees of freedom methods for multiple observer ROC analysis"
/// (2007), `(MS + max(..))² / (MS² / (S - 1))`, never below `S - 1`.
///
/// Two changes to Hillis, who has `MS_S` for `MS`. It cannot truly be below `MS_SE`, so that the degrees of freedom take the
/// larger of both. And in the error it is at least [`least_share`] of `MS_SE`: seeds that agree by chance do not leave
/// the mean without one.
fn error(seed_mean_square: f64, components: &Components, seeds: f64, examples: f64) -> (f64, f64) {
    let from_examples = seeds * components.example;
    let least = least_share(seeds - 1.0) * components.interaction;
    let standard_error = ((seed_mean_square.max(least) + from_examples) / (seeds * examples)).sqrt();
    let mean_square = seed_mean_square.max(components.interaction);
    let degrees_of_freedom = if mean_square > 0.0 {
        ((seeds - 1.0) * (1.0 + from_examples / mean_square).powi(2)).min(MOST_DEGREES_OF_FREEDOM)
    } else {
        MOST_DEGREES_OF_FREEDOM
    };
    (standard_error, degrees_of_freedom)
}

/// `Σ u³ / (6 (Σ u²)^1.5)` over the influences `u` of all factors' levels on the mean: the several-sample acceleration of
/// Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), eq. 14.15 and 15.36. 0 where nothing has influence.
pub(crate) fn acceleration(factors: &[&[f64]]) -> f64 {
    let sum = |power: i32| -> f64 {
        factors.iter().map(|levels| power_sum(levels, power) / (levels.len() as f64).powi(power)).sum()
    };
    let squares = sum(2);
    if squares > 0.0 { sum(3) / (6.0 * squares.powf(1.5)) } else { 0.0 }
}

fn power_sum(values: &[f64], power: i32) -> f64 {
    values.iter().map(|x| x.powi(power)).sum()
}
