//! An arm's runs: what they scored, what they cost, how they learnt.

use std::collections::BTreeMap;

use mtlift_eval::{GroupScores, Judged, score_interval};
use mtlift_report::{ArmFindings, Compared, Cost, Estimate, SeedScore, SelfTrained};
use mtlift_train::{EvaluationRecord, Yardstick};

use super::average::{deviation, mean};
use super::context::{Context, generator, options};
use super::curve::{Curve, merge, still_improving};
use super::together::Together;
use crate::error::Error;
use crate::label;
use crate::plan::Entry;
use crate::store::Finished;
use crate::survey::Scored;

/// An arm's runs, read.
pub(super) struct Read<'a> {
    pub(super) entry: &'a Entry,
    /// By place of the seed in the study.
    pub(super) judged: BTreeMap<usize, Judged>,
    /// The probability of each row's own label, by place of the seed; without runs that have none.
    pub(super) gold: BTreeMap<usize, Vec<f64>>,
    /// The same runs by their worst group, by place of the seed; empty of a task without groups.
    pub(super) worst: BTreeMap<usize, Judged>,
    /// What each group scores, seed by seed; empty of a task without groups.
    pub(super) groups: Vec<GroupScores>,
    /// The task's own score, seed by seed.
    pub(super) averages: Vec<f64>,
    /// What its runs predict together.
    pub(super) together: Together,
    pub(super) findings: ArmFindings,
}

impl<'a> Read<'a> {
    /// Of runs of which nothing is known but how they are judged.
    pub(super) fn of(entry: &'a Entry, judged: BTreeMap<usize, Judged>, findings: ArmFindings) -> Self {
        Self {
            entry,
            judged,
            gold: BTreeMap::new(),
            worst: BTreeMap::new(),
            groups: Vec::new(),
            averages: Vec::new(),
            together: Together::default(),
            findings,
        }
    }
}

impl Context<'_> {
    /// An arm's scores, costs and curves; with what could not be read.
    pub(super) fn read<'e>(&self, entry: &'e Entry) -> (Read<'e>, Vec<String>) {
        let (spec, survey) = (self.spec, self.survey);
        let subject = &survey.all[entry.target];
        let target = &subject.task.name;
        let (mut judged, mut gold) = (BTreeMap::new(), BTreeMap::new());
        let mut together = Together::default();
        let (mut worst, mut groups, mut averages) = (BTreeMap::new(), Vec::new(), Vec::new());
        let (mut scores, mut troubles) = (Vec::new(), Vec::new());
        let (mut costs, mut passes, mut curves) = (Vec::new(), BTreeMap::new(), Vec::new());
        let (mut self_trained, mut compared) = (Vec::new(), Vec::new());
        for (place, (chain, &seed)) in entry.chains.iter().zip(&spec.seeds).enumerate() {
            let all: Option<Vec<&Finished>> = chain.iter().map(|id| self.results.get(id.as_str())).collect();
            let (Some(all), Some(last)) = (all, chain.last()) else { continue };
            let Some(result) = all.last().and_then(|run| run.result.task(target)) else { continue };
            let Some(metrics) = &result.metrics else { continue };
            let read = self
                .predictions_and_curve(entry.target, last)
                .and_then(|(read, learnt)| Ok((read, learnt, self.mixed_epochs(chain, target)?)));
            let (read, learnt, mixed) = match read {
                Ok(read) => read,
                Err(error) => {
                    let label = label::arm(entry, survey, spec);
                    troubles
                        .push(format!("run {last} ({target}: {label}, seed {seed}) is left out: {error}"));
                    continue;
                }
            };
            let score = match subject.dev.judge_by {
                Yardstick::Score => metrics.headline(),
                Yardstick::WorstGroup => read.judged.headline(),
            };
            judged.insert(place, read.judged);
            worst.extend(read.worst.map(|judged| (place, judged)));
            groups.extend(read.groups);
            averages.push(metrics.headline());
            gold.extend(read.gold.map(|rows| (place, rows)));
            if let Some(rows) = &read.averaged {
                together.add(rows, 1);
            }
            let degenerate = metrics.degenerate().is_some_and(|degenerate| !degenerate.is_of_reference());
            let labelled = all.last().and_then(|run| run.result.self_training.as_ref());
            self_trained.extend(labelled.map(|record| SelfTrained {
                seed,
                gold: record.gold,
                rows: record.rows(),
                dropped: record.dropped,
                kept: record.kept.values().sum(),
            }));
            let consistency = all.last().and_then(|run| run.result.consistency.as_ref());
            compared.extend(consistency.map(|record| Compared {
                seed,
                of_gold: record.of_gold,
                rows: record.rows(),
                twins: record.twins,
            }));
            let (selected, run_id) = (result.selected_score, last.clone());
            scores.push(SeedScore { seed, score, selected, degenerate, run: run_id });
            costs.push(Cost {
                minutes: all.iter().map(|run| run.seconds).sum::<f64>() / 60.0,
                tokens: all.iter().map(|run| run.result.tokens as f64).sum(),
                steps: all.iter().map(|run| run.result.steps as f64).sum(),
            });
            if let Some((run, epochs)) = mixed {
                for task in run.result.tasks() {
                    let share = task.seen as f64 / task.train_rows as f64 / epochs;
                    passes.entry(task.task.clone()).or_insert_with(Vec::new).push(share);
                }
            }
            curves.push(learnt);
        }
        let runs: Vec<Judged> = judged.values().cloned().collect();
        let label = label::arm(entry, survey, spec);
        let interval = |runs: &[Judged]| score_interval(runs, &options(), &mut generator(&label));
        let estimate = match (!runs.is_empty()).then(|| interval(&runs)).transpose() {
            Ok(interval) => interval.map(|(value, (low, high))| Estimate { value, low, high }),
            Err(error) => {
                troubles.push(format!("{target}: {label} has no interval: {error}"));
                None
            }
        };
        let own: Vec<f64> = scores.iter().map(|score| score.score).collect();
        let cost = (!costs.is_empty()).then(|| Cost {
            minutes: mean(costs.iter().map(|cost| cost.minutes)),
            tokens: mean(costs.iter().map(|cost| cost.tokens)),
            steps: mean(costs.iter().map(|cost| cost.steps)),
        });
        // The target's passes first, then the others by name.
        let mut passes: Vec<(String, f64)> =
            passes.into_iter().map(|(task, shares)| (task, mean(shares.into_iter()))).collect();
        passes.sort_by_key(|(task, _)| task != target);
        let findings = ArmFindings {
            target: target.clone(),
            label,
            arm: entry.arm.clone(),
            support: entry.support.map(|support| survey.all[support].task.name.clone()),
            sampler: entry.sampler,
            scores,
            mean: estimate,
            deviation: deviation(&own),
            gain: None,
            over_single_steps: None,
            best: None,
            shrunken: None,
            gold_probability: None,
            groups: None,
            gradients: None,
            dropped: None,
            tuned: None,
            self_trained,
            compared,
            cost,
            model: None,
            passes,
            improving: still_improving(&curves, subject.sign()),
            curve: merge(&curves),
        };
        let model = findings.best_seed(subject.sign()).and_then(|best| self.model(&best.run, target));
        let findings = ArmFindings { model, ..findings };
        (Read { entry, judged, gold, worst, groups, averages, together, findings }, troubles)
    }

    /// Where a run's model for a task is, if it was kept.
    fn model(&self, run: &str, task: &str) -> Option<String> {
        let model = self.store.files(run).model_for(&self.results.get(run)?.result, task);
        model.is_dir().then(|| model.display().to_string())
    }

    /// A run's predictions on the rows that score a task, judged, and its scores on the rows that select, by epoch.
    fn predictions_and_curve(&self, target: usize, run: &str) -> Result<(Scored, Curve), Error> {
        let task = &self.survey.all[target].task;
        let tasks = self.results[run].result.tasks().count();
        let scored = self.survey.all[target].dev.judge(task, &self.store.files(run), tasks)?;
        Ok((scored, self.curve(run, &task.name)?))
    }

    /// The run of a chain that has the most tasks, of equals the last (the target's phase of STILTs); none until all are finished.
    pub(super) fn mixed_run<'c>(&self, chain: &'c [String]) -> Option<(&'c str, &Finished)> {
        let all: Option<Vec<&Finished>> = chain.iter().map(|id| self.results.get(id.as_str())).collect();
        let runs = chain.iter().map(String::as_str).zip(all?);
        runs.max_by_key(|(_, run)| run.result.tasks().count())
    }

    /// The same, with its epochs: patience may have ended it early.
    fn mixed_epochs(&self, chain: &[String], target: &str) -> Result<Option<(&Finished, f64)>, Error> {
        let Some((id, run)) = self.mixed_run(chain) else { return Ok(None) };
        let of_target =
            if run.result.task(target).is_some() { self.curve(id, target)? } else { Curve::new() };
        let epochs = of_target.last().map_or(f64::from(self.spec.settings.epochs), |(epoch, _)| *epoch);
        Ok(Some((run, epochs)))
    }

    /// A run's scores on the rows that select, by epoch.
    fn curve(&self, run: &str, task: &str) -> Result<Curve, Error> {
        let lines = self.store.files(run).evaluations()?.into_iter();
        let of_task = lines.filter(|line| line.task == task);
        let score =
            |line: &EvaluationRecord| self.spec.settings.select.of(&line.scores, line.worst_group.as_ref());
        Ok(of_task.map(|line| (line.epoch, score(&line))).collect())
    }
}
