//! Which tokens of a row stay when it is too long. Rows are tokenised whole and then cut here, because the library's truncation
//! also builds every overflowing window of a pair: quadratic in the length of long texts.

use crate::error::Error;
use tokenizers::Encoding;

/// The positions of a row that stay when it is cut: all special tokens and the beginnings of its texts.
///
/// # Errors
/// If the special tokens leave no room for text.
pub(crate) fn kept(row: &Encoding, max_tokens: usize) -> Result<impl Iterator<Item = usize>, Error> {
    let texts = row.get_sequence_ids();
    let [a, b] = [0, 1].map(|text| texts.iter().filter(|of| **of == Some(text)).count());
    let special = row.len() - a - b;
    if max_tokens < special + 2 {
        return Err(Error::MaxTokens { given: max_tokens, least: special + 2 });
    }
    let (keep_a, keep_b) = longest_first(a, b, max_tokens - special);
    let mut left = [keep_a, keep_b];
    Ok(texts.into_iter().enumerate().filter_map(move |(at, text)| match text {
        None => Some(at),
        Some(text) if left[text] > 0 => {
            left[text] -= 1;
            Some(at)
        }
        Some(_) => None,
    }))
}

/// How many tokens of texts of length `a` and `b` stay if there is room for `room`: what remains when tokens are taken
/// from the longer text one by one (of texts of one length, the first one loses first).
fn longest_first(a: usize, b: usize, room: usize) -> (usize, usize) {
    let half = room / 2;
    if a + b <= room {
        (a, b)
    } else if a.min(b) > half {
        if a > b { (room - half, half) } else { (half, room - half) }
    } else if a < b {
        (a, room - a)
    } else {
        (room - b, b)
    }
}
