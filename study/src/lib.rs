//! A study: arms, supports and seeds for one or more targets; its runs on disk, what they show, and the report.

mod analysis;
mod calibration;
mod cost;
mod error;
mod execute;
mod findings;
mod grid;
mod plan;
mod recipe;
pub mod report;
mod run_plan;
mod spec;
mod store;
mod study;
mod survey;
mod verdict;

pub use calibration::{Calibration, Draws};
pub use cost::{ArmEstimate, Estimate as CostEstimate};
pub use error::Error;
pub use execute::{Failure, Progress, Watch, Workers};
pub use findings::{
    Against, ArmFindings, Cell, Choice, Cost, CurvePoint, Estimate, Findings, Regression, RuleRecord,
    SeedScore, SizeCurve, SizeCurvePoint, Sizes, TaskFacts, Verdict,
};
pub use run_plan::{RunPlan, TaskPlan};
pub use spec::{KeepModels, Question, Spec, SupportPhase, SupportSeed};
pub use store::Orphan;
pub use study::{Freed, RunStatus, Sources, Status, Study, best_models, plan};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
