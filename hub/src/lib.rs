#![doc = include_str!("../README.md")]

mod cache;
mod certificates;
mod client;
mod digest;
mod download;
mod error;
mod failure;
mod fetch;
mod location;
mod model;
mod names;
mod observer;
mod remote;
mod repository;
mod settings;
mod snapshot;
mod token;
mod variables;

pub use cache::Cache;
pub use certificates::Certificates;
pub use error::Error;
pub use fetch::Hub;
pub use model::{PICKLED, SAFETENSORS, model_files};
pub use observer::Observer;
pub use repository::{Kind, Repository};
pub use settings::{DEFAULT_ENDPOINT, Patience, Settings};
pub use snapshot::{FetchedFile, Snapshot};
pub use token::Token;
