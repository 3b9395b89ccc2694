//! Files that are whole or not there, logs, locks and a user's own output.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is an assertion")]

mod atomic;
mod common;
mod hostile_tensors;
mod lock;
mod log;
mod other_formats;
mod output;
mod pickle;
mod place;
mod torch;
