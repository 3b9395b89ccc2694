//! What can go wrong with a tokenizer. Every message names the file, what was expected, what was found and, where it is not
//! obvious, what to do.

use std::path::PathBuf;

/// A fault in a tokenizer's files, or in what is asked of it.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the message of each variant is its documentation, and names every field")]
pub enum Error {
    #[error(transparent)]
    File(#[from] mtlift_files::Error),
    #[error(
        "{} holds no tokenizer: expected tokenizer.json, vocab.txt, or vocab.json with merges.txt; \
         transformers' `AutoTokenizer.from_pretrained(..).save_pretrained(..)` writes tokenizer.json",
        directory.display()
    )]
    NoTokenizer { directory: PathBuf },
    #[error("{}: not a usable tokenizer file: {reason}", file.display())]
    BadTokenizer { file: PathBuf, reason: String },
    #[error(
        "the limit is {given} tokens, expected at least {least}: the special tokens and one token of each text"
    )]
    MaxTokens { given: usize, least: usize },
    #[error("a text cannot be tokenised: {reason}")]
    Untokenisable { reason: String },
    #[error(
        "a vocabulary of {asked} tokens is too small: expected at least {least}, the special tokens and the {characters} of the text"
    )]
    SmallVocabulary { asked: usize, least: usize, characters: String },
}
