//! Whether models mean the same tokens by the same ids: rows of their word embeddings are merged by id, and another order of the
//! vocabulary would give noise without a word.

use std::path::Path;

use mtlift_tokenizer::Tokenizer;

use crate::{Error, MAX_TOKENS};

/// Compares the vocabularies of the models that have a tokenizer.
pub(super) fn check_tokens(models: &[&Path], base: Option<&Path>) -> Result<(), Error> {
    let mut first: Option<(&Path, Vec<(String, u32)>)> = None;
    for &model in models.iter().chain(&base) {
        let there = match Tokenizer::open(model, MAX_TOKENS) {
            // Weights alone can be merged.
            Err(mtlift_tokenizer::Error::NoTokenizer { .. }) => continue,
            opened => vocabulary(&opened?),
        };
        match &first {
            None => first = Some((model, there)),
            Some((other, here)) => {
                if let Some(difference) = difference(here, &there) {
                    let (first, model) = (other.to_path_buf(), model.to_owned());
                    return Err(Error::OtherTokens { model, first, difference });
                }
            }
        }
    }
    Ok(())
}

/// All tokens with their ids, sorted.
fn vocabulary(tokenizer: &Tokenizer) -> Vec<(String, u32)> {
    let mut tokens: Vec<(String, u32)> = tokenizer.library().get_vocab(true).into_iter().collect();
    tokens.sort();
    tokens
}

/// The first token of which two vocabularies say different things, in words.
fn difference(here: &[(String, u32)], there: &[(String, u32)]) -> Option<String> {
    let id = |of: &[(String, u32)], token: &str| {
        of.binary_search_by(|(other, _)| other.as_str().cmp(token)).map(|place| of[place].1).ok()
    };
    let in_words = |id: Option<u32>| id.map_or("no token".to_owned(), |id| format!("token {id}"));
    here.iter().chain(there).map(|(token, _)| token).find_map(|token| {
        let (here, there) = (id(here, token), id(there, token));
        (here != there)
            .then(|| format!("`{token}` is {} in one and {} in the other", in_words(here), in_words(there)))
    })
}
