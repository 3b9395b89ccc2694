//! What can go wrong with a model directory. Every message names the file, and the key or tensor in it, what was
//! expected and what was found.

use std::path::PathBuf;

/// A fault in a configuration or in weights, or a failure to read or write them.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the message of each variant is its documentation, and names every field")]
pub enum Error {
    #[error(transparent)]
    File(#[from] mtlift_files::Error),
    #[error(transparent)]
    Tokenizer(#[from] mtlift_tokenizer::Error),

    #[error("{}: `{key}` is {found}, expected {expected}", file.display())]
    Config { file: PathBuf, key: &'static str, found: String, expected: String },

    #[error("{} has no config.json: {hint}", directory.display())]
    NoConfig { directory: PathBuf, hint: String },
    #[error(
        "{} holds no weights: expected model.safetensors or pytorch_model.bin, or either's index.json with its shards{found}",
        directory.display()
    )]
    NoWeights { directory: PathBuf, found: String },
    #[error("{}: not a usable index of shards: {reason}", file.display())]
    Index { file: PathBuf, reason: String },

    #[error("{}: tensor `{tensor}`{more} is missing from the weights", directory.display())]
    Missing { directory: PathBuf, tensor: String, more: String },
    #[error(
        "{}: {count} of the {of} values of tensor `{tensor}` {} not finite in float32: the file is damaged, or was saved after \
         training had diverged; get or train the model again",
        file.display(),
        if *count == 1 { "is" } else { "are" }
    )]
    NotFinite { file: PathBuf, tensor: String, count: usize, of: usize },
    #[error(
        "a sequence has {tokens} tokens, expected 1 to {limit}, which the model takes: lower --max-tokens"
    )]
    SequenceLength { tokens: usize, limit: usize },
    #[error(
        "token id {id} is not below the model's vocabulary of {vocabulary}: the tokenizer is another model's"
    )]
    TokenId { id: u32, vocabulary: usize },
    #[error("the text at place {text} has no token, expected at least one: leave empty texts out")]
    NoToken { text: usize },
    #[error("segment {segment}, expected one below {segments}, the number of segments of the model")]
    Segment { segment: u32, segments: usize },
}
