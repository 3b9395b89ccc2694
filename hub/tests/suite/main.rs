//! The hub's protocol against a server on the loopback, and what is kept of its answers.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is an assertion")]

mod bytes;
mod fixture;
mod layout;
mod model;
mod names;
mod redirects;
mod refusals;
mod server;
mod settings;
mod waiting;
