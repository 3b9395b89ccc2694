//! What can go wrong with a file. Every message names it, what was expected and what was found.

use std::io;
use std::path::PathBuf;

/// A failure to read or write a file, or a fault in what it holds.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the message of each variant is its documentation, and names every field")]
pub enum Error {
    #[error("cannot read {}: {source}", file.display())]
    Unreadable { file: PathBuf, source: io::Error },
    #[error("cannot write {}: {source}", file.display())]
    Unwritable { file: PathBuf, source: io::Error },
    #[error("{}: not valid JSON: {source}", file.display())]
    Json { file: PathBuf, source: serde_json::Error },
    #[error("{}: not what mtlift wrote there: {what}", file.display())]
    Record { file: PathBuf, what: String },
    #[error("{} exists: give --force to overwrite it, or another file", file.display())]
    Exists { file: PathBuf },
    #[error("{} is {what}, and mtlift makes none there: remove it, or use another directory", file.display())]
    NotOurs { file: PathBuf, what: &'static str },

    #[error("{}: not a valid safetensors file: {reason}", file.display())]
    SafeTensors { file: PathBuf, reason: String },
    #[error("{}: not a PyTorch checkpoint that can be read: {reason}", file.display())]
    Torch { file: PathBuf, reason: String },
    #[error("{}: this is {what}", file.display())]
    OtherFormat { file: PathBuf, what: &'static str },
    #[error("{}: there is no tensor `{tensor}`", file.display())]
    NoTensor { file: PathBuf, tensor: String },
    #[error("{}: tensor `{tensor}` is of type {found}, expected {expected}", file.display())]
    Dtype { file: PathBuf, tensor: String, found: String, expected: &'static str },
    #[error("{}: tensor `{tensor}` has shape {found:?}, expected {expected:?}", file.display())]
    Shape { file: PathBuf, tensor: String, found: Vec<usize>, expected: Vec<usize> },
}
