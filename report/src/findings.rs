//! What a study shows, as plain data: the tables and every plot of the report are functions of it, and nothing else.
//!
//! Scores are shares (0.83, not 83): whoever prints them multiplies. A number that could not be had is absent.

mod arm;
mod best_run;
mod cell;
mod compared;
mod comparison;
mod curve;
mod ensemble;
mod gold_probability;
mod gradients;
mod groups;
mod next_look;
mod rules;
mod self_trained;
mod size_curve;
mod spending;
mod task;
mod tuned;

use serde::{Deserialize, Serialize};

pub use arm::{ArmFindings, Cost, SeedScore, Shrunken};
pub use best_run::BestRun;
pub use cell::{Cell, Sizes};
pub use compared::Compared;
pub use comparison::{Against, Difference, Estimate, LEVEL, MOST_SEEDS};
pub use curve::CurvePoint;
pub use ensemble::Ensemble;
pub use gold_probability::GoldProbability;
pub use gradients::{Along, GradientPair, Gradients, TaskGradient};
pub use groups::{GroupFindings, GroupRow};
pub use next_look::NextLook;
pub(crate) use rules::rule_name;
pub use rules::{CellTest, Choice, Regression, RuleRecord};
pub use self_trained::SelfTrained;
pub use size_curve::{SizeCurve, SizeCurvePoint};
pub use spending::{Dropped, Hope, Reached, Spending, Stop};
pub use task::TaskFacts;
pub use tuned::{Tried, Tuned};

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
    /// The numbers of seeds at which the study planned to look; none in reports of before there were such plans.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looks: Vec<usize>,
    /// Whether the checkpoint was selected on the very rows that are scored, as the paper's protocol does.
    #[serde(default)]
    pub selected_on_dev: bool,
    /// Runs finished, and runs that the study has in all.
    pub progress: (usize, usize),
    /// Minutes that the finished runs took, each counted once, as one process would need; none in reports of before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<f64>,
    /// What was spent, of a study with a rule of when to stop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spending: Option<Spending>,
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
    /// What the runs of an arm, and of all arms, score together; no verdict reads it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ensembles: Vec<Ensemble>,
    /// What a reader must know before believing the rest: failed, missing or degenerate runs, by name.
    pub warnings: Vec<String>,
}

impl Findings {
    /// 1, or −1 where a smaller score of the target is a better one.
    pub fn sign(&self, target: &str) -> f64 {
        self.tasks.iter().find(|task| task.name == target).map_or(1.0, TaskFacts::sign)
    }
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
    /// What to use, also where nothing is decided; none where nothing can be compared, and in reports of before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<Recommended>,
    /// The look to wait for, where nothing is decided and one is planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<NextLook>,
    /// The run whose model to use; none where no run of that arm is finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<BestRun>,
}

impl Verdict {
    /// The arm to use: the one that is chosen, or else the one with the best mean.
    pub fn arm(&self) -> &str {
        self.choice.as_ref().map_or(&self.best, |choice| &choice.arm)
    }
}

/// The arm to use for a target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recommended {
    /// Which one.
    pub arm: String,
    /// How far it is expected to stay behind the best arm; none with one seed.
    pub loss: Option<f64>,
    /// The chance that it is worse than `single` by a point, or by a hundredth of single's error.
    pub worse: Option<f64>,
}
