//! Directories and messages.

use std::path::Path;

/// A directory that is gone after the test.
pub(crate) fn directory() -> tempfile::TempDir {
    tempfile::tempdir().expect("the system has room for a temporary directory")
}

/// The message of an error, with the directory that changes from run to run called DIR.
pub(crate) fn message(error: &mtlift_files::Error, directory: &Path) -> String {
    error.to_string().replace(&directory.display().to_string(), "DIR")
}
