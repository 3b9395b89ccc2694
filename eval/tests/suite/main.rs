//! The crate's tests, from outside as its users see it; one program, so that it links once.
#![allow(clippy::unwrap_used, reason = "what a test's helper unwraps is part of its assertion")]

mod comparison;
mod contrast;
mod coverage;
mod golden;
mod judged;
mod models;
mod outcome;
mod properties;
mod scores;
mod size_rule;
mod statistics;
mod threshold;
mod written_scores;
