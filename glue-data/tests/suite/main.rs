//! The crate's tests, from outside as its users see it; one program, so that it links once.
#![allow(clippy::unwrap_used, reason = "what a test's helper unwraps is part of its assertion")]

mod cache;
mod check;
mod common;
mod messages;
mod real_data;
mod round_trips;
mod tokenizer_files;
mod toml_tasks;
