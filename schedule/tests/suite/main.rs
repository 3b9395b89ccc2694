//! The crate's tests, from outside as its users see it; one program, so that it links once.
#![allow(clippy::unwrap_used, reason = "what a test's helper unwraps is part of its assertion")]

mod allotment;
mod arm;
mod arm_spec;
mod balanced_rows;
mod combination;
mod evaluation;
mod label_table;
mod learning_rate;
mod merging;
mod merging_by_rows;
mod messages;
mod mixture;
mod names;
mod sampler;
mod selection;
mod self_training;
mod shuffle;
mod step_loss;
mod words;
