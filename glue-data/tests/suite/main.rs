//! The crate's tests, from outside as its users see it; one program, so that it links once.
#![allow(clippy::unwrap_used, reason = "what a test's helper unwraps is part of its assertion")]

mod cache;
mod cases;
mod check;
mod common;
mod demo;
mod groups;
mod gzip;
mod heads;
mod hostile_parquet;
mod messages;
mod parquet;
mod real_data;
mod round_trips;
mod text;
mod toml_tasks;
mod unlabelled;
