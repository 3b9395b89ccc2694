//! BERT-family encoders by hand: configuration, weights, forward and backward.

mod atomic;
mod checkpoint;
mod config;
mod error;

pub use atomic::write_atomically;
pub use checkpoint::{Checkpoint, LoadReport, TensorFile, save, save_tensors};
pub use config::{Config, Family, Labels, ProblemType};
pub use error::Error;
