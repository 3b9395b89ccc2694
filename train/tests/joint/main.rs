//! Several tasks in one model and in one run: where heads start, which rows are trained on, what is left in the directory.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is an assertion")]

mod exposures;
mod folder;
mod heads;
mod messages;
mod mixed_run;
mod records;
mod starts;
