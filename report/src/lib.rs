#![doc = include_str!("../README.md")]

mod canvas;
mod error;
mod figure;
mod findings;
mod format;
mod label;
mod page;
mod palette;
mod size_line;
mod summary;
mod tables;
mod terminal;

pub use error::Error;
pub use findings::{
    Against, ArmFindings, BestRun, Cell, CellTest, Choice, Cost, CurvePoint, Estimate, Findings, LEVEL,
    MOST_SEEDS, Regression, RuleRecord, SeedScore, SizeCurve, SizeCurvePoint, Sizes, TaskFacts, Verdict,
};
pub use format::p_value;
pub use label::{arm_label, arm_of};
pub use page::html;
pub use summary::{Summary, summary};
pub use tables::tables;
pub use terminal::terminal;
