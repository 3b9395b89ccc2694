//! Text to token ids with the tokenizer that belongs to a model. Whatever the directory holds becomes one description in
//! `tokenizer.json`'s own form (see `files`), and everything after that is the same for all families.

use crate::cut::kept;
use crate::encoded::Encoded;
use crate::error::Error;
use crate::files::{self, Complete};
use crate::frame::Frame;
use crate::guard::guarded;
use crate::texts::Texts;
use serde_json::Value;
use std::path::{Path, PathBuf};
use tokenizers::{EncodeInput, Encoding, PostProcessor, Tokenizer as Library};

/// Rows tokenised at once: enough for all cores, few enough that their intermediate form stays small.
const ROWS_AT_ONCE: usize = 1024;

/// A model's tokenizer, with a limit on the length of a row.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    library: Library,
    /// The file to name if the tokenizer proves unusable.
    file: PathBuf,
    max_tokens: usize,
    vocabulary_size: usize,
    fingerprint: String,
}

impl Tokenizer {
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
    pub fn open(model_dir: &Path, max_tokens: usize) -> Result<Tokenizer, Error> {
        let Complete { file, description, added } = files::describe(model_dir)?;
        let tokenizer = Self::described(file, &description, max_tokens)?;
        added.iter().try_for_each(|token| token.check(&tokenizer.library))?;
        Ok(tokenizer)
    }

    /// From a description; `file` is what the messages call it.
    pub(crate) fn described(
        file: PathBuf,
        description: &Value,
        max_tokens: usize,
    ) -> Result<Tokenizer, Error> {
        let description = description.to_string();
        let fingerprint = blake3::hash(description.as_bytes()).to_hex().to_string();
        let (library, special, vocabulary_size) = guarded(|| measured(&description))
            .map_err(|panic| library_failed(&file, &panic))?
            .map_err(|fault| Error::BadTokenizer { file: file.clone(), reason: fault.to_string() })?;
        if max_tokens < special + 2 {
            return Err(Error::MaxTokens { given: max_tokens, least: special + 2 });
        }
        Ok(Tokenizer { library, file, max_tokens, vocabulary_size, fingerprint })
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

    /// The tokenizer as the library `tokenizers` has it, to turn ids back into text; it neither pads nor truncates.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// The ids that stand for no part of a text: those of the special tokens, in order.
    pub fn special_ids(&self) -> Vec<u32> {
        let added = self.library.get_added_tokens_decoder();
        let mut ids: Vec<u32> =
            added.into_iter().filter(|(_, token)| token.special).map(|(id, _)| id).collect();
        ids.sort_unstable();
        ids
    }

    /// The id of the token that stands for a masked one, if there is one: `[MASK]` or `<mask>`.
    pub fn mask_id(&self) -> Option<u32> {
        ["[MASK]", "<mask>"].into_iter().find_map(|token| self.library.token_to_id(token))
    }

    /// Tokenises rows and packs them in their order.
    ///
    /// # Errors
    /// If the tokenizer cannot represent a text at all (BERT's and RoBERTa's always can).
    pub fn encode<'a, T: Into<Texts<'a>>>(
        &self,
        rows: impl IntoIterator<Item = T>,
    ) -> Result<Encoded, Error> {
        let mut encoded = Encoded::default();
        self.for_each(rows, |row| {
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
    /// As [`Tokenizer::encode`].
    pub fn lengths<'a, T: Into<Texts<'a>>>(
        &self,
        rows: impl IntoIterator<Item = T>,
    ) -> Result<Vec<usize>, Error> {
        let mut lengths = Vec::new();
        self.for_each(rows, |row| {
            lengths.push(row.len());
            Ok(())
        })?;
        Ok(lengths)
    }

    /// The places of rows of which a text has no token at all: an empty one, and with BERT's tokenizers one of spaces and of
    /// characters without width.
    ///
    /// # Errors
    /// As [`Tokenizer::encode`].
    pub fn without_token<'a, T: Into<Texts<'a>>>(
        &self,
        rows: impl IntoIterator<Item = T>,
    ) -> Result<Vec<usize>, Error> {
        let has_none = |text: &str| -> Result<bool, Error> {
            // A letter or a digit has a token everywhere, if only the unknown one.
            if text.chars().any(char::is_alphanumeric) {
                return Ok(false);
            }
            Ok(self.ask(|library| library.encode_fast(text, false))?.is_empty())
        };
        let mut without = Vec::new();
        for (place, row) in rows.into_iter().enumerate() {
            let Texts { first, second } = row.into();
            if has_none(first)? || second.map_or(Ok(false), has_none)? {
                without.push(place);
            }
        }
        Ok(without)
    }

    /// The tokens of each text, whole and without special tokens: what a [`Frame`] makes rows of.
    ///
    /// # Errors
    /// As [`Tokenizer::encode`].
    pub fn tokens(&self, texts: &[&str]) -> Result<Vec<Vec<u32>>, Error> {
        let rows = self.ask(|library| library.encode_batch_fast(texts.to_vec(), false))?;
        Ok(rows.iter().map(|row| row.get_ids().to_vec()).collect())
    }

    /// A row's tokens as a text in one line, special ones too.
    ///
    /// # Errors
    /// If the tokenizer cannot put tokens together.
    pub fn text(&self, ids: &[u32]) -> Result<String, Error> {
        let text = self.ask(|library| library.decode(ids, false))?;
        Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// How special tokens stand around one text and two.
    ///
    /// # Errors
    /// As [`Tokenizer::encode`].
    pub fn frame(&self) -> Result<Frame, Error> {
        self.ask(Frame::of)
    }

    /// What the library says; its panic too is an error.
    fn ask<T>(&self, question: impl FnOnce(&Library) -> tokenizers::Result<T>) -> Result<T, Error> {
        guarded(|| question(&self.library))
            .map_err(|panic| library_failed(&self.file, &panic))?
            .map_err(|fault| Error::Untokenisable { reason: fault.to_string() })
    }

    /// Tokenises all rows whole, some at a time, and shows each in its order.
    fn for_each<'a, T: Into<Texts<'a>>>(
        &self,
        rows: impl IntoIterator<Item = T>,
        mut show: impl FnMut(&Encoding) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut inputs = rows.into_iter().map(|row| input(row.into()));
        loop {
            let chunk: Vec<EncodeInput<'a>> = inputs.by_ref().take(ROWS_AT_ONCE).collect();
            if chunk.is_empty() {
                return Ok(());
            }
            let encodings = self.ask(|library| library.encode_batch_fast(chunk, true))?;
            encodings.iter().try_for_each(&mut show)?;
        }
    }
}

fn input(row: Texts<'_>) -> EncodeInput<'_> {
    match row.second {
        Some(second) => (row.first, second).into(),
        None => row.first.into(),
    }
}

/// A tokenizer, the most special tokens of a row, and its highest id plus one.
fn measured(description: &str) -> tokenizers::Result<(Library, usize, usize)> {
    let library = Library::from_bytes(description)?;
    let processor = library.get_post_processor();
    let special = processor.map_or(0, |all| all.added_tokens(true).max(all.added_tokens(false)));
    let highest = library.get_vocab(true).into_values().max();
    Ok((library, special, highest.map_or(0, |id| id as usize + 1)))
}

fn library_failed(file: &Path, panic: &str) -> Error {
    let reason =
        format!("the tokenizers library fails on it ({panic}): it is damaged, or of another version");
    Error::BadTokenizer { file: file.to_owned(), reason }
}
