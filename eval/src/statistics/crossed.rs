//! Arms of a comparison: every arm trained under the same seeds, every model judged on the same examples, so that seeds
//! and examples are crossed factors. Whatever is random about an arm's mean headline comes from these two, and both are
//! shared by all arms; that is why they are resampled here, once for all arms together.

use super::mixed_model::MixedModel;
use crate::error::Error;
use crate::metrics::judged::Judged;
use rand::Rng;

/// `K >= 1` arms of `S >= 1` seeds, judged on `E >= 2` examples.
pub(crate) struct Crossed<'a> {
    /// `[K][S]`
    arms: Vec<&'a [Judged]>,
    pub(crate) seeds: usize,
    pub(crate) examples: usize,
}

impl<'a> Crossed<'a> {
    pub(crate) fn check(arms: &[&'a [Judged]]) -> Result<Crossed<'a>, Error> {
        let &first = arms.first().ok_or(Error::NoArms)?;
        let model = first.first().ok_or(Error::NoSeeds)?;
        let (seeds, examples) = (first.len(), model.rows());
        if examples < 2 {
            return Err(Error::OneExample);
        }
        for (arm, judged) in arms.iter().enumerate() {
            if judged.len() != seeds {
                return Err(Error::Seeds { arm, found: judged.len(), expected: seeds });
            }
            if let Some(seed) = judged.iter().position(|other| !model.is_comparable(other)) {
                return Err(Error::NotComparable { arm, seed });
            }
        }
        Ok(Crossed { arms: arms.to_vec(), seeds, examples })
    }

    /// Each model's headline. `[S][K]`
    pub(crate) fn headlines(&self) -> Vec<Vec<f64>> {
        (0..self.seeds).map(|seed| self.arms.iter().map(|arm| arm[seed].headline()).collect()).collect()
    }

    /// Each model's pseudo-values. `[K][S][E]`
    pub(crate) fn pseudo_values(&self) -> Vec<Vec<Vec<f64>>> {
        self.arms.iter().map(|arm| arm.iter().map(Judged::pseudo_values).collect()).collect()
    }

    /// The mixed model of what `contrast` makes of the arms' values `[K]`, from all pseudo-values `[K][S][E]`.
    pub(crate) fn model(
        &self,
        pseudo_values: &[Vec<Vec<f64>>],
        contrast: impl Fn(&[f64]) -> f64,
    ) -> MixedModel {
        MixedModel::fit(&self.table(pseudo_values, contrast))
    }

    /// What `contrast` makes of the arms' values `[K]`, of all pseudo-values `[K][S][E]`. `[S][E]`
    pub(crate) fn table(
        &self,
        pseudo_values: &[Vec<Vec<f64>>],
        contrast: impl Fn(&[f64]) -> f64,
    ) -> Vec<Vec<f64>> {
        let mut arms = vec![0.0; pseudo_values.len()];
        let mut value = |seed: usize, example: usize| {
            for (value, of_arm) in arms.iter_mut().zip(pseudo_values) {
                *value = of_arm[seed][example];
            }
            contrast(&arms)
        };
        (0..self.seeds).map(|seed| (0..self.examples).map(|example| value(seed, example)).collect()).collect()
    }

    /// The arms' mean headlines when `S` seeds and, independently, `E` examples are drawn with replacement (Owen, "The
    /// pigeonhole bootstrap", 2007). `[replicates][K]`
    pub(crate) fn replicates(&self, replicates: usize, rng: &mut impl Rng) -> Vec<Vec<f64>> {
        let replicate = |_| {
            let seeds = drawn(self.seeds, rng);
            let examples = drawn(self.examples, rng);
            let mean = |arm: &&[Judged]| {
                let occurring = arm.iter().zip(&seeds).filter(|&(_, &count)| count > 0);
                let sum: f64 =
                    occurring.map(|(judged, &count)| f64::from(count) * judged.headline_of(&examples)).sum();
                sum / self.seeds as f64
            };
            self.arms.iter().map(mean).collect()
        };
        (0..replicates).map(replicate).collect()
    }
}

/// How often each of `n` occurs in `n` draws with replacement.
fn drawn(n: usize, rng: &mut impl Rng) -> Vec<u32> {
    let mut counts = vec![0; n];
    for _ in 0..n {
        counts[rng.random_range(0..n)] += 1;
    }
    counts
}
