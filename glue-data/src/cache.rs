//! Token ids on disk, so that the next run need not tokenise again. An entry is named by the content of what it was made
//! from (the very texts, the tokenizer, the limit), never by paths or task names, so it cannot be stale; and it carries a
//! checksum, so it cannot be half. A cache only saves time: no fault of it ever fails a job.

use crate::error::Error;
use crate::task::Example;
use mtlift_files::{make_directory, write_atomically};
use mtlift_tokenizer::{Encoded, Tokenizer};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Part of every key: to be raised whenever the entries' form or the meaning of an encoding changes.
const VERSION: &str = "mtlift tokens 1: longest first";

/// A directory of encodings.
#[derive(Clone, Debug)]
pub struct TokenCache {
    dir: PathBuf,
}

/// An encoding and how it was come by.
#[derive(Clone, Debug)]
pub struct CachedEncoding {
    /// The rows' tokens.
    pub encoded: Encoded,
    /// Whether it was read from the cache.
    pub found: bool,
    /// Why it could not be stored, to be shown as a warning.
    pub not_stored: Option<String>,
}

impl TokenCache {
    /// A cache in `dir`, which is made when the first encoding is stored.
    pub fn new(dir: impl Into<PathBuf>) -> TokenCache {
        TokenCache { dir: dir.into() }
    }

    /// The encoding of these rows: from the cache if it is there and whole, else made and stored.
    ///
    /// # Errors
    /// As [`Tokenizer::encode`]; never because of the cache.
    pub fn get_or_encode(
        &self,
        examples: &[Example],
        tokenizer: &Tokenizer,
    ) -> Result<CachedEncoding, Error> {
        let key = key(examples, tokenizer);
        let path = self.dir.join(format!("{}.tokens", key.to_hex()));
        if let Some(encoded) =
            fs::read(&path).ok().and_then(|bytes| from_bytes(&key, &bytes, examples.len(), tokenizer))
        {
            return Ok(CachedEncoding { encoded, found: true, not_stored: None });
        }
        let encoded = tokenizer.encode(examples)?;
        let stored = self.store(&path, &to_bytes(&key, &encoded));
        let not_stored = stored.err().map(|why| format!("the token cache gets no entry: {why}"));
        Ok(CachedEncoding { encoded, found: false, not_stored })
    }

    fn store(&self, path: &Path, bytes: &[u8]) -> Result<(), mtlift_files::Error> {
        make_directory(&self.dir)?;
        write_atomically(path, |file| file.write_all(bytes))
    }
}

/// Every text goes in with its length, so that no two lists of texts are alike.
fn key(examples: &[Example], tokenizer: &Tokenizer) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new_derive_key(VERSION);
    hasher.update(tokenizer.fingerprint().as_bytes());
    hasher.update(&(tokenizer.max_tokens() as u64).to_le_bytes());
    for example in examples {
        for text in [Some(&example.text_a), example.text_b.as_ref()] {
            // A length no text has stands for an absent one.
            hasher.update(&text.map_or(u64::MAX, |text| text.len() as u64).to_le_bytes());
            hasher.update(text.map_or("", String::as_str).as_bytes());
        }
    }
    hasher.finalize()
}

/// Key, checksum of what follows, then in little endian: rows, tokens, truncated rows (u64), lengths `[rows]`, ids and
/// segments `[T]` (u32).
fn to_bytes(key: &blake3::Hash, encoded: &Encoded) -> Vec<u8> {
    let mut body = Vec::with_capacity(24 + 4 * (encoded.rows() + 2 * encoded.ids.len()));
    for count in [encoded.rows(), encoded.ids.len(), encoded.truncated] {
        body.extend_from_slice(&(count as u64).to_le_bytes());
    }
    let lengths = encoded.lengths().map(|length| length as u32);
    for number in lengths.chain(encoded.ids.iter().copied()).chain(encoded.segments.iter().copied()) {
        body.extend_from_slice(&number.to_le_bytes());
    }
    [key.as_bytes().as_slice(), blake3::hash(&body).as_bytes(), &body].concat()
}

/// The encoding, or `None` if the bytes are not what [`to_bytes`] wrote for this key. The checksum is for damage: what somebody
/// wrote there has one as well, so that all is compared that others rely on.
fn from_bytes(key: &blake3::Hash, bytes: &[u8], of_rows: usize, tokenizer: &Tokenizer) -> Option<Encoded> {
    let (of, rest) = bytes.split_first_chunk::<32>()?;
    let (checksum, body) = rest.split_first_chunk::<32>()?;
    if of != key.as_bytes() || blake3::hash(body) != *checksum {
        return None;
    }
    let (head, body) = body.split_first_chunk::<24>()?;
    let (counts, _) = head.as_chunks::<8>();
    let [rows, tokens, truncated] = [0, 1, 2].map(|i| u64::from_le_bytes(counts[i]) as usize);
    let (words, _) = body.as_chunks::<4>();
    let mut numbers = words.iter().map(|bytes| u32::from_le_bytes(*bytes));
    let mut offsets = vec![0];
    let mut end = 0;
    for length in numbers.by_ref().take(rows) {
        end += length as usize;
        offsets.push(end);
    }
    let ids: Vec<u32> = numbers.by_ref().take(tokens).collect();
    let segments: Vec<u32> = numbers.collect();
    let encoded = Encoded { ids, segments, offsets, truncated };
    let fits = encoded.rows() == of_rows
        && [encoded.ids.len(), encoded.segments.len()] == [end; 2]
        && encoded.lengths().all(|length| length <= tokenizer.max_tokens())
        && encoded.ids.iter().all(|&id| (id as usize) < tokenizer.vocabulary_size());
    fits.then_some(encoded)
}
