//! What a study shows, as plain data: the tables and every plot of the report are functions of it, and nothing else.
//!
//! Scores are shares (0.83, not 83): whoever prints them multiplies. A number that could not be had is absent.

use serde::{Deserialize, Serialize};

/// Everything that a report says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// What was asked, in a line: `RTE with MRPC, QNLI`.
    pub title: String,
    /// The command that makes this study.
    pub command: String,
    /// The program's version.
    pub version: String,
    /// The model that every arm starts from.
    pub model: String,
    /// What all runs share, as name and value: protocol, epochs, batch, exposure, sampler.
    pub settings: Vec<(String, String)>,
    /// The seeds asked for.
    pub seeds: Vec<u64>,
    /// Whether the checkpoint was selected on the very rows that are scored, as the paper's protocol does.
    #[serde(default)]
    pub selected_on_dev: bool,
    /// Runs finished, and runs that the study has in all.
    pub progress: (usize, usize),
    /// The tasks, in the order of the paper's figure where they are GLUE's.
    pub tasks: Vec<TaskFacts>,
    /// One for each target, arm and support; `single` first within a target.
    pub arms: Vec<ArmFindings>,
    /// One for each target, in the order of `tasks`.
    pub verdicts: Vec<Verdict>,
    /// One for each pair of target and support with both STILTs and MTL.
    pub cells: Vec<Cell>,
    /// What ways to choose an arm score over all targets, of a sweep whose scores are all better if higher.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// How often the size rule and the trivial rules are right on decided cells. One list by this program's test, one by the
    /// same corrected for the number of cells, one by the paper's.
    pub rules: Vec<RuleRecord>,
    /// The cells' t-score (MTL minus STILTs) on the logarithm of the size ratio, where there are enough cells.
    pub regression: Option<Regression>,
    /// The size experiment, if this is one.
    pub size_curve: Option<SizeCurve>,
    /// What a reader must know before believing the rest: failed, missing or degenerate runs, by name.
    pub warnings: Vec<String>,
}

/// A task of the study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskFacts {
    /// Its name.
    pub name: String,
    /// Rows trained on (after `--max-train`, held-out part included).
    pub train_rows: usize,
    /// Rows that the score is of.
    pub dev_rows: usize,
    /// What the score is: `accuracy`, or `mean of accuracy, f1`.
    pub metric: String,
    /// Whether a larger score is a better one.
    #[serde(default = "yes")]
    pub higher_is_better: bool,
}

fn yes() -> bool {
    true
}

impl TaskFacts {
    /// 1, or −1 where a smaller score is a better one.
    pub(crate) fn sign(&self) -> f64 {
        if self.higher_is_better { 1.0 } else { -1.0 }
    }
}

impl Findings {
    /// 1, or −1 where a smaller score of the target is a better one.
    pub(crate) fn sign(&self, target: &str) -> f64 {
        self.tasks.iter().find(|task| task.name == target).map_or(1.0, TaskFacts::sign)
    }
}

/// An estimate with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// The interval's lower end.
    pub low: f64,
    /// The interval's upper end.
    pub high: f64,
}

/// The score of one seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeedScore {
    /// The seed.
    pub seed: u64,
    /// The headline on dev.
    pub score: f64,
    /// The best headline on the rows that select.
    pub selected: Option<f64>,
    /// Whether the predictions are degenerate (one class, a constant): this seed did not learn the task.
    pub degenerate: bool,
    /// The run whose score this is: its directory below the study's `runs/`.
    pub run: String,
}

/// One arm for one target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArmFindings {
    /// The task whose score this is.
    pub target: String,
    /// What a person calls the arm beside its target: `stilts from MNLI`.
    pub label: String,
    /// `single`, `stilts`, `mtl`, `mtl-all` or `mtl-then-target`.
    pub arm: String,
    /// The supporting task, where the arm has one.
    pub support: Option<String>,
    /// The sampler of a mixed arm.
    pub sampler: Option<String>,
    /// The seeds that are finished.
    pub scores: Vec<SeedScore>,
    /// The mean over seeds; none without a finished seed.
    pub mean: Option<Estimate>,
    /// The standard deviation over seeds (ddof 1); none below two seeds.
    pub deviation: Option<f64>,
    /// The gain over `single`; none for single itself and where nothing can be compared.
    pub gain: Option<Against>,
    /// The share of bootstrap replicates in which this arm is the target's best.
    pub best: Option<f64>,
    /// What a seed of it costs on average, shared phases counted in full.
    pub cost: Option<Cost>,
    /// How often a row of each task was trained on in the arm's mixed phase, or else its last, per epoch: task and passes.
    pub passes: Vec<(String, f64)>,
    /// The score on the selecting rows as training goes, over the finished seeds.
    pub curve: Vec<CurvePoint>,
}

impl ArmFindings {
    /// The score of a seed, if it is finished.
    pub(crate) fn score(&self, seed: u64) -> Option<f64> {
        self.scores.iter().find(|score| score.seed == seed).map(|score| score.score)
    }

    /// The score of a seed on the rows that select, if there are such.
    pub(crate) fn selected(&self, seed: u64) -> Option<f64> {
        self.scores.iter().find(|score| score.seed == seed)?.selected
    }
}

/// One arm's score minus another's, on the same seeds and examples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Against {
    /// The difference.
    pub difference: Estimate,
    /// Whether the interval excludes 0 and `p_value` is below 0.05, over at least two seeds.
    pub decided: bool,
    /// Two-sided, from the mixed model over seeds and examples.
    pub p_value: f64,
    /// The exact sign-flip test over seeds.
    pub sign_flip: Option<f64>,
    /// `p_value` adjusted by Holm: a gain over the arms of its target, a cell over the grid.
    pub p_holm: f64,
    /// `p_value` adjusted by Benjamini and Hochberg.
    pub p_bh: f64,
    /// The paper's test: t from the means and deviations over seeds.
    pub paper_t: Option<f64>,
    /// Its p-value; it decides at less than 0.1.
    pub paper_p: Option<f64>,
    /// Seeds compared.
    pub seeds: usize,
    /// The seeds at which this difference would be decided with 80 % power: a gain at Holm's first step, a cell on its own. None
    /// if 200 seeds do not do it on these examples, and with one seed, which says nothing of the next.
    pub seeds_needed: Option<u32>,
}

/// What one seed of an arm costs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Minutes of a process, evaluations and all.
    pub minutes: f64,
    /// Real tokens trained on.
    pub tokens: f64,
    /// Optimisation steps.
    pub steps: f64,
}

/// A point of a learning curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Epochs of the arm's last phase.
    pub epoch: f64,
    /// The mean over seeds.
    pub mean: f64,
    /// The least over seeds.
    pub low: f64,
    /// The greatest over seeds.
    pub high: f64,
}

/// What to do about one target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The target.
    pub target: String,
    /// The arm with the best mean, `stilts from MNLI`, or `single`.
    pub best: String,
    /// Whether it is decided that it beats single (or, where single is best, that every other arm is worse).
    pub decided: bool,
    /// Lines a person can act on, in order: what to use, the gain and how sure, what it cost, what the size rule alone would have said.
    pub lines: Vec<String>,
}

/// One target with one support: STILTs against pairwise MTL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// The target: a row of the heat map.
    pub target: String,
    /// The support: a column.
    pub support: String,
    /// Rows of the two.
    pub sizes: Sizes,
    /// MTL minus STILTs.
    pub mtl_minus_stilts: Against,
    /// `mtl` or `stilts` where the difference is decided.
    pub winner: Option<String>,
    /// The same by the paper's test at p < 0.1.
    pub paper_winner: Option<String>,
    /// The better of the two against single.
    pub over_single: Option<Against>,
}

impl Cell {
    /// Whether the difference is decided after Benjamini and Hochberg's correction for the number of cells too.
    pub fn is_corrected(&self) -> bool {
        self.winner.is_some() && self.mtl_minus_stilts.p_bh < 0.05
    }
}

/// Training rows of a target and its support.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sizes {
    /// Of the target.
    pub target: usize,
    /// Of the support.
    pub support: usize,
}

/// What a way to choose an arm for each target scores: a row of the paper's table 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// `single`, `mtl-all`, `size rule, average support`, `best on dev (oracle)`.
    pub way: String,
    /// For each target the mean over seeds, and over supports where the way chooses none.
    pub scores: Vec<(String, f64)>,
    /// The mean over targets.
    pub mean: f64,
    /// The standard deviation of that mean over seeds (ddof 1); none below two seeds.
    pub deviation: Option<f64>,
}

impl Sizes {
    /// Whether they differ by less than a tenth: then a rule of sizes has nothing to go by.
    pub fn are_alike(&self) -> bool {
        let (small, large) = (self.target.min(self.support), self.target.max(self.support));
        10 * large < 11 * small
    }
}

/// How a rule does on the decided cells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleRecord {
    /// `size rule`, `always MTL`, `always STILTs`, `majority of the row`.
    pub rule: String,
    /// By which test the cells are decided: `mixed model`, `mixed model, BH` (corrected by Benjamini and Hochberg), `mixed model,
    /// BH, sizes unlike` (those of them whose sizes differ by a tenth or more) or `paper`.
    pub test: String,
    /// Cells in which it is right; halves are possible where a rule ties.
    pub right: f64,
    /// Decided cells.
    pub of: usize,
    /// The share, with Wilson's interval; none without a decided cell.
    pub share: Option<Estimate>,
}

/// A straight line through the cells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Regression {
    /// The cells: target, support, log2 of target rows over support rows, the paper's t-score of MTL minus STILTs, above 0 where
    /// MTL is better.
    pub points: Vec<(String, String, f64, f64)>,
    /// Change of the t-score for a doubling of target over support.
    pub slope: Estimate,
    /// At equal sizes.
    pub intercept: f64,
    /// Correlation.
    pub r: f64,
    /// Of the slope.
    pub p_value: f64,
}

/// The paper's controlled size experiment: one target, one support cut to several sizes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SizeCurve {
    /// The target.
    pub target: String,
    /// The support.
    pub support: String,
    /// In the order of the ratio.
    pub points: Vec<SizeCurvePoint>,
    /// The seeds of the line: those that both arms have at every size that has any. 0 where there is no line, for want of such a
    /// seed or of a second size; with 1 the line is about these very models on other examples.
    pub seeds: usize,
    /// The slope of the line through MTL minus STILTs on log2 of the ratio: what a doubling of the support adds.
    pub slope: Option<Estimate>,
    /// Two-sided, of the slope, from the mixed model over seeds and examples.
    pub slope_p: Option<f64>,
    /// The line's value at equal sizes.
    pub intercept: Option<Estimate>,
    /// Two-sided, of that value.
    pub intercept_p: Option<f64>,
    /// The ratio at which the line crosses 0, with Fieller's interval; none where that has no ends, as wherever `slope_p` is not
    /// below 0.05, and with one seed. It need not lie between the sizes that were tried.
    pub crossover: Option<Estimate>,
}

impl SizeCurve {
    /// Whether the crossover is beyond the smallest or the largest ratio that has a difference: the line says so, not the runs.
    pub(crate) fn is_extrapolated(&self, crossover: &Estimate) -> bool {
        let tried = || self.points.iter().filter(|point| point.difference.is_some()).map(|point| point.ratio);
        tried().all(|ratio| ratio < crossover.value) || tried().all(|ratio| ratio > crossover.value)
    }
}

/// One size of the support.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SizeCurvePoint {
    /// Support rows over target rows.
    pub ratio: f64,
    /// Support rows.
    pub support_rows: usize,
    /// STILTs' mean.
    pub stilts: Option<Estimate>,
    /// MTL's mean.
    pub mtl: Option<Estimate>,
    /// MTL minus STILTs.
    pub difference: Option<Against>,
    /// MTL minus STILTs of each seed.
    pub seeds: Vec<(u64, f64)>,
}
