//! What a study will cost, from the sizes of its tasks and a few real steps, before the first long one.

use std::collections::BTreeMap;

use mtlift_train::Rehearsal;
use serde::Serialize;

use crate::error::Error;
use crate::ledger::Ledger;
use crate::plan::{Entry, PlannedRun};
use crate::run_plan::RunPlan;
use crate::spec::{KeepModels, Spec};

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
    /// The greatest need of disk, in MiB.
    pub disk_mib: f64,
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
        let cost = |run: &PlannedRun| {
            let plan = run.recipe.plan(&run.label, self.ledger.survey)?;
            let seconds = run.recipe.seconds(&plan, self.measured);
            Ok((run.id.clone(), if seconds.is_finite() { seconds } else { 1.0 }))
        };
        self.ledger.missing().filter(|run| self.ledger.is_left(run)).map(cost).collect()
    }

    /// The cost of what is left, with `jobs` workers; `name` is what a person calls an arm.
    pub(crate) fn estimate(&self, jobs: usize, name: impl Fn(&Entry) -> String) -> Result<Estimate, Error> {
        let Self { spec, ledger: Ledger { survey, plan, .. }, measured } = *self;
        let model = mib(survey.parameters as f64 * 4.0);
        let plans: Vec<RunPlan> =
            plan.runs().iter().map(|run| run.recipe.plan(&run.label, survey)).collect::<Result<_, _>>()?;
        let seconds = |run: usize| plan.runs()[run].recipe.seconds(&plans[run], measured);
        // A row of predictions is some forty bytes.
        let predictions = |task: &usize| mib(40.0 * survey.all[*task].dev.rows() as f64);
        let kept = |run: &PlannedRun| {
            let models =
                if spec.keep_models == KeepModels::All { run.tasks.len() as f64 * model } else { 0.0 };
            models + run.tasks.iter().map(predictions).sum::<f64>()
        };
        let arms = plan.entries.iter().map(|entry| {
            let runs: Vec<usize> = entry.chains[0].iter().filter_map(|id| plan.place(id)).collect();
            ArmEstimate {
                arm: name(entry),
                minutes: runs.iter().map(|&run| seconds(run)).sum::<f64>() / 60.0,
                steps: runs.iter().map(|&run| plans[run].steps).sum(),
                disk_mib: runs.iter().map(|&run| kept(&plan.runs()[run])).sum(),
            }
        });
        let arms = arms.collect();
        let unfinished: Vec<&PlannedRun> = self.ledger.missing().collect();
        let left = self.costs()?;
        let needed = match spec.keep_models {
            KeepModels::All => 0.0,
            // The support phases of two seeds, as the runs go seed by seed.
            KeepModels::Needed => 2.0 * survey.all.len() as f64 * model,
        };
        // Two checkpoints of parameters and moments, one being written, and a best model, while a run goes on.
        let running = jobs as f64 * 10.0 * model;
        let speed = measured.first().and_then(|first| first.speed);
        Ok(Estimate {
            arms,
            runs: plan.runs().len(),
            finished: plan.runs().len() - unfinished.len(),
            taken_over: unfinished.len() - left.len(),
            minutes: left.values().sum::<f64>() / 60.0 / jobs as f64,
            disk_mib: unfinished.into_iter().map(kept).sum::<f64>() + needed + running,
            memory_mib: speed.and_then(|speed| speed.peak_rss_mib).map(|mib| mib * jobs as u64),
            tokens_per_s: speed.map_or(f64::NAN, |speed| speed.training),
        })
    }
}

fn mib(bytes: f64) -> f64 {
    bytes / (1024.0 * 1024.0)
}
