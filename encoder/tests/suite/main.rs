//! The crate's tests, from outside as its users see it; one program, so that it links once.
#![allow(clippy::unwrap_used, reason = "what a test's helper unwraps is part of its assertion")]

mod checkpoint;
mod config;
#[path = "../files/mod.rs"]
mod files;
mod network;
mod real_files;
mod round_trips;
mod text_encoder;
