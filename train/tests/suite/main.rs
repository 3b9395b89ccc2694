//! The crate's tests, from outside as its users see it; one program, so that the network's generic code is compiled once.
//!
//! `allocations` and `simd_levels` are programs of their own: an allocator and the level of
//! instructions are a whole process's.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is an assertion")]

mod adapting;
mod averaging;
mod class_weights;
mod climbing;
mod combining;
mod consistency;
mod exposures;
mod families;
mod folder;
mod goldens;
mod gradients;
mod heads;
mod hostile_checkpoints;
mod hostile_references;
mod infilling;
mod invariance;
mod layers;
mod least_steps;
mod masked_goldens;
mod merging_by_rows;
mod messages;
mod mixed_run;
mod models;
mod precision;
mod pretraining;
mod reading;
mod rebalanced;
mod records;
mod score_rows;
mod self_training;
mod shared_private;
mod shared_texts;
mod soft_labels;
mod starts;
mod step_loss;
mod teaching;
mod texts;
mod threads;
