//! The whole network: its gradients against differences, what must not matter to it, and its values against PyTorch's.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is an assertion")]

mod combining;
mod families;
mod goldens;
mod gradients;
mod invariance;
mod models;
mod step_loss;
mod threads;
