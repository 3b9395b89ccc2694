//! What a study will cost, from the sizes of its tasks and a few real steps, before the first long one.

use std::collections::BTreeMap;

use mtlift_schedule::{Mixture, Realised};
use serde::Serialize;

use crate::grid::{Grid, PlannedRun};
use crate::store::Store;
use crate::subjects::Subjects;
use crate::{Error, KeepModels, Spec};

/// A run's reading and writing, beside its tokens: seconds, as measured on small models.
const OVERHEAD: f64 = 0.5;

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

/// The steps of a run and how often each task's rows are seen.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunPlan {
    /// What it is.
    pub run: String,
    /// Steps; where the sampler looks at scores an estimate, as if all tasks were as far from their single-task scores.
    pub steps: u64,
    /// Whether the sampler looks at scores, so that later epochs may differ from these.
    pub estimated: bool,
    /// Epochs.
    pub epochs: u32,
    /// For each task.
    pub tasks: Vec<TaskPlan>,
}

/// A task in a run's epochs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TaskPlan {
    /// Its name.
    pub task: String,
    /// Its rows to train on.
    pub rows: usize,
    /// How many of them an epoch holds, of the first epoch and of the last.
    pub seen: (u64, u64),
    /// The mean share of its rows seen in an epoch: 2 if each is seen twice.
    pub passes: f64,
}

impl RunPlan {
    pub(crate) fn new(run: &PlannedRun, subjects: &Subjects) -> Result<Self, Error> {
        let sizes: Vec<usize> =
            run.tasks.iter().map(|part| subjects.rows(part.task, part.max_train)).collect();
        let epochs = u64::from(run.settings.epochs);
        let mixture = Mixture::check(run.mixing.mix, &sizes, 0, run.settings.batch, epochs)?;
        // What a sampler that looks at scores will see is not known: all tasks may be as far from their single score.
        let gaps = vec![0.0; sizes.len()];
        let plans: Vec<_> = (0..epochs).map(|epoch| mixture.plan(epoch, Some(&gaps))).collect();
        let realised: Vec<Realised> = plans.iter().map(|plan| mixture.realised(plan)).collect();
        let all_steps: u64 = plans.iter().map(|plan| plan.steps).sum();
        let steps = run.settings.max_steps.unwrap_or(u64::MAX).min(all_steps);
        // Of epochs that end early a part is seen.
        let part = steps as f64 / all_steps as f64;
        let (first, last) = (&plans[0], &plans[plans.len() - 1]);
        let last_steps = last.steps.saturating_sub(all_steps - steps);
        let tasks = run.tasks.iter().zip(&sizes).enumerate().map(|(place, (task, &rows))| TaskPlan {
            task: subjects.all[task.task].task.name.clone(),
            rows,
            seen: (first.rows[place], last.rows[place].min(last_steps * run.settings.batch as u64)),
            passes: part * realised.iter().map(|epoch| epoch.passes[place]).sum::<f64>() / epochs as f64,
        });
        let tasks = tasks.collect();
        let estimated = sizes.len() > 1 && run.mixing.mix.sampler.needs_scores();
        Ok(Self { run: run.label.clone(), steps, estimated, epochs: run.settings.epochs, tasks })
    }
}

/// Seconds of a run on one worker.
fn seconds(run: &PlannedRun, plan: &RunPlan, subjects: &Subjects) -> f64 {
    let Some(speed) = subjects.all[0].rehearsal.speed else { return f64::NAN };
    let evaluations = (f64::from(plan.epochs) / run.settings.evaluate_every).ceil();
    let of_task = |(part, task): (&crate::grid::Part, &TaskPlan)| {
        let rehearsal = &subjects.all[part.task].rehearsal;
        let per_row = rehearsal.tokens as f64 / rehearsal.rows as f64;
        let trained = task.passes * task.rows as f64 * f64::from(plan.epochs) * per_row;
        let watched = rehearsal.watched_tokens as f64 * (task.rows as f64 / rehearsal.rows as f64).min(1.0);
        trained / speed.training + (evaluations * watched + rehearsal.dev_tokens as f64) / speed.evaluation
    };
    OVERHEAD + run.tasks.iter().zip(&plan.tasks).map(of_task).sum::<f64>()
}

/// Seconds of each run that neither `store` nor `reuse` has, by id; as if all cost the same where the speed is not known.
pub(crate) fn of_what_is_left(
    grid: &Grid,
    subjects: &Subjects,
    store: &Store,
    reuse: Option<&Store>,
) -> Result<BTreeMap<String, f64>, Error> {
    let is_left = |run: &&PlannedRun| {
        let needed = store.is_needed_beside(reuse, grid, &run.id);
        [Some(store), reuse].into_iter().flatten().all(|store| !store.has(run, subjects, needed))
    };
    let cost = |run: &PlannedRun| {
        let seconds = seconds(run, &RunPlan::new(run, subjects)?, subjects);
        Ok((run.id.clone(), if seconds.is_finite() { seconds } else { 1.0 }))
    };
    grid.runs.iter().filter(is_left).map(cost).collect()
}

/// The cost of what neither `store` nor `reuse` has, with `jobs` workers.
pub(crate) fn estimate(
    spec: &Spec,
    grid: &Grid,
    subjects: &Subjects,
    store: &Store,
    reuse: Option<&Store>,
    jobs: usize,
    name: impl Fn(&crate::grid::Entry) -> String,
) -> Result<Estimate, Error> {
    let mib = |bytes: f64| bytes / (1024.0 * 1024.0);
    let model = mib(subjects.all[0].rehearsal.parameters as f64 * 4.0);
    let plans: Vec<RunPlan> =
        grid.runs.iter().map(|run| RunPlan::new(run, subjects)).collect::<Result<_, _>>()?;
    let costs: Vec<f64> =
        grid.runs.iter().zip(&plans).map(|(run, plan)| seconds(run, plan, subjects)).collect();
    let place = |id: &String| grid.runs.iter().position(|run| run.id == *id);
    // A row of predictions is some forty bytes.
    let predictions = |run: &PlannedRun| {
        run.tasks
            .iter()
            .map(|part| mib(40.0 * subjects.all[part.task].rehearsal.dev_rows as f64))
            .sum::<f64>()
    };
    let kept = |run: &PlannedRun| {
        let models = if spec.keep_models == KeepModels::All { run.tasks.len() as f64 * model } else { 0.0 };
        models + predictions(run)
    };
    let arms = grid.entries.iter().map(|entry| {
        let runs: Vec<usize> = entry.chains[0].iter().filter_map(place).collect();
        ArmEstimate {
            arm: name(entry),
            minutes: runs.iter().map(|&run| costs[run]).sum::<f64>() / 60.0,
            steps: runs.iter().map(|&run| plans[run].steps).sum(),
            disk_mib: runs.iter().map(|&run| kept(&grid.runs[run])).sum(),
        }
    });
    let arms = arms.collect();
    let is_left = |run: &&PlannedRun| !store.has(run, subjects, store.is_needed_beside(reuse, grid, &run.id));
    let unfinished: Vec<&PlannedRun> = grid.runs.iter().filter(is_left).collect();
    let left = of_what_is_left(grid, subjects, store, reuse)?;
    let seconds: f64 = left.values().sum();
    let needed = match spec.keep_models {
        KeepModels::All => 0.0,
        // The support phases of two seeds, as the runs go seed by seed.
        KeepModels::Needed => 2.0 * subjects.all.len() as f64 * model,
    };
    // Two checkpoints of parameters and moments, one being written, and a best model, while a run goes on.
    let running = jobs as f64 * 10.0 * model;
    let speed = subjects.all[0].rehearsal.speed;
    Ok(Estimate {
        arms,
        runs: grid.runs.len(),
        finished: grid.runs.len() - unfinished.len(),
        taken_over: unfinished.len() - left.len(),
        minutes: seconds / 60.0 / jobs as f64,
        disk_mib: unfinished.into_iter().map(kept).sum::<f64>() + needed + running,
        memory_mib: speed.and_then(|speed| speed.peak_rss_mib).map(|mib| mib * jobs as u64),
        tokens_per_s: speed.map_or(f64::NAN, |speed| speed.training),
    })
}
