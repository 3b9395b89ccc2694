//! What a study will cost, from the sizes of its tasks and a few real steps, before the first long one.

use std::collections::BTreeMap;

use mtlift_train::Rehearsal;
use serde::Serialize;

use crate::error::Error;
use crate::ledger::Ledger;
use crate::plan::{Entry, PlannedRun};
use crate::run_plan::RunPlan;
use crate::space::Space;
use crate::spec::Spec;

/// What is known of a study before it goes on.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    pub(crate) spec: &'a Spec,
    pub(crate) ledger: Ledger<'a>,
    /// Each task's tokens, and this machine's speed with the first; empty where nothing is left to be made.
    pub(crate) measured: &'a [Rehearsal],
}

/// What is left to do.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// One line for each arm, shared runs counted in each.
    pub arms: Vec<ArmEstimate>,
    /// Runs in all.
    pub runs: usize,
    /// Of them finished.
    pub finished: usize,
    /// Of the rest, finished in the study whose runs are taken over.
    pub taken_over: usize,
    /// Minutes until all is done, shared runs counted once.
    pub minutes: f64,
    /// Of the runs that are to be made, those by which settings are chosen.
    pub trials: usize,
    /// Of the minutes, those that they take.
    pub trial_minutes: f64,
    /// Whether patience may end runs earlier, so that all times and steps are the most that there can be.
    pub may_stop_early: bool,
    /// The most that the study's directory grows by on the way to its end, in MiB.
    pub disk_mib: f64,
    /// What the models of all runs that are left take, if they are kept, in MiB.
    pub models_mib: f64,
    /// The memory of all workers, in MiB; none where the system does not say.
    pub memory_mib: Option<u64>,
    /// Tokens a second in training, of one worker.
    pub tokens_per_s: f64,
}

/// What an arm costs under one seed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ArmEstimate {
    /// `RTE: stilts from MNLI`.
    pub arm: String,
    /// Minutes of one worker.
    pub minutes: f64,
    /// Optimisation steps.
    pub steps: u64,
    /// The disk that its models and predictions take, in MiB.
    pub disk_mib: f64,
}

impl Known<'_> {
    /// Seconds of each run that is to be made, by id; as if all cost the same where the speed is not known.
    pub(crate) fn costs(&self) -> Result<BTreeMap<String, f64>, Error> {
        Ok(self.costs_of(&self.plans()?))
    }

    /// The cost of what is left, with `jobs` workers; `name` is what a person calls an arm.
    pub(crate) fn estimate(&self, jobs: usize, name: impl Fn(&Entry) -> String) -> Result<Estimate, Error> {
        let Self { spec, ledger, measured } = *self;
        let plan = ledger.plan;
        let plans = self.plans()?;
        let space = Space::of(spec, ledger.survey);
        let arms = plan.entries.iter().map(|entry| {
            let runs: Vec<usize> = entry.chains[0].iter().filter_map(|id| plan.place(id)).collect();
            let seconds = |&run: &usize| plan.runs()[run].recipe.seconds(&plans[run], measured);
            ArmEstimate {
                arm: name(entry),
                minutes: runs.iter().map(seconds).sum::<f64>() / 60.0,
                steps: runs.iter().map(|&run| plans[run].steps).sum(),
                disk_mib: mib(runs.iter().map(|&run| space.kept(&plan.runs()[run], plans[run].steps)).sum()),
            }
        });
        let arms = arms.collect();
        let left = self.costs_of(&plans);
        let unfinished = ledger.missing().count();
        let speed = measured.first().and_then(|first| first.speed);
        // A sum of nothing would be −0, here and below.
        let with_models = ledger.missing().filter(|run| !run.is_trial);
        let models = with_models.fold(0.0, |sum, run| sum + space.models(run));
        let trials = || plan.runs().iter().filter(|run| run.is_trial).filter_map(|run| left.get(&run.id));
        let minutes_of = |seconds: f64| seconds / 60.0 / jobs as f64;
        let more = ledger.missing().map(|run| run.recipe.more_memory(measured)).fold(0.0, f64::max);
        let more = mib(more).ceil() as u64;
        Ok(Estimate {
            arms,
            runs: plan.runs().len(),
            finished: plan.runs().len() - unfinished,
            taken_over: unfinished - left.len(),
            minutes: minutes_of(left.values().fold(0.0, |sum, seconds| sum + seconds)),
            trials: trials().count(),
            trial_minutes: minutes_of(trials().fold(0.0, |sum, seconds| sum + seconds)),
            may_stop_early: plans.iter().any(|plan| plan.may_stop_early),
            disk_mib: mib(space.peak(ledger, &plans, jobs)),
            models_mib: mib(models),
            memory_mib: speed
                .and_then(|speed| speed.peak_rss_mib)
                .map(|of_run| (of_run + more) * jobs as u64),
            tokens_per_s: speed.map_or(f64::NAN, |speed| speed.training),
        })
    }

    /// The plan of each run.
    fn plans(&self) -> Result<Vec<RunPlan>, Error> {
        let Ledger { plan, survey, .. } = self.ledger;
        plan.runs().iter().map(|run| run.recipe.plan(&run.label, survey)).collect()
    }

    fn costs_of(&self, plans: &[RunPlan]) -> BTreeMap<String, f64> {
        let runs = self.ledger.plan.runs().iter().zip(plans);
        let left = runs.filter(|(run, _)| !self.ledger.has(run) && self.ledger.is_left(run));
        let cost = |(run, plan): (&PlannedRun, &RunPlan)| {
            let seconds = run.recipe.seconds(plan, self.measured);
            (run.id.clone(), if seconds.is_finite() { seconds } else { 1.0 })
        };
        left.map(cost).collect()
    }
}

fn mib(bytes: f64) -> f64 {
    bytes / (1024.0 * 1024.0)
}
