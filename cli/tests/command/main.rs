//! `mtlift` as its users meet it: whole commands, their output, exit status and files.
//!
//! Nearly all of it runs on a model of a few thousand parameters and a made-up task, so that a training run takes a part of a
//! second; `real_data` alone needs the data home, and is ignored unless it is asked for.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is an assertion")]

mod adapt;
mod bad_data;
mod bad_model;
mod class_weights;
mod conflict;
mod consistency;
mod contract;
mod demo;
mod directory;
mod distill;
mod diverging;
mod equal_compute;
mod faults_of_data;
mod fetch;
mod folder;
mod full_disk;
mod gold_probability;
mod groups;
mod heads;
mod help;
#[path = "../../../hub/tests/suite/server.rs"]
#[allow(dead_code, reason = "the hub's own tests use all of it")]
mod hub_server;
mod infilling;
mod int8;
mod interrupted;
mod json;
mod killed;
mod labels;
mod least_steps;
mod links;
mod looks;
mod matched;
mod merge;
mod merge_arms;
mod methods;
mod methods_killed;
mod misuse;
mod no_dev;
mod output;
mod predict_table;
mod pretrain;
mod real_data;
mod rebalanced;
mod same_bits;
mod score_rows;
mod self_training;
mod study;
mod study_calibrate;
mod study_damaged;
mod study_disk;
mod study_full_disk;
mod study_killed;
mod study_misuse;
mod study_of_3640a79;
mod study_questions;
mod submit;
mod sweep;
mod texts;
mod threshold;
mod tune;
mod until;
mod untouched;
mod worst_group;
