//! The disk that runs take: what stays of them, and the most that there is at any moment.
//!
//! A run in the making needs several times what it leaves: two checkpoints and one being written, each of parameters and two
//! moments, and the parameters of each task's best evaluation. So the peak is what stays of all runs but those at work, and
//! those at work at their largest.

use mtlift_train::companion_bytes;

use crate::ledger::Ledger;
use crate::plan::PlannedRun;
use crate::run_plan::RunPlan;
use crate::spec::{KeepModels, Spec};
use crate::survey::Survey;

/// A line of `steps.jsonl`, and what each task of the run adds to it.
const STEP: (f64, f64) = (170.0, 70.0);
/// A row of predictions, with a logit for each of two or three labels.
const PREDICTION: f64 = 50.0;
/// Result, description, timing and evaluations of a run.
const RECORDS: f64 = 8192.0;
/// The report, its tables and findings, and one of them beside its predecessor while it is written anew.
const REPORT: f64 = 768.0 * 1024.0;

/// What the files of a study take.
pub(crate) struct Space<'a> {
    survey: &'a Survey,
    keep: KeepModels,
    /// Bytes of the parameters.
    parameters: f64,
    /// Stores of the parameters' size in a checkpoint: them, two moments, and a mean where an arm keeps one.
    stores: f64,
    /// Bytes of what goes with a model: its tokenizer.
    companions: f64,
}

impl<'a> Space<'a> {
    pub(crate) fn of(spec: &Spec, survey: &'a Survey) -> Self {
        let of_arm = spec.arms.iter().any(|arm| arm.weight_average.is_some());
        let averages = of_arm || spec.settings.weight_average.is_some();
        Self {
            survey,
            keep: spec.keep_models,
            parameters: 4.0 * survey.parameters as f64,
            stores: if averages { 4.0 } else { 3.0 },
            companions: companion_bytes(&survey.model) as f64,
        }
    }

    /// Bytes of a run's models.
    pub(crate) fn models(&self, run: &PlannedRun) -> f64 {
        run.tasks.len() as f64 * (self.parameters + self.companions)
    }

    /// Bytes that stay of a run.
    pub(crate) fn kept(&self, run: &PlannedRun, steps: u64) -> f64 {
        let models = if run.keeps_models(self.keep) { self.models(run) } else { 0.0 };
        let rows: usize = run.tasks.iter().map(|&task| self.survey.all[task].dev.rows()).sum();
        let log = steps as f64 * (STEP.0 + STEP.1 * run.tasks.len() as f64);
        models + log + PREDICTION * rows as f64 + RECORDS
    }

    /// The most bytes that a run takes while it is made, logs and predictions aside.
    fn at_work(&self, run: &PlannedRun) -> f64 {
        let tasks = run.tasks.len() as f64;
        // Two checkpoints and the one being written; the best of each task, and a new one.
        let training = (3.0 * self.stores + tasks + 1.0) * self.parameters;
        // Two checkpoints, the best of each task, and the models.
        let exporting = (2.0 * self.stores + tasks) * self.parameters + self.models(run);
        training.max(exporting)
    }

    /// The most bytes that the runs that are missing add to the disk, with `jobs` at a time.
    pub(crate) fn peak(&self, ledger: Ledger<'_>, plans: &[RunPlan], jobs: usize) -> f64 {
        let runs = ledger.plan.runs();
        let missing: Vec<usize> = (0..runs.len()).filter(|&run| !ledger.has(&runs[run])).collect();
        if missing.is_empty() {
            return 0.0;
        }
        let kept: f64 = missing.iter().map(|&run| self.kept(&runs[run], plans[run].steps)).sum();
        let more = |run: &usize| {
            let run = &runs[*run];
            self.at_work(run) - if run.keeps_models(self.keep) { self.models(run) } else { 0.0 }
        };
        let mut at_work: Vec<f64> = missing.iter().map(more).collect();
        at_work.sort_by(|a, b| b.total_cmp(a));
        kept + at_work.iter().take(jobs).sum::<f64>() + self.waiting(ledger, &missing, jobs) + REPORT
    }

    /// The most bytes of models that wait for runs to start from them, and then go. The order of runs is that of the
    /// plan, from which several workers stray by as many places as they are.
    fn waiting(&self, ledger: Ledger<'_>, missing: &[usize], jobs: usize) -> f64 {
        let mut changes = Vec::new();
        for &run in missing {
            let planned = &ledger.plan.runs()[run];
            if planned.keeps_models(self.keep) {
                continue;
            }
            let last =
                ledger.plan.starting_from(&planned.id).filter_map(|after| ledger.plan.place(&after.id)).max();
            if let Some(last) = last {
                changes.push((run.saturating_sub(jobs), self.models(planned)));
                changes.push((last + jobs, -self.models(planned)));
            }
        }
        // What comes at a place comes before what goes there.
        changes.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        let sums = changes.iter().scan(0.0_f64, |sum, &(_, change)| {
            *sum += change;
            Some(*sum)
        });
        sums.fold(0.0, f64::max)
    }
}
