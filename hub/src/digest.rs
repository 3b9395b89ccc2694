//! Whether a file is what its entity tag says. The hub names a large file by its SHA-256, and a file of git's by git's
//! own name for it, the SHA-1 of `blob LENGTH\0` and the bytes. Any other tag promises nothing.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};

use crate::names::is_hexadecimal;

/// The kind of sum that a tag is and the file's own, in hexadecimal digits; none if the tag is no sum.
///
/// # Errors
/// If the file cannot be read.
pub(crate) fn of_file(path: &Path, tag: &str) -> io::Result<Option<(&'static str, String)>> {
    if !is_hexadecimal(tag) {
        return Ok(None);
    }
    let (name, algorithm) = match tag.len() {
        64 => ("SHA-256", &SHA256),
        40 => ("git's SHA-1", &SHA1_FOR_LEGACY_USE_ONLY),
        _ => return Ok(None),
    };
    let mut file = File::open(path)?;
    let mut context = Context::new(algorithm);
    if tag.len() == 40 {
        context.update(format!("blob {}\0", file.metadata()?.len()).as_bytes());
    }
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            count => context.update(&buffer[..count]),
        }
    }
    let digits = context.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Some((name, digits)))
}
