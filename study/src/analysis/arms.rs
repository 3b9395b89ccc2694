//! An arm's runs: what they scored, what they cost, how they learnt.

use std::collections::BTreeMap;
use std::path::Path;

use mtlift_eval::{Judged, score_interval};
use mtlift_report::{ArmFindings, Cost, CurvePoint, Estimate, SeedScore};
use mtlift_train::predictions_file;
use serde::Deserialize;

use super::context::{Context, arm_label, generator, options};
use crate::grid::Entry;
use crate::store::Finished;

/// An arm's runs, read.
pub(super) struct Read<'a> {
    pub(super) entry: &'a Entry,
    /// By place of the seed in the study.
    pub(super) judged: BTreeMap<usize, Judged>,
    pub(super) findings: ArmFindings,
}

impl Context<'_> {
    /// An arm's scores, costs and curves; with what could not be read.
    pub(super) fn read<'e>(&self, entry: &'e Entry) -> (Read<'e>, Vec<String>) {
        let (spec, subjects) = (self.spec, self.subjects);
        let subject = &subjects.all[entry.target];
        let target = &subject.task.name;
        let (mut judged, mut scores, mut troubles) = (BTreeMap::new(), Vec::new(), Vec::new());
        let (mut costs, mut passes, mut curves) = (Vec::new(), BTreeMap::new(), Vec::new());
        for (place, (chain, &seed)) in entry.chains.iter().zip(&spec.seeds).enumerate() {
            let all: Option<Vec<&Finished>> = chain.iter().map(|id| self.results.get(id.as_str())).collect();
            let (Some(all), Some(last)) = (all, chain.last()) else { continue };
            let Some(result) = all.last().and_then(|run| run.tasks.iter().find(|task| task.task == *target))
            else {
                continue;
            };
            let run = &all[all.len() - 1];
            let file = predictions_file(&self.store.run(last), run.tasks.len(), target, "dev");
            match self.dev_sets[entry.target].judge(subject, &file) {
                Ok(read) => judged.insert(place, read),
                Err(error) => {
                    let label = arm_label(entry, subjects, spec);
                    troubles
                        .push(format!("run {last} ({target}: {label}, seed {seed}) is left out: {error}"));
                    continue;
                }
            };
            let degenerate = result.metrics.degenerate.is_some();
            let (selected, run_id) = (result.selected_score, last.clone());
            scores.push(SeedScore {
                seed,
                score: result.metrics.headline,
                selected,
                degenerate,
                run: run_id,
            });
            costs.push(Cost {
                minutes: all.iter().map(|run| run.seconds).sum::<f64>() / 60.0,
                tokens: all.iter().map(|run| run.tokens as f64).sum(),
                steps: all.iter().map(|run| run.steps as f64).sum(),
            });
            let learnt = curve(&self.store.run(last), target);
            // Of equals the last: the target's phase of STILTs.
            let mixed = all.iter().zip(chain).max_by_key(|(run, _)| run.tasks.len());
            if let Some((run, id)) = mixed {
                // Patience may have ended it early.
                let own = if id == last { &learnt } else { &curve(&self.store.run(id), target) };
                let epochs = own.last().map_or(f64::from(spec.settings.epochs), |(epoch, _)| *epoch);
                for task in &run.tasks {
                    let share = task.seen as f64 / task.train_rows as f64 / epochs;
                    passes.entry(task.task.clone()).or_insert_with(Vec::new).push(share);
                }
            }
            curves.push(learnt);
        }
        let runs: Vec<Judged> = judged.values().cloned().collect();
        let estimate = (!runs.is_empty())
            .then(|| score_interval(&runs, &options(), &mut generator(&arm_label(entry, subjects, spec))))
            .and_then(Result::ok)
            .map(|(value, (low, high))| Estimate { value, low, high });
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
            label: arm_label(entry, subjects, spec),
            arm: entry.arm,
            support: entry.support.map(|support| subjects.all[support].task.name.clone()),
            sampler: entry.sampler,
            scores,
            mean: estimate,
            deviation: deviation(&own),
            gain: None,
            best: None,
            cost,
            passes,
            curve: merge(&curves),
        };
        (Read { entry, judged, findings }, troubles)
    }
}

/// NaN without values.
pub(super) fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
    sum / f64::from(count)
}

/// The standard deviation (ddof 1); none below two values.
pub(super) fn deviation(values: &[f64]) -> Option<f64> {
    let centre = mean(values.iter().copied());
    let squares = values.iter().map(|x| (x - centre).powi(2)).sum::<f64>();
    (values.len() > 1).then(|| (squares / (values.len() - 1) as f64).sqrt())
}

/// A run's scores on the rows that select, by epoch.
fn curve(run: &Path, task: &str) -> Vec<(f64, f64)> {
    #[derive(Deserialize)]
    struct Line {
        epoch: f64,
        task: String,
        scores: Scores,
    }
    #[derive(Deserialize)]
    struct Scores {
        headline: f64,
    }
    let text = std::fs::read_to_string(run.join("evals.jsonl")).unwrap_or_default();
    let lines = text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok());
    lines.filter(|line| line.task == task).map(|line| (line.epoch, line.scores.headline)).collect()
}

/// The seeds' curves as one, as far as all of them go.
fn merge(curves: &[Vec<(f64, f64)>]) -> Vec<CurvePoint> {
    let points = curves.iter().map(Vec::len).min().unwrap_or(0);
    let point = |at: usize| {
        let scores: Vec<f64> = curves.iter().map(|curve| curve[at].1).collect();
        CurvePoint {
            epoch: curves[0][at].0,
            mean: mean(scores.iter().copied()),
            low: scores.iter().copied().fold(f64::INFINITY, f64::min),
            high: scores.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        }
    };
    (0..points).map(point).collect()
}
