//! Training: one phase under one seed, from the study's model or from that of another run.

use std::num::NonZeroU32;
use std::path::PathBuf;

use mtlift_schedule::{HeadStart, Mixture, Weighs};
use mtlift_train::{Identity, Job, JobTask, Mixing, Observer, Rehearsal, Settings, Speed, numerics, train};
use serde_json::{Value, json};

use super::writing::tokens_to_write;
use super::{Making, Recipe};
use crate::error::Error;
use crate::run_plan::{RunPlan, TaskPlan};
use crate::store::Store;
use crate::survey::{Survey, TextSet};

/// A run's reading and writing, beside its tokens: seconds, as measured on small models.
pub(super) const OVERHEAD: f64 = 0.5;

/// Tokens of a micro-batch of a task's rows.
pub(super) fn tokens_at_once(settings: &Settings, rehearsal: &Rehearsal) -> f64 {
    let rows = settings.micro_batch.unwrap_or(settings.batch) as f64;
    rows * rehearsal.tokens as f64 / rehearsal.rows as f64
}

/// A phase to be trained.
#[derive(Clone, Debug)]
pub(crate) struct Training {
    /// The first is the target.
    pub(crate) tasks: Vec<Part>,
    /// Where the parameters come from.
    pub(crate) start: Start,
    /// The single runs whose scores the sampler looks at, in the order of `tasks`; else empty.
    pub(crate) baselines: Vec<String>,
    pub(crate) heads: HeadStart,
    pub(crate) mixing: Mixing,
    pub(crate) settings: Settings,
    /// Every how many steps it is recorded how the tasks' gradients agree: the run is the same run either way.
    pub(crate) conflict_every: Option<NonZeroU32>,
}

/// A task in a run: its place in the survey, its rows where they are cut, and how many unused ones are scored where they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) task: usize,
    pub(crate) max_train: Option<usize>,
    pub(crate) score_rows: Option<usize>,
}

impl Part {
    /// What of a task a run's outcome depends on.
    pub(super) fn describe(&self, survey: &Survey) -> Value {
        let subject = &survey.all[self.task];
        let mut task =
            json!({"task": subject.task.name, "data": subject.fingerprint, "rows": self.max_train});
        // Only where they are asked for, so that they rename no older run.
        if let Some(rows) = self.score_rows {
            task["score_rows"] = rows.into();
        }
        task
    }

    /// The same as a job has it.
    pub(super) fn of_job<'a>(&self, survey: &'a Survey) -> JobTask<'a> {
        let task = &survey.all[self.task].task;
        JobTask { task, max_train: self.max_train, score_rows: self.score_rows, taught: None }
    }
}

/// Where a run's parameters come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// The study's model.
    Model,
    /// The model of a task from a finished run; from the best of several.
    Runs { ids: Vec<String>, task: usize },
}

impl Recipe for Training {
    fn starts_from(&self) -> &[String] {
        match &self.start {
            Start::Model => &[],
            Start::Runs { ids, .. } => ids,
        }
    }

    fn looks_at(&self) -> &[String] {
        &self.baselines
    }

    fn describe(&self, survey: &Survey) -> Value {
        let mut description = json!({
            "numerics": numerics(&self.mixing, self.tasks.len()),
            "start": match &self.start {
                Start::Model => json!(survey.model_hash),
                Start::Runs { ids, task } => {
                    json!({"best_of": ids, "task": survey.all[*task].task.name, "heads": self.heads})
                }
            },
            "tasks": self.tasks.iter().map(|part| part.describe(survey)).collect::<Vec<_>>(),
            "settings": self.settings.identity(),
        });
        if self.tasks.len() > 1 {
            description["mixing"] = self.mixing.identity();
            description["single_scores_of"] = json!(self.baselines);
        }
        // Only where there are such, so that they rename no older run.
        let sets = self.text_sets(survey);
        let shared: Vec<&[usize]> =
            sets.iter().map(|set| &set.tasks[..]).filter(|tasks| tasks.len() > 1).collect();
        if !shared.is_empty() {
            description["tasks_of_the_same_texts"] = json!(shared);
        }
        if self.settings.consistency().is_some() {
            description["unlabelled"] = json!(survey.all[self.tasks[0].task].unlabelled.hash);
        }
        description
    }

    fn plan(&self, label: &str, survey: &Survey) -> Result<RunPlan, Error> {
        let rows = |part: &Part| survey.rows(part.task, part.max_train);
        self.plan_of(label, survey, &self.text_sets(survey), &self.tasks.iter().map(rows).collect::<Vec<_>>())
    }

    fn seconds(&self, plan: &RunPlan, measured: &[Rehearsal]) -> f64 {
        let Some(speed) = measured.first().and_then(|first| first.speed) else { return f64::NAN };
        let epochs = plan.epochs as f64;
        let evaluations = self.evaluations(plan.steps, plan.epochs);
        let of_rule = if self.tasks.len() > 1 { self.mixing.combine.rule().about.passes } else { 1.0 };
        let of_flat_minima =
            self.settings.flat_minima.map_or(0.0, |flat_minima| flat_minima.about().passes - 1.0);
        let to_look = match self.conflict_every {
            Some(every) if self.tasks.len() > 1 && !self.weighs_gradients() => 1.0 / f64::from(every.get()),
            _ => 0.0,
        };
        let of_texts =
            if self.guesses_tokens() { 1.0 + measured[self.tasks[0].task].masked.passes } else { 1.0 };
        let passes = of_texts * (of_rule + of_flat_minima) + to_look;
        let climbs_apart = self.settings.flat_minima.is_some_and(|flat_minima| flat_minima.is_of_each_task());
        let is_apart = climbs_apart || self.weighs_gradients();
        let of_task = |(part, task): (&Part, &TaskPlan)| {
            let rehearsal = &measured[part.task];
            let per_row = rehearsal.tokens as f64 / rehearsal.rows as f64;
            // Whoever has each task's gradient runs a text once for each of its labels.
            let texts = if is_apart { task.rows } else { task.texts };
            let trained = task.passes * texts as f64 * epochs * per_row;
            let share = (task.rows as f64 / rehearsal.rows as f64).min(1.0);
            let watched = evaluations * rehearsal.watched_tokens as f64 * share;
            // Rows go no higher than their task's head.
            let layers = self.mixing.architecture.as_ref().and_then(|all| all.layer(&task.task));
            let height = layers.map_or(1.0, |layers| layers as f64 / rehearsal.layers as f64);
            height
                * (passes * trained / speed.training
                    + (watched + rehearsal.dev_tokens as f64) / speed.evaluation)
        };
        let of_tasks: f64 = self.tasks.iter().zip(&plan.tasks).map(of_task).sum();
        OVERHEAD + of_tasks + self.seconds_of_twins(plan, measured, speed)
    }

    fn more_memory(&self, measured: &[Rehearsal]) -> f64 {
        // A rule for gradients, or who looks at conflict, keeps a gradient for each task, who climbs the parameters, and where each task
        // climbs, what that adds; an average is as large as they.
        let (tasks, flat_minima) = (self.tasks.len(), self.settings.flat_minima);
        let apart = flat_minima.is_some_and(|flat_minima| flat_minima.is_of_each_task());
        let needs_each = self.weighs_gradients() || self.conflict_every.is_some();
        let of_each_task = if apart { 2 } else { usize::from(needs_each) };
        let gradients = if tasks > 1 { of_each_task * tasks } else { 0 };
        let averages = usize::from(self.settings.weight_average.is_some());
        let kept = gradients + usize::from(flat_minima.is_some()) + averages;
        let parameters = measured.first().map_or(0, |first| first.parameters);
        // Masked tokens are guessed in a pass with memory of its own.
        let of_texts = match measured.get(self.tasks[0].task) {
            Some(rehearsal) if self.guesses_tokens() => {
                let masked = rehearsal.masked;
                tokens_at_once(&self.settings, rehearsal) * (masked.logits + masked.activations)
            }
            _ => 0.0,
        };
        ((kept * parameters) as f64 + of_texts) * size_of::<f32>() as f64
    }

    fn make(&self, making: Making<'_>, observer: &mut dyn Observer) -> Result<(), Error> {
        self.with_job(making, |job| {
            train(job, observer)?;
            Ok(())
        })
    }
}

impl Training {
    /// The plan over these sets of texts, with `rows[i]` rows of task `i` to train on.
    pub(super) fn plan_of(
        &self,
        label: &str,
        survey: &Survey,
        sets: &[TextSet],
        rows: &[usize],
    ) -> Result<RunPlan, Error> {
        let sizes: Vec<usize> = sets.iter().map(|set| set.texts).collect();
        let Settings { epochs, batch, .. } = self.settings;
        let mixture = Mixture::check(self.mixing.mix, &sizes, 0, batch, epochs.into())?
            .at_least(self.settings.least_steps());
        let epochs = mixture.epochs();
        // What a sampler that looks at scores will see is not known: all tasks may be as far from their single score.
        let gaps = vec![0.0; sizes.len()];
        let (mut all_steps, mut passes) = (0, vec![0.0; sizes.len()]);
        for (plan, times) in mixture.plans(Some(&gaps)) {
            all_steps += times * plan.steps;
            let realised = mixture.realised(&plan).passes;
            passes.iter_mut().zip(realised).for_each(|(all, of_epoch)| *all += times as f64 * of_epoch);
        }
        let steps = self.settings.max_steps.unwrap_or(u64::MAX).min(all_steps);
        // Of epochs that end early a part is seen.
        let part = steps as f64 / all_steps as f64;
        let (first, last) = (mixture.plan(0, Some(&gaps)), mixture.plan(epochs - 1, Some(&gaps)));
        let last_steps = last.steps.saturating_sub(all_steps - steps);
        let of_task = |(place, (task, &rows)): (usize, (&Part, &usize))| {
            let of_set = |set: &TextSet| set.tasks.contains(&place);
            let set = sets.iter().position(of_set).unwrap_or_else(|| unreachable!("every task has texts"));
            let TextSet { tasks, texts } = &sets[set];
            let labels = |drawn: u64| (u128::from(drawn) * rows as u128 / *texts as u128) as u64;
            TaskPlan {
                task: survey.all[task.task].task.name.clone(),
                rows,
                seen: (labels(first.rows[set]), labels(last.rows[set].min(last_steps * batch as u64))),
                passes: part * passes[set] / epochs as f64,
                texts: if tasks[0] == place { *texts } else { 0 },
                twins: self.twins(survey, place, rows, steps),
            }
        };
        let tasks = self.tasks.iter().zip(rows).enumerate().map(of_task).collect();
        let estimated = sizes.len() > 1 && self.mixing.mix.sampler.needs_scores();
        // The first evaluation is always the best so far.
        let evaluations = self.evaluations(steps, epochs);
        let may_stop_early =
            self.settings.patience.is_some_and(|patience| f64::from(patience) + 1.0 < evaluations);
        Ok(RunPlan { run: label.to_owned(), steps, may_stop_early, estimated, epochs, tasks })
    }

    fn guesses_tokens(&self) -> bool {
        self.settings.auxiliary.is_some_and(|auxiliary| auxiliary.guesses_tokens())
    }

    /// Of how many of a task's rows a twin is written in a run of so many steps: of those without labels, or else of the `rows` to train on.
    fn twins(&self, survey: &Survey, place: usize, rows: usize, steps: u64) -> usize {
        if self.settings.consistency().is_none() {
            return 0;
        }
        let unlabelled = survey.all[self.tasks[place].task].unlabelled.rows;
        let all = if unlabelled > 0 { unlabelled } else { rows };
        // No more than the steps can show.
        steps.saturating_mul(self.settings.batch as u64).min(all as u64) as usize
    }

    /// To write the twins, and in each step to pass over as many rows as a batch has, and over their twins forward and back.
    fn seconds_of_twins(&self, plan: &RunPlan, measured: &[Rehearsal], speed: Speed) -> f64 {
        let Some(how) = self.settings.consistency() else { return 0.0 };
        let texts = &measured[self.tasks[0].task];
        let of_row = texts.tokens as f64 / texts.rows as f64;
        let times = self.settings.flat_minima.map_or(1.0, |flat_minima| flat_minima.about().passes);
        let shown = times * plan.steps as f64 * self.settings.batch as f64 * of_row;
        let to_write = plan.tasks[0].twins as f64 * tokens_to_write(&how.infilling, texts);
        shown / speed.training + (shown + to_write) / speed.evaluation
    }

    /// Does something with the job of the run.
    pub(super) fn with_job<T>(
        &self,
        making: Making<'_>,
        work: impl FnOnce(Job<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let Making { survey, store, out, cache } = making;
        let model = self.model(survey, store)?;
        let tasks: Vec<JobTask<'_>> = self.tasks.iter().map(|part| part.of_job(survey)).collect();
        let mixing = Mixing { single_scores: self.single_scores(survey, store)?, ..self.mixing.clone() };
        work(Job {
            model: &model,
            tasks: &tasks,
            mixing: &mixing,
            start: self.heads,
            settings: &self.settings,
            out,
            cache,
            resume: true,
            conflict_every: self.conflict_every,
            rebalanced: None,
        })
    }

    /// Whether several tasks' gradients are taken apart, where there are several.
    fn weighs_gradients(&self) -> bool {
        self.mixing.combine.rule().weighs == Weighs::Gradients
    }

    fn text_sets(&self, survey: &Survey) -> Vec<TextSet> {
        let tasks: Vec<_> = self.tasks.iter().map(|part| (part.task, part.max_train)).collect();
        survey.text_sets(&tasks)
    }

    /// How often a run of so many steps and epochs is evaluated.
    pub(super) fn evaluations(&self, steps: u64, epochs: u64) -> f64 {
        (epochs as f64 / self.settings.epochs_between_evaluations(steps.div_ceil(epochs))).ceil()
    }

    /// The checkpoint to start from.
    fn model(&self, survey: &Survey, store: &Store) -> Result<PathBuf, Error> {
        let Start::Runs { ids, task } = &self.start else { return Ok(survey.model.clone()) };
        let subject = &survey.all[*task];
        let [first, others @ ..] = &ids[..] else { unreachable!("a run starts from at least one run") };
        let mut best = first;
        if !others.is_empty() {
            let mut most = subject.sign() * selected_score(store, first, &subject.task.name)?;
            for id in others {
                let score = subject.sign() * selected_score(store, id, &subject.task.name)?;
                if score > most {
                    (most, best) = (score, id);
                }
            }
        }
        store.model(best, &subject.task.name)
    }

    /// What each task scores alone, where the sampler looks at it: on the rows that select, as the run itself will see.
    fn single_scores(&self, survey: &Survey, store: &Store) -> Result<Vec<f64>, Error> {
        let score =
            |(id, part): (&String, &Part)| selected_score(store, id, &survey.all[part.task].task.name);
        self.baselines.iter().zip(&self.tasks).map(score).collect()
    }
}

/// What a run scored on the rows that select.
pub(super) fn selected_score(store: &Store, id: &str, task: &str) -> Result<f64, Error> {
    let score = store.result(id)?.task(task).and_then(|result| result.selected_score);
    score.ok_or_else(|| Error::NoScore { run: id.to_owned(), task: task.to_owned() })
}
