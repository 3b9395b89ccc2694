//! A study: arms, supports and seeds for one or more targets; its runs on disk, and what they show.

mod analysis;
mod asked;
mod best_models;
mod calibration;
mod cost;
mod error;
mod execute;
mod grid;
mod label;
mod ledger;
#[cfg(test)]
mod made_up;
mod measure;
mod pace;
mod plan;
mod policy;
mod recipe;
mod run_plan;
mod shell;
mod space;
mod spec;
mod status;
mod store;
mod study;
mod survey;
mod verdict;

pub use analysis::Invocation;
pub use best_models::{Winner, best_models, winner};
pub use calibration::{Calibration, Draws};
pub use cost::{ArmEstimate, Estimate as CostEstimate};
pub use error::Error;
pub use execute::{Failure, Made, Progress, Watch, Workers};
pub use run_plan::{RunPlan, TaskPlan};
pub use shell::shell_line;
pub use spec::{KeepModels, Question, Spec, SupportPhase, SupportSeed, Tune, Until};
pub use status::{RunStatus, Status, Unneeded};
pub use store::Orphan;
pub use study::{Study, plan};
pub use survey::Sources;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
