//! What a directory holds, in an order that does not depend on the system, and the removal of what may not be there.

use std::fs;
use std::io;
use std::path::Path;

use crate::Error;

/// The names in a directory, sorted.
///
/// # Errors
/// If it cannot be read.
pub fn names_in(directory: &Path) -> Result<Vec<String>, Error> {
    let unreadable = |source| Error::Unreadable { file: directory.to_owned(), source };
    let entries = fs::read_dir(directory).map_err(unreadable)?;
    let name = |entry: io::Result<fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = entries.map(name).collect::<Result<_, _>>().map_err(unreadable)?;
    names.sort();
    Ok(names)
}

/// Removes a file, or a directory with all that is in it, if it is there.
///
/// # Errors
/// If the system refuses.
pub fn remove_if_there(path: &Path) -> Result<(), Error> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(Error::Unwritable { file: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}
