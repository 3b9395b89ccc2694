//! Documents as token sequences of a limited length. A sequence is consecutive pieces of one document, as many as fit, and never
//! of two documents. Where there are several, they stand as a pair, cut between the pieces that are nearest to the middle:
//! so a model meets pairs before it is fine-tuned on them.

use super::Document;
use crate::error::Error;
use mtlift_tokenizer::{Encoded, Tokenizer};

/// Documents tokenised at once.
const DOCUMENTS_AT_ONCE: usize = 1024;

/// Tokenises documents and packs their pieces into sequences of at most `max_tokens` tokens, special ones included. A
/// longer piece is cut into as many as it takes.
///
/// # Errors
/// As [`Tokenizer::encode`].
pub fn pack(documents: &[Document], tokenizer: &Tokenizer) -> Result<Encoded, Error> {
    let frame = tokenizer.frame()?;
    let special = frame.special(1).max(frame.special(2));
    if tokenizer.max_tokens() < special + 2 {
        return Err(
            mtlift_tokenizer::Error::MaxTokens { given: tokenizer.max_tokens(), least: special + 2 }.into()
        );
    }
    let [alone, together] = [1, 2].map(|texts| tokenizer.max_tokens() - frame.special(texts));
    let mut encoded = Encoded::default();
    let mut push = |pieces: &mut Vec<Vec<u32>>| {
        let (a, b) = in_two(pieces);
        frame.push(&a, &b, &mut encoded);
        pieces.clear();
    };
    for chunk in documents.chunks(DOCUMENTS_AT_ONCE) {
        let texts: Vec<&str> =
            chunk.iter().flat_map(|document| &document.pieces).map(String::as_str).collect();
        let mut tokens = tokenizer.tokens(&texts)?.into_iter();
        for document in chunk {
            let mut waiting: Vec<Vec<u32>> = Vec::new();
            for piece in tokens.by_ref().take(document.pieces.len()) {
                for part in piece.chunks(alone) {
                    let there: usize = waiting.iter().map(Vec::len).sum();
                    if there > 0 && there + part.len() > together {
                        push(&mut waiting);
                    }
                    waiting.push(part.to_vec());
                }
            }
            if !waiting.is_empty() {
                push(&mut waiting);
            }
        }
    }
    Ok(encoded)
}

/// The pieces as two texts of about one length; a piece alone is the first, and the second is empty.
fn in_two(pieces: &[Vec<u32>]) -> (Vec<u32>, Vec<u32>) {
    let total: usize = pieces.iter().map(Vec::len).sum();
    let before = |cut: usize| pieces[..cut].iter().map(Vec::len).sum::<usize>();
    let cut = (1..pieces.len()).min_by_key(|&cut| total.abs_diff(2 * before(cut))).unwrap_or(pieces.len());
    (pieces[..cut].concat(), pieces[cut..].concat())
}
