//! What stands in a directory that this program keeps for itself. It makes plain files and directories there, no links: a
//! link leads elsewhere, and what is elsewhere is not ours to cut, empty or replace.

use std::fs;
use std::path::Path;

use crate::{Error, names_in};

/// Whether a place in a directory of ours is free, or holds a plain file or a directory.
///
/// # Errors
/// If a symbolic link stands there, or a device, a pipe or a socket.
pub fn check_own(path: &Path) -> Result<(), Error> {
    // Whatever else is wrong with the place is found where it is opened.
    let Ok(entry) = fs::symlink_metadata(path) else { return Ok(()) };
    let what = match entry.file_type() {
        kind if kind.is_symlink() => "a symbolic link",
        kind if kind.is_file() || kind.is_dir() => return Ok(()),
        _ => "neither a file nor a directory",
    };
    Err(Error::NotOurs { file: path.to_owned(), what })
}

/// As [`check_own`], of all that stands in a directory; not of what is below it. A directory that is not there holds nothing.
///
/// # Errors
/// Also if the directory cannot be read.
pub fn check_own_directory(directory: &Path) -> Result<(), Error> {
    if !directory.exists() {
        return Ok(());
    }
    names_in(directory)?.iter().try_for_each(|name| check_own(&directory.join(name)))
}
