//! Text to token ids with the tokenizer that belongs to a model. Whatever the directory holds becomes one description in
//! `tokenizer.json`'s own form (see `files`), and everything after that is the same for all families.
//!
//! Rows are tokenised whole and then cut here, because the library's truncation also builds every overflowing window of
//! a pair: quadratic in the length of long texts.

mod added;
mod byte_level_bpe;
mod files;
mod frame;
mod guard;
mod kind;
mod training;
mod wordpiece;

pub use training::{TokenizerKind, TrainedTokenizer};

use crate::batch::Encoded;
use crate::error::Error;
use crate::task::Example;
use files::Complete;
use frame::Frame;
use guard::guarded;
use serde_json::Value;
use std::path::{Path, PathBuf};
use tokenizers::{EncodeInput, Encoding, PostProcessor, Tokenizer};

/// Rows tokenised at once: enough for all cores, few enough that their intermediate form stays small.
const ROWS_AT_ONCE: usize = 1024;

/// A model's tokenizer, with a limit on the length of a row.
#[derive(Clone, Debug)]
pub struct TextEncoder {
    tokenizer: Tokenizer,
    /// The file to name if the tokenizer proves unusable.
    file: PathBuf,
    max_tokens: usize,
    vocabulary_size: usize,
    fingerprint: String,
}

impl TextEncoder {
    /// Opens the tokenizer of a model directory in Hugging Face layout: `tokenizer.json`, or where there is none BERT's
    /// `vocab.txt` or RoBERTa's `vocab.json` and `merges.txt`, with what `tokenizer_config.json`,
    /// `special_tokens_map.json` and `config.json` say about case, accents, Chinese characters, the prefix space and the
    /// special tokens, and with the tokens that `added_tokens.json` or `tokenizer_config.json` add. Padding and truncation
    /// in `tokenizer.json` are ignored.
    ///
    /// No row becomes longer than `max_tokens`, special tokens included. A pair loses tokens from the end of its longer
    /// text until both are of one length, then from both.
    ///
    /// # Errors
    /// If there is no tokenizer, a file cannot be read or makes no sense, or `max_tokens` leaves no room for text.
    pub fn open(model_dir: &Path, max_tokens: usize) -> Result<TextEncoder, Error> {
        let Complete { file, description, added } = files::describe(model_dir)?;
        let encoder = Self::described(file, &description, max_tokens)?;
        added.iter().try_for_each(|token| token.check(&encoder.tokenizer))?;
        Ok(encoder)
    }

    /// From a description; `file` is what the messages call it.
    fn described(file: PathBuf, description: &Value, max_tokens: usize) -> Result<TextEncoder, Error> {
        let description = description.to_string();
        let fingerprint = blake3::hash(description.as_bytes()).to_hex().to_string();
        let (tokenizer, special, vocabulary_size) = guarded(|| measured(&description))
            .map_err(|panic| library_failed(&file, &panic))?
            .map_err(|fault| Error::BadTokenizer { file: file.clone(), reason: fault.to_string() })?;
        if max_tokens < special + 2 {
            return Err(Error::MaxTokens { given: max_tokens, least: special + 2 });
        }
        Ok(TextEncoder { tokenizer, file, max_tokens, vocabulary_size, fingerprint })
    }

    /// The highest token id plus one: the least vocabulary a model must have.
    pub fn vocabulary_size(&self) -> usize {
        self.vocabulary_size
    }

    /// The most tokens a row may have, special tokens included.
    pub fn max_tokens(&self) -> usize {
        self.max_tokens
    }

    /// A hash of everything but the limit that decides which tokens a text has, in hexadecimal.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The tokenizer itself, to turn ids back into text; it neither pads nor truncates.
    pub fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    /// The ids that stand for no part of a text: those of the special tokens, in order.
    pub fn special_ids(&self) -> Vec<u32> {
        let added = self.tokenizer.get_added_tokens_decoder();
        let mut ids: Vec<u32> =
            added.into_iter().filter(|(_, token)| token.special).map(|(id, _)| id).collect();
        ids.sort_unstable();
        ids
    }

    /// The id of the token that stands for a masked one, if there is one: `[MASK]` or `<mask>`.
    pub fn mask_id(&self) -> Option<u32> {
        ["[MASK]", "<mask>"].into_iter().find_map(|token| self.tokenizer.token_to_id(token))
    }

    /// The tokens of each text, whole and without special tokens.
    ///
    /// # Errors
    /// As [`TextEncoder::encode`].
    pub(crate) fn tokens(&self, texts: &[&str]) -> Result<Vec<Vec<u32>>, Error> {
        let rows = self.tokenizer.encode_batch_fast(texts.to_vec(), false);
        let rows = rows.map_err(|fault| Error::Untokenisable { reason: fault.to_string() })?;
        Ok(rows.iter().map(|row| row.get_ids().to_vec()).collect())
    }

    /// How special tokens stand around one text and two.
    pub(crate) fn frame(&self) -> Result<Frame, Error> {
        Frame::of(&self.tokenizer).map_err(|fault| Error::Untokenisable { reason: fault.to_string() })
    }

    /// Tokenises rows and packs them in their order.
    ///
    /// # Errors
    /// If the tokenizer cannot represent a text at all (BERT's and RoBERTa's always can).
    pub fn encode(&self, examples: &[Example]) -> Result<Encoded, Error> {
        let mut encoded = Encoded::default();
        self.for_each(examples, |row| {
            if row.len() <= self.max_tokens {
                encoded.ids.extend_from_slice(row.get_ids());
                encoded.segments.extend_from_slice(row.get_type_ids());
            } else {
                encoded.truncated += 1;
                for at in kept(row, self.max_tokens)? {
                    encoded.ids.push(row.get_ids()[at]);
                    encoded.segments.push(row.get_type_ids()[at]);
                }
            }
            encoded.offsets.push(encoded.ids.len());
            Ok(())
        })?;
        Ok(encoded)
    }

    /// The number of tokens each row would have without a limit, special tokens included.
    ///
    /// # Errors
    /// As [`TextEncoder::encode`].
    pub fn lengths(&self, examples: &[Example]) -> Result<Vec<usize>, Error> {
        let mut lengths = Vec::with_capacity(examples.len());
        self.for_each(examples, |row| {
            lengths.push(row.len());
            Ok(())
        })?;
        Ok(lengths)
    }

    /// The places of rows of which a text has no token at all: an empty one, and with BERT's tokenizers one of spaces and of
    /// characters without width.
    ///
    /// # Errors
    /// As [`TextEncoder::encode`].
    pub fn without_token(&self, examples: &[Example]) -> Result<Vec<usize>, Error> {
        let has_none = |text: &str| -> Result<bool, Error> {
            // A letter or a digit has a token everywhere, if only the unknown one.
            if text.chars().any(char::is_alphanumeric) {
                return Ok(false);
            }
            let encoding = self.tokenizer.encode_fast(text, false);
            Ok(encoding.map_err(|fault| Error::Untokenisable { reason: fault.to_string() })?.is_empty())
        };
        let mut rows = Vec::new();
        for (row, example) in examples.iter().enumerate() {
            if has_none(&example.text_a)? || example.text_b.as_deref().map_or(Ok(false), has_none)? {
                rows.push(row);
            }
        }
        Ok(rows)
    }

    /// Tokenises all rows whole, some at a time, and shows each in its order.
    fn for_each(
        &self,
        examples: &[Example],
        mut show: impl FnMut(&Encoding) -> Result<(), Error>,
    ) -> Result<(), Error> {
        for chunk in examples.chunks(ROWS_AT_ONCE) {
            let inputs: Vec<EncodeInput> = chunk
                .iter()
                .map(|example| match &example.text_b {
                    Some(text_b) => (example.text_a.as_str(), text_b.as_str()).into(),
                    None => example.text_a.as_str().into(),
                })
                .collect();
            let rows = guarded(|| self.tokenizer.encode_batch_fast(inputs, true))
                .map_err(|panic| library_failed(&self.file, &panic))?
                .map_err(|fault| Error::Untokenisable { reason: fault.to_string() })?;
            rows.iter().try_for_each(&mut show)?;
        }
        Ok(())
    }
}

/// A tokenizer, the most special tokens of a row, and its highest id plus one.
fn measured(description: &str) -> tokenizers::Result<(Tokenizer, usize, usize)> {
    let tokenizer = Tokenizer::from_bytes(description)?;
    let processor = tokenizer.get_post_processor();
    let special = processor.map_or(0, |all| all.added_tokens(true).max(all.added_tokens(false)));
    let highest = tokenizer.get_vocab(true).into_values().max();
    Ok((tokenizer, special, highest.map_or(0, |id| id as usize + 1)))
}

fn library_failed(file: &Path, panic: &str) -> Error {
    let reason =
        format!("the tokenizers library fails on it ({panic}): it is damaged, or of another version");
    Error::BadTokenizer { file: file.to_owned(), reason }
}

/// The positions of a row that stay when it is cut: all special tokens and the beginnings of its texts.
///
/// # Errors
/// If the special tokens leave no room for text.
fn kept(row: &Encoding, max_tokens: usize) -> Result<impl Iterator<Item = usize>, Error> {
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
