//! From finished runs to findings: scores, comparisons, cells, rules.
//!
//! A run that cannot be read is a warning and is left out: the rest of the study says what it can.

use std::collections::BTreeMap;
use std::path::Path;

use mtlift_eval::{
    Comparison, Judged, Options, Rule, RuleCell, SeedsNeeded, Strategy, TaskMetrics, benjamini_hochberg,
    compare, holm, linear_fit, pooled_t, probability_best, score_interval, score_rules, seeds_needed,
};
use mtlift_glue_data::{Kind, Target};
use mtlift_schedule::Arm;
use mtlift_train::predictions_file;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rayon::prelude::*;
use serde::Deserialize;

use crate::calibration::{self, Calibration, Draws};
use crate::grid::{Entry, Grid};
use crate::store::{Finished, Store};
use crate::subjects::{Subject, Subjects};
use crate::verdict;
use crate::{
    Against, ArmFindings, Cell, Cost, CurvePoint, Error, Estimate, Findings, Question, Regression,
    RuleRecord, SeedScore, SizeCurve, SizeCurvePoint, Sizes, Spec, TaskFacts,
};

/// The level of every interval and of `decided`.
pub(crate) const LEVEL: f64 = 0.95;
/// Bootstrap replicates of an interval.
const REPLICATES: usize = 2000;
/// More seeds than anyone will run.
const MOST_SEEDS: u32 = 200;
/// The power at which a difference counts as settled.
const POWER: f64 = 0.8;

/// What an arm is called beside its target: `stilts from MNLI`.
pub(crate) fn arm_label(entry: &Entry, subjects: &Subjects, spec: &Spec) -> String {
    let support = entry.support.map(|support| &subjects.all[support].task.name);
    let ratio = entry.ratio.map_or(String::new(), |ratio| format!(" at ratio {:.2}", spec.ratios[ratio]));
    match (entry.arm, support) {
        (Arm::Stilts, Some(support)) => format!("stilts from {support}{ratio}"),
        (arm, Some(support)) => format!("{arm} with {support}{ratio}"),
        (arm, None) => match entry.sampler {
            Some(sampler) if spec.mtl_all_samplers.len() > 1 => format!("{arm} ({sampler})"),
            _ => arm.to_string(),
        },
    }
}

/// An arm's runs, read.
struct Read<'a> {
    entry: &'a Entry,
    /// By place of the seed in the study.
    judged: BTreeMap<usize, Judged>,
    findings: ArmFindings,
}

pub(crate) fn findings(
    spec: &Spec,
    subjects: &Subjects,
    grid: &Grid,
    store: &Store,
    command: &str,
) -> Result<Findings, Error> {
    let mut warnings = Vec::new();
    let mut results: BTreeMap<&str, Finished> = BTreeMap::new();
    for run in grid.runs.iter().filter(|run| store.is_finished(&run.id)) {
        match store.result(&run.id) {
            Ok(finished) => {
                results.insert(&run.id, finished);
            }
            Err(error) => {
                warnings
                    .push(format!("run {} ({}) cannot be read and is left out: {error}", run.id, run.label));
            }
        }
    }
    for orphan in store.orphans(grid)? {
        warnings.push(format!("run {} ({}) is not used: {}", orphan.id, orphan.label, orphan.reason));
    }
    let gold: Vec<Gold> = subjects.all.iter().map(Gold::read).collect::<Result<_, _>>()?;
    let context = Context { spec, subjects, store, results, gold };
    let read: Vec<(Read<'_>, Vec<String>)> =
        grid.entries.par_iter().map(|entry| context.read(entry)).collect();
    let mut arms: Vec<Read<'_>> = Vec::new();
    for (arm, troubles) in read {
        warnings.extend(troubles);
        arms.push(arm);
    }
    warnings.dedup();

    context.gains(&mut arms)?;
    context.best(&mut arms)?;
    let cells = context.cells(&arms)?;
    let size_curve = context.size_curve(&arms)?;
    let (rules, regression) = match spec.question {
        Question::SizeCurve => (Vec::new(), None),
        _ => (rules(&cells)?, regression(&cells)),
    };
    for arm in &arms {
        let bad: Vec<String> = arm
            .findings
            .scores
            .iter()
            .filter(|score| score.degenerate)
            .map(|score| score.seed.to_string())
            .collect();
        if !bad.is_empty() {
            let label = arm_label(arm.entry, subjects, spec);
            let target = &arm.findings.target;
            let seeds = if bad.len() == 1 { "seed" } else { "seeds" };
            warnings.push(format!(
                "{target}, {label}: {seeds} {} predict one class or a constant",
                bad.join(", ")
            ));
        }
    }
    let arms: Vec<ArmFindings> = arms.into_iter().map(|arm| arm.findings).collect();
    let mut verdicts = Vec::new();
    for target in subjects.places(&spec.targets) {
        let subject = &subjects.all[target];
        let of_target: Vec<&ArmFindings> =
            arms.iter().filter(|arm| arm.target == subject.task.name).collect();
        verdicts.push(verdict::verdict(subject, &of_target, &cells, subjects));
    }
    let finished = context.results.len();
    Ok(Findings {
        title: title(spec, subjects),
        command: command.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        model: spec.model.clone(),
        settings: settings(spec),
        seeds: spec.seeds.clone(),
        progress: (finished, grid.runs.len()),
        tasks: subjects.all.iter().map(facts).collect(),
        arms,
        verdicts,
        cells,
        rules,
        regression,
        size_curve,
        warnings,
    })
}

/// Small studies drawn from the finished runs: every arm against itself, and against its target's `single`.
pub(crate) fn calibration(
    spec: &Spec,
    subjects: &Subjects,
    grid: &Grid,
    store: &Store,
    draws: Draws,
) -> Result<Vec<Calibration>, Error> {
    let finished = grid.runs.iter().filter(|run| store.is_finished(&run.id));
    let results = finished.filter_map(|run| Some((run.id.as_str(), store.result(&run.id).ok()?))).collect();
    let gold: Vec<Gold> = subjects.all.iter().map(Gold::read).collect::<Result<_, _>>()?;
    let context = Context { spec, subjects, store, results, gold };
    let arms: Vec<Read<'_>> = grid.entries.iter().map(|entry| context.read(entry).0).collect();
    let mut all = Vec::new();
    for arm in &arms {
        let pool: Vec<Judged> = arm.judged.values().cloned().collect();
        let name = format!("{}: {}", arm.findings.target, arm.findings.label);
        all.extend(calibration::against_itself(&name, &pool, draws)?);
        let single = arms
            .iter()
            .find(|other| other.entry.target == arm.entry.target && other.entry.arm == Arm::Single);
        if let Some(single) = single.filter(|_| arm.entry.arm != Arm::Single) {
            let seeds: Vec<usize> =
                arm.judged.keys().filter(|seed| single.judged.contains_key(seed)).copied().collect();
            let of = |read: &Read<'_>| seeds.iter().map(|seed| read.judged[seed].clone()).collect::<Vec<_>>();
            all.extend(calibration::of_two(&format!("{name} against single"), &of(arm), &of(single), draws)?);
        }
    }
    Ok(all)
}

/// The dev labels of a task, in the order of its files.
struct Gold {
    targets: Vec<Target>,
    metrics: TaskMetrics,
}

impl Gold {
    fn read(subject: &Subject) -> Result<Self, Error> {
        let split = subject.task.read("dev")?;
        let metrics = subject.task.metrics.iter().map(|name| name.parse()).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { targets: split.targets().unwrap_or_default(), metrics: TaskMetrics::check(&metrics)? })
    }

    /// A run's predictions on the dev set, judged.
    fn judge(&self, subject: &Subject, file: &Path) -> Result<Judged, Error> {
        let text = std::fs::read_to_string(file)
            .map_err(|source| Error::Unreadable { file: file.to_owned(), source })?;
        let fault = |what: String| Error::Format { file: file.to_owned(), what };
        let predicted: Vec<&str> =
            text.lines().skip(1).map(|line| line.split('\t').nth(1).unwrap_or_default()).collect();
        if predicted.len() != self.targets.len() {
            return Err(fault(format!("{} predictions for {} rows", predicted.len(), self.targets.len())));
        }
        let unknown = |word: &&str| fault(format!("`{word}` is no prediction of task {}", subject.task.name));
        Ok(match subject.task.kind {
            Kind::Classification => {
                let class = |word: &&str| {
                    subject.task.labels.iter().position(|label| label == word).ok_or_else(|| unknown(word))
                };
                let predicted = predicted.iter().map(class).collect::<Result<Vec<usize>, Error>>()?;
                let reference: Vec<usize> = self.targets.iter().filter_map(Target::class).collect();
                Judged::classes(
                    &predicted,
                    &reference,
                    subject.task.labels.len(),
                    subject.task.positive,
                    &self.metrics,
                )?
            }
            Kind::Regression => {
                let value = |word: &&str| word.parse::<f32>().map_err(|_| unknown(word));
                let predicted = predicted.iter().map(value).collect::<Result<Vec<f32>, Error>>()?;
                let reference: Vec<f32> = self.targets.iter().filter_map(Target::value).collect();
                Judged::values(&predicted, &reference, &self.metrics)?
            }
        })
    }
}

struct Context<'a> {
    spec: &'a Spec,
    subjects: &'a Subjects,
    store: &'a Store,
    results: BTreeMap<&'a str, Finished>,
    gold: Vec<Gold>,
}

impl Context<'_> {
    /// An arm's scores, costs and curves; with what could not be read.
    fn read<'e>(&self, entry: &'e Entry) -> (Read<'e>, Vec<String>) {
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
            match self.gold[entry.target].judge(subject, &file) {
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
            for task in &run.tasks {
                let share = task.seen as f64 / task.train_rows as f64 / f64::from(spec.settings.epochs);
                passes.entry(task.task.clone()).or_insert_with(Vec::new).push(share);
            }
            curves.push(curve(&self.store.run(last), target));
        }
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let runs: Vec<Judged> = judged.values().cloned().collect();
        let estimate = (!runs.is_empty())
            .then(|| score_interval(&runs, &options(), &mut generator(&arm_label(entry, subjects, spec))))
            .and_then(Result::ok)
            .map(|(value, (low, high))| Estimate { value, low, high });
        let own: Vec<f64> = scores.iter().map(|score| score.score).collect();
        let deviation = (own.len() > 1).then(|| {
            let centre = mean(&own);
            (own.iter().map(|x| (x - centre).powi(2)).sum::<f64>() / (own.len() - 1) as f64).sqrt()
        });
        let cost = (!costs.is_empty()).then(|| Cost {
            minutes: mean(&costs.iter().map(|cost| cost.minutes).collect::<Vec<_>>()),
            tokens: mean(&costs.iter().map(|cost| cost.tokens).collect::<Vec<_>>()),
            steps: mean(&costs.iter().map(|cost| cost.steps).collect::<Vec<_>>()),
        });
        // The target's passes first, then the others by name.
        let mut passes: Vec<(String, f64)> =
            passes.into_iter().map(|(task, shares)| (task, mean(&shares))).collect();
        passes.sort_by_key(|(task, _)| task != target);
        let findings = ArmFindings {
            target: target.clone(),
            label: arm_label(entry, subjects, spec),
            arm: entry.arm.name().to_owned(),
            support: entry.support.map(|support| subjects.all[support].task.name.clone()),
            sampler: entry.sampler.map(|sampler| sampler.to_string()),
            scores,
            mean: estimate,
            deviation,
            gain: None,
            best: None,
            cost,
            passes,
            curve: merge(&curves),
        };
        (Read { entry, judged, findings }, troubles)
    }

    /// Sets every arm's gain over its target's `single`.
    fn gains(&self, arms: &mut [Read<'_>]) -> Result<(), Error> {
        let gains: Vec<Option<Against>> = arms
            .par_iter()
            .map(|arm| {
                if arm.entry.arm == Arm::Single {
                    return Ok(None);
                }
                let target = arm.entry.target;
                let single =
                    arms.iter().find(|other| other.entry.target == target && other.entry.arm == Arm::Single);
                single.map_or(Ok(None), |single| self.against(arm, single))
            })
            .collect::<Result<_, Error>>()?;
        let mut gains = gains;
        for target in self.subjects.places(&self.spec.targets) {
            let of_target = arms.iter().zip(&mut gains).filter(|(arm, _)| arm.entry.target == target);
            adjust(of_target.filter_map(|(_, gain)| gain.as_mut()))?;
        }
        for (arm, gain) in arms.iter_mut().zip(gains) {
            arm.findings.gain = gain;
        }
        Ok(())
    }

    /// One arm minus another, on the seeds that both have.
    fn against(&self, a: &Read<'_>, b: &Read<'_>) -> Result<Option<Against>, Error> {
        let seeds: Vec<usize> = a.judged.keys().filter(|seed| b.judged.contains_key(seed)).copied().collect();
        if seeds.is_empty() {
            return Ok(None);
        }
        let of = |arm: &Read<'_>| seeds.iter().map(|seed| arm.judged[seed].clone()).collect::<Vec<_>>();
        let (one, other) = (of(a), of(b));
        let name = |arm: &Read<'_>| arm_label(arm.entry, self.subjects, self.spec);
        let label = format!("{} {} {}", a.findings.target, name(a), name(b));
        let comparison = compare(&one, &other, &options(), &mut generator(&label))?;
        let headlines = |judged: &[Judged]| judged.iter().map(Judged::headline).collect::<Vec<f64>>();
        let paper = (seeds.len() > 1).then(|| pooled_t(&headlines(&one), &headlines(&other))).transpose()?;
        let decided = comparison.is_decided();
        let Comparison { difference, interval: (low, high), p_value, sign_flip, .. } = comparison;
        Ok(Some(Against {
            difference: Estimate { value: difference, low, high },
            decided,
            p_value,
            sign_flip,
            p_holm: p_value,
            p_bh: p_value,
            paper_t: paper.map(|test| test.t).filter(|t| t.is_finite()),
            paper_p: paper.map(|test| test.p_value),
            seeds: seeds.len(),
            seeds_needed: match seeds_needed(&comparison, POWER, 1.0 - LEVEL, MOST_SEEDS)? {
                SeedsNeeded::Enough => Some(seeds.len() as u32),
                SeedsNeeded::More(seeds) => Some(seeds),
                // One seed says nothing about the next: take a second.
                SeedsNeeded::Unknown => Some(2),
                SeedsNeeded::Never => None,
            },
        }))
    }

    /// Sets every arm's probability of being its target's best, over the seeds that all of them have.
    fn best(&self, arms: &mut [Read<'_>]) -> Result<(), Error> {
        for target in self.subjects.places(&self.spec.targets) {
            let places: Vec<usize> = (0..arms.len())
                .filter(|&place| arms[place].entry.target == target && !arms[place].judged.is_empty())
                .collect();
            let common: Vec<usize> = (0..self.spec.seeds.len())
                .filter(|seed| places.iter().all(|&place| arms[place].judged.contains_key(seed)))
                .collect();
            if common.is_empty() || places.len() < 2 {
                continue;
            }
            let judged: Vec<Vec<Judged>> = places
                .iter()
                .map(|&place| common.iter().map(|seed| arms[place].judged[seed].clone()).collect())
                .collect();
            let views: Vec<&[Judged]> = judged.iter().map(Vec::as_slice).collect();
            let mut rng = generator(&self.subjects.all[target].task.name);
            let shares = probability_best(&views, REPLICATES, &mut rng)?;
            for (&place, share) in places.iter().zip(shares) {
                arms[place].findings.best = Some(share);
            }
        }
        Ok(())
    }

    /// STILTs against MTL for every pair that has both.
    fn cells(&self, arms: &[Read<'_>]) -> Result<Vec<Cell>, Error> {
        if self.spec.question == Question::SizeCurve {
            return Ok(Vec::new());
        }
        let pairs: Vec<(&Read<'_>, &Read<'_>)> = arms
            .iter()
            .filter(|arm| arm.entry.arm == Arm::Mtl)
            .filter_map(|mtl| Some((mtl, partner(arms, mtl, Arm::Stilts)?)))
            .collect();
        let cells: Vec<Option<Cell>> =
            pairs.par_iter().map(|(mtl, stilts)| self.cell(mtl, stilts, arms)).collect::<Result<_, _>>()?;
        let mut cells: Vec<Cell> = cells.into_iter().flatten().collect();
        adjust(cells.iter_mut().map(|cell| &mut cell.mtl_minus_stilts))?;
        adjust(cells.iter_mut().filter_map(|cell| cell.over_single.as_mut()))?;
        Ok(cells)
    }

    fn cell(&self, mtl: &Read<'_>, stilts: &Read<'_>, arms: &[Read<'_>]) -> Result<Option<Cell>, Error> {
        let Some(difference) = self.against(mtl, stilts)? else { return Ok(None) };
        let subject = &self.subjects.all[mtl.entry.target];
        let support = &self.subjects.all[mtl.entry.support.unwrap_or_default()];
        // Which way is up: a lower error is a win.
        let higher = subject.rehearsal.higher_is_better;
        let mtl_is_better = (difference.difference.value > 0.0) == higher;
        let name = |decided: bool| decided.then(|| if mtl_is_better { "mtl" } else { "stilts" }.to_owned());
        let better = if mtl_is_better { mtl } else { stilts };
        let target = mtl.entry.target;
        let single = arms.iter().find(|arm| arm.entry.target == target && arm.entry.arm == Arm::Single);
        Ok(Some(Cell {
            target: subject.task.name.clone(),
            support: support.task.name.clone(),
            sizes: Sizes { target: subject.train_rows, support: support.train_rows },
            winner: name(difference.decided),
            paper_winner: name(difference.paper_p.is_some_and(|p| p < 0.1)),
            over_single: single.map_or(Ok(None), |single| self.against(better, single))?,
            mtl_minus_stilts: difference,
        }))
    }

    fn size_curve(&self, arms: &[Read<'_>]) -> Result<Option<SizeCurve>, Error> {
        if self.spec.question != Question::SizeCurve {
            return Ok(None);
        }
        let mut points = Vec::new();
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for (place, &ratio) in self.spec.ratios.iter().enumerate() {
            let of =
                |arm: Arm| arms.iter().find(|read| read.entry.arm == arm && read.entry.ratio == Some(place));
            let (Some(stilts), Some(mtl)) = (of(Arm::Stilts), of(Arm::Mtl)) else { continue };
            let target = &self.subjects.all[mtl.entry.target];
            let seeds: Vec<(u64, f64)> = mtl
                .judged
                .iter()
                .filter_map(|(seed, judged)| {
                    Some((self.spec.seeds[*seed], judged.headline() - stilts.judged.get(seed)?.headline()))
                })
                .collect();
            for (_, difference) in &seeds {
                x.push(ratio.log2());
                y.push(*difference);
            }
            points.push(SizeCurvePoint {
                ratio,
                support_rows: (target.train_rows as f64 * ratio).round() as usize,
                stilts: stilts.findings.mean,
                mtl: mtl.findings.mean,
                difference: self.against(mtl, stilts)?,
                seeds,
            });
        }
        adjust(points.iter_mut().filter_map(|point| point.difference.as_mut()))?;
        points.sort_by(|a, b| a.ratio.total_cmp(&b.ratio));
        let fit = linear_fit(&x, &y, LEVEL).ok();
        let estimate = |value: f64, (low, high): (f64, f64)| Estimate { value, low, high };
        let name = |names: &[String]| {
            self.subjects
                .places(names)
                .next()
                .map_or(String::new(), |place| self.subjects.all[place].task.name.clone())
        };
        Ok(Some(SizeCurve {
            target: name(&self.spec.targets),
            support: name(&self.spec.supports),
            points,
            slope: fit.as_ref().map(|fit| estimate(fit.slope, fit.slope_interval)),
            intercept: fit.as_ref().map(|fit| fit.intercept),
            crossover: fit
                .and_then(|fit| fit.crossing)
                .map(|(at, (low, high))| estimate(at.exp2(), (low.exp2(), high.exp2()))),
        }))
    }
}

/// The same pair's other arm.
fn partner<'a, 'e>(arms: &'a [Read<'e>], of: &Read<'e>, arm: Arm) -> Option<&'a Read<'e>> {
    arms.iter().find(|other| {
        let (a, b) = (other.entry, of.entry);
        a.arm == arm && (a.target, a.support, a.ratio) == (b.target, b.support, b.ratio)
    })
}

/// Corrects the p-values of comparisons of one kind for their number.
fn adjust<'a>(comparisons: impl Iterator<Item = &'a mut Against>) -> Result<(), Error> {
    let comparisons: Vec<&mut Against> = comparisons.collect();
    let p: Vec<f64> = comparisons.iter().map(|comparison| comparison.p_value).collect();
    let (holm, bh) = (holm(&p)?, benjamini_hochberg(&p)?);
    for ((comparison, holm), bh) in comparisons.into_iter().zip(holm).zip(bh) {
        (comparison.p_holm, comparison.p_bh) = (holm, bh);
    }
    Ok(())
}

fn rules(cells: &[Cell]) -> Result<Vec<RuleRecord>, Error> {
    let tasks: Vec<&String> = cells.iter().map(|cell| &cell.target).collect();
    let row = |target: &String| tasks.iter().position(|task| *task == target).unwrap_or_default();
    let mut records = Vec::new();
    for (test, winner) in [
        ("mixed model", (|cell: &Cell| cell.winner.clone()) as fn(&Cell) -> Option<String>),
        ("paper", |cell: &Cell| cell.paper_winner.clone()),
    ] {
        let decided: Vec<RuleCell> = cells
            .iter()
            .filter_map(|cell| {
                let winner = if winner(cell)? == "mtl" { Strategy::Mtl } else { Strategy::Stilts };
                let Sizes { target, support } = cell.sizes;
                Some(RuleCell {
                    target: row(&cell.target),
                    target_rows: target,
                    support_rows: support,
                    winner,
                })
            })
            .collect();
        for score in score_rules(&decided, LEVEL)? {
            let share = (score.of > 0).then(|| Estimate {
                value: score.right / score.of as f64,
                low: score.interval.0,
                high: score.interval.1,
            });
            let (rule, test) = (rule_name(score.rule).to_owned(), test.to_owned());
            records.push(RuleRecord { rule, test, right: score.right, of: score.of, share });
        }
    }
    Ok(records)
}

/// A rule as tables have it.
fn rule_name(rule: Rule) -> &'static str {
    match rule {
        Rule::Size => "size rule",
        Rule::AlwaysMtl => "always MTL",
        Rule::AlwaysStilts => "always STILTs",
        Rule::RowMajority => "majority of the row",
    }
}

/// The cells' t-score on the logarithm of the ratio of sizes.
fn regression(cells: &[Cell]) -> Option<Regression> {
    let points: Vec<(String, String, f64, f64)> = cells
        .iter()
        .filter_map(|cell| {
            let x = (cell.sizes.target as f64 / cell.sizes.support as f64).log2();
            Some((cell.target.clone(), cell.support.clone(), x, cell.mtl_minus_stilts.paper_t?))
        })
        .collect();
    let (x, y): (Vec<f64>, Vec<f64>) = points.iter().map(|point| (point.2, point.3)).unzip();
    let fit = linear_fit(&x, &y, LEVEL).ok()?;
    let (low, high) = fit.slope_interval;
    let slope = Estimate { value: fit.slope, low, high };
    Some(Regression { points, slope, intercept: fit.intercept, r: fit.r, p_value: fit.p_value })
}

/// Draws of a comparison by its name: the same whenever it is asked for.
fn generator(name: &str) -> ChaCha8Rng {
    ChaCha8Rng::from_seed(*blake3::hash(name.as_bytes()).as_bytes())
}

fn options() -> Options {
    Options { level: LEVEL, replicates: REPLICATES }
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
            mean: scores.iter().sum::<f64>() / scores.len() as f64,
            low: scores.iter().copied().fold(f64::INFINITY, f64::min),
            high: scores.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        }
    };
    (0..points).map(point).collect()
}

fn title(spec: &Spec, subjects: &Subjects) -> String {
    let names = |given: &[String]| {
        subjects
            .places(given)
            .map(|place| subjects.all[place].task.name.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    match spec.question {
        Question::Compare if spec.supports.is_empty() => names(&spec.targets),
        Question::Compare => format!("{} with {}", names(&spec.targets), names(&spec.supports)),
        Question::Sweep => format!("STILTs or MTL on {} tasks", spec.targets.len()),
        Question::SizeCurve => {
            format!("{} with {} at several sizes", names(&spec.targets), names(&spec.supports))
        }
    }
}

fn facts(subject: &Subject) -> TaskFacts {
    TaskFacts {
        name: subject.task.name.clone(),
        train_rows: subject.train_rows,
        dev_rows: subject.rehearsal.dev_rows,
        metric: subject.rehearsal.metric.clone(),
    }
}

fn settings(spec: &Spec) -> Vec<(String, String)> {
    let settings = &spec.settings;
    let or = |value: Option<usize>, none: &str| value.map_or(none.to_owned(), |value| value.to_string());
    [
        ("protocol", settings.protocol.name().to_owned()),
        ("epochs", settings.epochs.to_string()),
        ("batch", settings.batch.to_string()),
        ("learning rate", format!("{:e}", settings.learning_rate)),
        ("warm-up", settings.warmup.to_string()),
        ("rows of a task at most", or(settings.max_train, "all")),
        ("tokens of a row at most", or(settings.max_tokens, "128")),
        ("sampler", spec.mixing.mix.sampler.to_string()),
        ("batches", spec.mixing.mix.batches.to_string()),
        ("exposure", spec.mixing.mix.exposure.to_string()),
        ("loss of a mixed batch", word(&spec.mixing.loss)),
        ("heads of mixed runs", word(&spec.mixing.heads)),
        ("head of STILTs' target phase", word(&spec.heads)),
        ("seed of STILTs' support phase", word(&spec.support_seed)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

/// The name that an enum has in files.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
