//! The crate's tests, from outside as its users see it; one program, so that it links once.
#![allow(clippy::unwrap_used, reason = "what a test's helper unwraps is part of its assertion")]

mod common;
mod cut;
mod files;
mod real_data;
mod training;
