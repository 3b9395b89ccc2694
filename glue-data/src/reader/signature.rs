//! Files that are not text in rows, known by their first bytes: one table of what they are and of the way out. Without it they
//! would be blamed for an encoding or for missing columns.

use crate::error::Error;
use mtlift_files::is_lfs_pointer;
use std::path::Path;

/// Whether a file that begins like this is one.
type Test = fn(&[u8]) -> bool;

const KINDS: [(&str, Test, &str); 15] = [
    (
        "a Git LFS pointer, which stands for data that are not here",
        is_lfs_pointer,
        "run `git lfs pull` in its folder, or download the file itself",
    ),
    (
        "a Parquet file",
        |bytes| bytes.starts_with(b"PAR1"),
        "name it .parquet, or give `format = \"parquet\"`",
    ),
    ("an Excel workbook", is_workbook, "save the sheet as CSV and name that file"),
    ("a zip archive", |bytes| bytes.starts_with(b"PK\x03\x04"), "unpack it and name the file that was in it"),
    ("a tar archive", is_tar, "unpack it and name the file that was in it"),
    ("compressed with zstd", |bytes| bytes.starts_with(b"\x28\xb5\x2f\xfd"), "decompress it with `zstd -d`"),
    ("compressed with xz", |bytes| bytes.starts_with(b"\xfd7zXZ\0"), "decompress it with `unxz`"),
    (
        "compressed with bzip2",
        |bytes| bytes.starts_with(b"BZh") && bytes.get(4..10) == Some(b"1AY&SY"),
        "decompress it with `bunzip2`",
    ),
    ("a PDF", |bytes| bytes.starts_with(b"%PDF-"), "extract its table as CSV"),
    (
        "an Arrow file",
        |bytes| bytes.starts_with(b"ARROW1") || bytes.starts_with(b"\xff\xff\xff\xff"),
        "write it as Parquet, in Python with `Dataset.to_parquet`",
    ),
    ("an SQLite database", |bytes| bytes.starts_with(b"SQLite format 3\0"), "export the table as CSV"),
    ("a Python pickle", is_pickle, "write its rows as CSV or Parquet"),
    ("in UTF-32", is_utf_32, "convert it with `iconv -f UTF-32 -t UTF-8`"),
    ("in UTF-16", is_utf_16, "convert it with `iconv -f UTF-16 -t UTF-8`"),
    ("a web page", is_web_page, "download the raw file in place of the page that shows it"),
];

/// Refuses a file that is none of the text formats.
pub(crate) fn check(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    match KINDS.iter().find(|(_, is_one, _)| is_one(bytes)) {
        None => Ok(()),
        Some((what, _, cure)) => Err(Error::NotText { file: path.to_owned(), what, cure }),
    }
}

fn holds(bytes: &[u8], within: usize, word: &[u8]) -> bool {
    bytes[..within.min(bytes.len())].windows(word.len()).any(|there| there == word)
}

/// Of the new kind, a zip archive with a file of this name among the first; or of the old one, as all of Office then.
fn is_workbook(bytes: &[u8]) -> bool {
    let is_new = || holds(bytes, 4096, b"[Content_Types].xml") || holds(bytes, 4096, b"xl/");
    bytes.starts_with(b"PK\x03\x04") && is_new() || bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
}

fn is_tar(bytes: &[u8]) -> bool {
    bytes.get(257..262) == Some(b"ustar")
}

/// Protocols 2 to 5, the byte 0x80 being none that a text of UTF-8 begins with.
fn is_pickle(bytes: &[u8]) -> bool {
    matches!(bytes, [0x80, 2..=5, ..])
}

fn is_utf_32(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xff\xfe\0\0") || bytes.starts_with(b"\0\0\xfe\xff")
}

/// By its mark; or, without one, by a zero in every second of the first bytes, as ASCII has it.
fn is_utf_16(bytes: &[u8]) -> bool {
    let zeros = |parity: usize| {
        let begin = &bytes[..bytes.len().min(64)];
        begin.len() >= 8 && begin.iter().enumerate().all(|(i, &byte)| (i % 2 == parity) == (byte == 0))
    };
    bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || zeros(0) || zeros(1)
}

fn is_web_page(bytes: &[u8]) -> bool {
    let begin = bytes.trim_ascii_start();
    [b"<!doctype html".as_slice(), b"<html"]
        .iter()
        .any(|tag| begin.get(..tag.len()).is_some_and(|there| there.eq_ignore_ascii_case(tag)))
}
