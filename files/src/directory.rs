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

/// Makes a directory and those above it, where they are not there.
///
/// # Errors
/// If the system refuses.
pub fn make_directory(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(|source| Error::Unwritable { file: path.to_owned(), source })
}

/// Copies a directory with all that is in it, flushed to the disk.
///
/// # Errors
/// If something of it cannot be read or written; what was copied until then stays.
pub fn copy_directory(from: &Path, to: &Path) -> Result<(), Error> {
    make_directory(to)?;
    for name in names_in(from)? {
        let (source, place) = (from.join(&name), to.join(&name));
        if source.is_dir() {
            copy_directory(&source, &place)?;
        } else {
            let copied = fs::copy(&source, &place).and_then(|_| fs::File::open(&place)?.sync_all());
            copied.map_err(|source| Error::Unwritable { file: place, source })?;
        }
    }
    Ok(())
}

/// Bytes of the files in a directory and below it; none where there is no directory.
pub fn bytes_in(path: &Path) -> u64 {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let size = |entry: fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => bytes_in(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    };
    entries.map(size).sum()
}
