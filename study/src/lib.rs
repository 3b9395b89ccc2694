//! A study: arms, supports and seeds for one or more targets; its runs on disk, what they show, and the report.

mod findings;
pub mod report;

pub use findings::{
    Against, ArmFindings, Cell, Cost, CurvePoint, Estimate, Findings, Regression, RuleRecord, SeedScore,
    SizeCurve, SizeCurvePoint, Sizes, TaskFacts, Verdict,
};
