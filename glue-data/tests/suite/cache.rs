//! The token cache: found again when nothing changed, made again when anything did, and never a reason to fail.

use crate::common::{Folder, example, small_bert};
use mtlift_glue_data::{Example, TokenCache};
use mtlift_tokenizer::{Encoded, Tokenizer};
use std::fs;
use std::path::PathBuf;

fn rows() -> Vec<Example> {
    vec![example("w1 w2 w3", Some("w4 w5 w6 w7")), example("w8", None), example("", Some(""))]
}

/// The rows in a cache of their own.
struct Stored {
    folder: Folder,
    tokenizer: Tokenizer,
    cache: TokenCache,
    whole: Encoded,
    entry: PathBuf,
    bytes: Vec<u8>,
}

impl Stored {
    fn new() -> Self {
        let folder = Folder::new();
        let tokenizer = Tokenizer::open(small_bert().path(), 16).unwrap();
        let cache = TokenCache::new(folder.path());
        let whole = cache.get_or_encode(&rows(), &tokenizer).unwrap().encoded;
        let entry = entries(&folder).pop().unwrap();
        let bytes = fs::read(&entry).unwrap();
        Self { folder, tokenizer, cache, whole, entry, bytes }
    }
}

fn entries(folder: &Folder) -> Vec<PathBuf> {
    fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn a_second_run_finds_the_same_tokens() {
    let (model, folder) = (small_bert(), Folder::new());
    let tokenizer = Tokenizer::open(model.path(), 8).unwrap();
    let cache = TokenCache::new(folder.path().join("made/when/needed"));
    let [first, second] = [(); 2].map(|()| cache.get_or_encode(&rows(), &tokenizer).unwrap());
    assert!(!first.found && second.found);
    assert_eq!((first.not_stored, second.not_stored), (None, None));
    assert_eq!(first.encoded, second.encoded);
    assert_eq!(first.encoded, tokenizer.encode(&rows()).unwrap());
    assert_eq!(first.encoded.truncated, 1);
}

#[test]
fn whatever_decides_the_tokens_is_part_of_the_key() {
    let (model, folder) = (small_bert(), Folder::new());
    let cache = TokenCache::new(folder.path());
    let tokenizer = Tokenizer::open(model.path(), 16).unwrap();
    cache.get_or_encode(&rows(), &tokenizer).unwrap();

    let shorter = Tokenizer::open(model.path(), 8).unwrap();
    assert_eq!(shorter.fingerprint(), tokenizer.fingerprint());
    assert!(!cache.get_or_encode(&rows(), &shorter).unwrap().found);

    model.write("tokenizer_config.json", "{\"do_lower_case\": false}");
    let cased = Tokenizer::open(model.path(), 16).unwrap();
    assert_ne!(cased.fingerprint(), tokenizer.fingerprint());
    assert!(!cache.get_or_encode(&rows(), &cased).unwrap().found);

    for other in [
        vec![example("w1 w2 w3w4", Some(" w5 w6 w7")), example("w8", None), example("", Some(""))],
        vec![example("w1 w2 w3", Some("w4 w5 w6 w7")), example("w8", Some("")), example("", Some(""))],
        rows()[..2].to_vec(),
    ] {
        let made = cache.get_or_encode(&other, &tokenizer).unwrap();
        assert!(!made.found, "{other:?}");
        assert_eq!(made.encoded, tokenizer.encode(&other).unwrap());
    }
}

#[test]
fn a_damaged_entry_is_made_again() {
    let Stored { folder, tokenizer, cache, whole, entry, bytes } = Stored::new();

    let mut damaged: Vec<Vec<u8>> =
        [0, 1, 31, 63, 64, 87, bytes.len() - 1].map(|end| bytes[..end].to_vec()).into();
    damaged.push([bytes.as_slice(), b"more"].concat());
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x10;
        damaged.push(flipped);
    }
    for content in damaged {
        fs::write(&entry, content).unwrap();
        let made = cache.get_or_encode(&rows(), &tokenizer).unwrap();
        assert!(!made.found);
        assert_eq!(made.encoded, whole);
        assert_eq!(fs::read(&entry).unwrap(), bytes, "the entry is whole again");
    }
    assert_eq!(entries(&folder), [entry], "nothing temporary is left");
}

/// A checksum can be made for anything: what is behind it is compared with the rows and the tokenizer.
#[test]
fn an_entry_that_contradicts_itself_is_made_again() {
    let Stored { folder: _folder, tokenizer, cache, whole, entry, bytes } = Stored::new();
    let (key, body) = (&bytes[..32], &bytes[64..]);
    let lengths = 24;
    let ids = lengths + 4 * rows().len();
    let with = |at: usize, number: &[u8]| [&body[..at], number, &body[at + number.len()..]].concat();
    for (what, body) in [
        ("too many rows", with(0, &u64::MAX.to_le_bytes())),
        ("too few rows", with(0, &2_u64.to_le_bytes())),
        ("no tokens", with(8, &0_u64.to_le_bytes())),
        ("a row that is too long", with(lengths, &u32::MAX.to_le_bytes())),
        ("a token that the tokenizer does not have", with(ids, &u32::MAX.to_le_bytes())),
        ("too few segments", body[..body.len() - 4].to_vec()),
    ] {
        let content = [key, blake3::hash(&body).as_bytes(), &body].concat();
        fs::write(&entry, content).unwrap();
        let made = cache.get_or_encode(&rows(), &tokenizer).unwrap();
        assert!(!made.found, "{what}");
        assert_eq!(made.encoded, whole, "{what}");
    }
}

#[test]
fn an_unwritable_cache_only_warns() {
    let (model, folder) = (small_bert(), Folder::with(&[("file", b"")]));
    let tokenizer = Tokenizer::open(model.path(), 16).unwrap();
    let made = TokenCache::new(folder.path().join("file")).get_or_encode(&rows(), &tokenizer).unwrap();
    assert_eq!(made.encoded, tokenizer.encode(&rows()).unwrap());
    let warning = made.not_stored.unwrap().replace(folder.path().to_str().unwrap(), "DIR");
    assert!(warning.starts_with("the token cache gets no entry: cannot write DIR/file: "), "{warning}");
}
