//! The crate's tests, from outside as its users see it; one program, so that it links once.
#![allow(clippy::unwrap_used, reason = "what a test's helper unwraps is part of its assertion")]

mod comparison;
mod contrast;
mod coverage;
mod errors_of_looks;
mod golden;
mod groups;
mod judged;
mod looks;
mod models;
mod outcome;
mod posterior;
mod properties;
mod scores;
mod simulated;
mod size_rule;
mod statistics;
mod threshold;
mod written_scores;
