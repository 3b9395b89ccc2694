//! Making a run with the settings, of several, that trials under other seeds scored best with on the held-out rows.
//!
//! The one decision: the choice is a function of the trials, and both they and all candidates are part of the description. So the
//! run has its name before the first trial is made, and whoever has a run of that name has made it with the same settings.

use std::sync::Arc;

use mtlift_train::{NUMERICS, Observer, Rehearsal};
use serde_json::{Value, json};

use super::training::selected_score;
use super::{Making, Recipe};
use crate::error::Error;
use crate::run_plan::RunPlan;
use crate::store::Store;
use crate::survey::Survey;

/// A run to be made with the best of several settings.
#[derive(Clone, Debug)]
pub(crate) struct Tuned {
    /// Whose scores choose, by its place in the survey.
    pub(crate) target: usize,
    /// The run with each of the settings; at least one.
    pub(crate) candidates: Vec<Arc<dyn Recipe>>,
    /// The runs that tried each of them, as many for each, in the order of the candidates.
    pub(crate) trials: Vec<String>,
}

impl Recipe for Tuned {
    fn starts_from(&self) -> &[String] {
        self.candidates[0].starts_from()
    }

    fn looks_at(&self) -> &[String] {
        &self.trials
    }

    fn trials(&self) -> Vec<&[String]> {
        self.trials.chunks(self.trials.len() / self.candidates.len()).collect()
    }

    fn describe(&self, survey: &Survey) -> Value {
        let candidates: Vec<Value> =
            self.candidates.iter().map(|candidate| candidate.describe(survey)).collect();
        json!({
            "numerics": NUMERICS,
            "tuned_for": survey.all[self.target].task.name,
            "candidates": candidates,
            "trials": self.trials(),
        })
    }

    /// That of the candidate that sees the most rows, with the steps of the one that has the most.
    fn plan(&self, label: &str, survey: &Survey) -> Result<RunPlan, Error> {
        let plans = self.candidates.iter().map(|candidate| candidate.plan(label, survey));
        let plans: Vec<RunPlan> = plans.collect::<Result<_, _>>()?;
        let steps = || plans.iter().map(|plan| plan.steps);
        let most = steps().max().unwrap_or(0);
        let varies = steps().any(|steps| steps < most);
        let may_stop_early = varies || plans.iter().any(|plan| plan.may_stop_early);
        let longest = plans.into_iter().max_by(|a, b| a.rows_seen().total_cmp(&b.rows_seen()));
        let longest = longest.unwrap_or_else(|| unreachable!("there is a candidate"));
        Ok(RunPlan { steps: most, may_stop_early, ..longest })
    }

    fn seconds(&self, plan: &RunPlan, measured: &[Rehearsal]) -> f64 {
        self.most(|candidate| candidate.seconds(plan, measured))
    }

    fn more_memory(&self, measured: &[Rehearsal]) -> f64 {
        self.most(|candidate| candidate.more_memory(measured))
    }

    fn make(&self, making: Making<'_>, observer: &mut dyn Observer) -> Result<(), Error> {
        let chosen = self.chosen(making.survey, making.store)?;
        self.candidates[chosen].make(making, observer)
    }
}

impl Tuned {
    fn most(&self, of: impl Fn(&dyn Recipe) -> f64) -> f64 {
        self.candidates.iter().map(|candidate| of(&**candidate)).fold(f64::NAN, f64::max)
    }

    /// The place of the settings that scored best.
    fn chosen(&self, survey: &Survey, store: &Store) -> Result<usize, Error> {
        let subject = &survey.all[self.target];
        let score = |id: &String| selected_score(store, id, &subject.task.name);
        let scores = |ids: &[String]| ids.iter().map(score).collect::<Result<Vec<f64>, Error>>();
        let tried: Vec<Vec<f64>> = self.trials().into_iter().map(scores).collect::<Result<_, _>>()?;
        Ok(best(&tried, subject.sign()))
    }
}

/// Which settings have the best mean score over their trials, of equal ones the first; `sign` is −1 where less is better. A mean that is
/// no number is never best.
pub(crate) fn best(tried: &[Vec<f64>], sign: f64) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (place, scores) in tried.iter().enumerate() {
        let mean = sign * scores.iter().sum::<f64>() / scores.len() as f64;
        if mean > best.1 {
            best = (place, mean);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::best;

    #[test]
    fn the_best_mean_is_chosen_and_of_equal_ones_the_first() {
        let tried = [vec![0.6, 0.6], vec![0.5, 0.9], vec![0.7, 0.7], vec![0.8, 0.5]];
        assert_eq!(best(&tried, 1.0), 1, "0.7 before the other 0.7");
        assert_eq!(best(&tried, -1.0), 0, "of an error the least");
        assert_eq!(best(&[vec![0.4], vec![0.4], vec![0.4]], 1.0), 0);
        assert_eq!(best(&[vec![f64::NAN], vec![0.1], vec![0.2, f64::NAN]], 1.0), 1, "no number is no score");
        assert_eq!(best(&[vec![f64::NAN], vec![f64::NAN]], 1.0), 0);
    }
}
