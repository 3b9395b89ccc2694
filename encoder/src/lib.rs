//! BERT-family encoders by hand: configuration, weights, forward and backward.

mod block;
mod checkpoint;
mod config;
mod elsewhere;
mod embeddings;
mod encoder;
mod error;
mod family;
mod input;
mod residual;

pub use checkpoint::{Checkpoint, LoadReport, Want, save, save_as, weight_files};
pub use config::{Config, Labels, ProblemType};
pub use elsewhere::no_config;
pub use encoder::{Cache, Encoder};
pub use error::Error;
pub use family::Family;
pub use input::Input;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
