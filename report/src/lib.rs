#![doc = include_str!("../README.md")]

mod canvas;
mod error;
mod figure;
mod findings;
mod format;
mod label;
mod look_line;
mod page;
mod palette;
mod scored_on;
mod size_line;
mod spending_line;
mod summary;
mod tables;
mod terminal;
mod tuned_line;

pub use error::Error;
pub use findings::{
    Against, Along, ArmFindings, BestRun, Cell, CellTest, Choice, Compared, Cost, CurvePoint, Difference,
    Dropped, Ensemble, Estimate, Findings, GoldProbability, GradientPair, Gradients, GroupFindings, GroupRow,
    Hope, LEVEL, MOST_SEEDS, NextLook, Reached, Recommended, Regression, RuleRecord, SeedScore, SelfTrained,
    Shrunken, SizeCurve, SizeCurvePoint, Sizes, Spending, Stop, TaskFacts, TaskGradient, Tried, Tuned,
    Verdict,
};
pub use format::{minutes, p_value};
pub use label::{arm_label, arm_of};
pub use look_line::look_line;
pub use page::html;
pub use spending_line::{dropped_line, reached_line, spending_line};
pub use summary::{Summary, summary};
pub use tables::tables;
pub use terminal::terminal;
pub use tuned_line::tuned_line;
