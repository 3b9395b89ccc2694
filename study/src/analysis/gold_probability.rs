//! A second outcome, under its own name: the mean probability that an arm's models give to the right label. It varies less from row to
//! row than what is right or wrong, and may tell arms apart that the score does not, but it is another question. No verdict reads it.

use mtlift_eval::compare_shares_at_looks;
use mtlift_report::{Against, GoldProbability};
use mtlift_schedule::Arm;

use super::against::of_shares;
use super::arms::Read;
use super::average::{deviation, mean};
use super::context::Context;
use crate::error::Error;

impl Context<'_> {
    /// Sets every arm's gold probability, and its gain over that of its target's `single`; none of a regression, and of runs that kept
    /// no logits.
    pub(super) fn gold_probabilities(&self, arms: &mut [Read<'_>]) -> Result<(), Error> {
        let gains =
            self.over(Arm::Single, arms, |arm, single, family| self.gold_gain(arm, single, family))?;
        for (arm, gain) in arms.iter_mut().zip(gains) {
            let means: Vec<f64> = arm.gold.values().map(|rows| mean(rows.iter().copied())).collect();
            arm.findings.gold_probability = (!means.is_empty()).then(|| GoldProbability {
                mean: mean(means.iter().copied()),
                deviation: deviation(&means),
                gain,
            });
        }
        Ok(())
    }

    /// An arm minus single, on the seeds of which both have probabilities.
    fn gold_gain(&self, arm: &Read<'_>, single: &Read<'_>, family: usize) -> Result<Option<Against>, Error> {
        let both =
            arm.gold.iter().filter_map(|(seed, rows)| Some((rows.clone(), single.gold.get(seed)?.clone())));
        let (arm, single): (Vec<Vec<f64>>, Vec<Vec<f64>>) = both.unzip();
        if arm.is_empty() {
            return Ok(None);
        }
        let found = compare_shares_at_looks(&arm, &single, &self.spec.looks, mtlift_report::LEVEL)?;
        of_shares(&found, family).map(Some)
    }
}
