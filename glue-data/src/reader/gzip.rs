//! Gzip is looked for by its first bytes, whatever the file is called, and a file is decompressed before anything else sees
//! it: every format may be compressed, and recompressing a file changes no hash.

use super::most_bytes;
use crate::error::Error;
use flate2::read::MultiGzDecoder;
use std::io::Read;
use std::path::Path;

/// The file's content, decompressed if it is compressed.
pub(super) fn decompressed(path: &Path, bytes: Vec<u8>) -> Result<Vec<u8>, Error> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let (file, most) = (path.to_owned(), most_bytes(bytes.len()));
    let mut content = Vec::new();
    match MultiGzDecoder::new(bytes.as_slice()).take(most as u64 + 1).read_to_end(&mut content) {
        Err(fault) => Err(Error::BrokenGzip { file, reason: fault.to_string() }),
        Ok(_) if content.len() > most => Err(Error::TooMuch { file, most }),
        Ok(_) => Ok(content),
    }
}
