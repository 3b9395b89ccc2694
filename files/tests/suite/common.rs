//! Directories and messages.

use std::fs;
use std::path::Path;

/// A directory that is gone after the test.
pub(crate) fn directory() -> tempfile::TempDir {
    tempfile::tempdir().expect("the system has room for a temporary directory")
}

/// The message of an error, with the directory that changes from run to run called DIR.
pub(crate) fn message(error: &mtlift_files::Error, directory: &Path) -> String {
    error.to_string().replace(&directory.display().to_string(), "DIR")
}

/// Writes a safetensors file: a header of these bytes, whatever they are, then the data.
pub(crate) fn write_raw(path: &Path, header: &str, data: &[u8]) {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    fs::write(path, bytes).unwrap();
}
