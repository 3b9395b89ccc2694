//! What the trials of an arm scored with each of the settings, and which it is trained with.

use mtlift_report::{Tried, Tuned};

use super::arms::Read;
use super::average::mean;
use super::context::Context;
use crate::plan::{Plan, PlannedRun};
use crate::recipe::tuned::best;
use crate::spec::Tune;

impl Context<'_> {
    /// Sets what was tuned, of the arms of a study that tunes.
    pub(super) fn set_tuned(&self, arms: &mut [Read<'_>], plan: &Plan) {
        let Some(tune) = &self.spec.tune else { return };
        for arm in arms {
            let scored = arm.entry.chains.first().and_then(|chain| chain.last());
            let run = scored.and_then(|id| plan.place(id)).map(|place| &plan.runs()[place]);
            arm.findings.tuned = run.map(|run| self.tuned(tune, run, arm.entry.target, plan));
        }
    }

    fn tuned(&self, tune: &Tune, run: &PlannedRun, target: usize, plan: &Plan) -> Tuned {
        let subject = &self.survey.all[target];
        let score =
            |id: &String| self.results.get(id.as_str())?.result.task(&subject.task.name)?.selected_score;
        let trials = run.recipe.trials();
        let scores: Vec<Option<Vec<f64>>> =
            trials.iter().map(|ids| ids.iter().map(score).collect::<Option<Vec<f64>>>()).collect();
        let settings: Vec<String> = tune.settings().iter().map(ToString::to_string).collect();
        let complete: Option<Vec<Vec<f64>>> = scores.iter().cloned().collect();
        let chosen = complete.map(|complete| settings[best(&complete, subject.sign())].clone());
        let tried = settings.into_iter().zip(scores).map(|(settings, scores)| Tried {
            settings,
            score: scores.map(|scores| mean(scores.into_iter())),
        });
        let mut ids: Vec<&str> = trials.into_iter().flatten().flat_map(|id| plan.with_needs(id)).collect();
        ids.sort_unstable();
        ids.dedup();
        let seconds = ids.into_iter().filter_map(|id| Some(self.results.get(id)?.seconds));
        // A sum of nothing would be −0.
        let minutes = seconds.fold(0.0, |sum, seconds| sum + seconds) / 60.0;
        Tuned { chosen, seeds: tune.seeds, tried: tried.collect(), minutes }
    }
}
