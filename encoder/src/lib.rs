//! BERT-family encoders by hand: configuration, weights, forward and backward.

mod atomic;
mod block;
mod checkpoint;
mod config;
mod directory;
mod embeddings;
mod encoder;
mod error;
mod family;
mod input;
mod residual;

pub use atomic::{UNFINISHED, rename_atomically, write_atomically};
pub use checkpoint::{Checkpoint, LoadReport, TensorFile, Want, save, save_tensors};
pub use config::{Config, Labels, ProblemType};
pub use directory::{names_in, remove_if_there};
pub use encoder::{Cache, Encoder};
pub use error::Error;
pub use family::Family;
pub use input::Input;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
