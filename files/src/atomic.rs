//! Files that are whole or not there: whoever is killed while writing, or runs out of disk, leaves the old file as it
//! was. A temporary file in the same directory is written, flushed to the disk and renamed; then the directory is
//! flushed, so that the new name too survives a loss of power.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::Error;

/// How the names of files begin that are not yet whole. One that stays was left by a process that was killed.
pub const UNFINISHED: &str = ".unfinished-";

/// Writes a file whole or not at all; `write` gives its content.
///
/// # Errors
/// If `write` fails or the file cannot be written; what was at `path` is then still there, unchanged.
pub fn write_atomically(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), Error> {
    replace(path, write).map_err(|source| Error::Unwritable { file: path.to_owned(), source })
}

/// Gives what is at `from` the name `to` in the same directory, for good: the name too survives a loss of power.
///
/// # Errors
/// If the system refuses; what was at `from` is then still there.
pub fn rename_atomically(from: &Path, to: &Path) -> Result<(), Error> {
    let renamed = fs::rename(from, to).and_then(|()| sync_directory(parent(to)));
    renamed.map_err(|source| Error::Unwritable { file: to.to_owned(), source })
}

fn replace(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
    let directory = parent(path);
    // Made by `File::create_new` rather than as a private file, so that it gets the mode any new file would.
    let (file, temporary) = tempfile::Builder::new()
        .prefix(UNFINISHED)
        .make_in(directory, |path| File::create_new(path))?
        .into_parts();
    let mut writer = BufWriter::with_capacity(1 << 20, file);
    write(&mut writer)?;
    writer.flush()?;
    writer.get_ref().sync_all()?;
    temporary.persist(path).map_err(|failure| failure.error)?;
    sync_directory(directory)
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(unix)]
fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Elsewhere a directory cannot be opened as a file; the rename is as durable as the system makes it.
#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}
