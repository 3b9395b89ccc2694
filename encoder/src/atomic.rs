//! Files that are whole or not there: whoever is killed while writing, or runs out of disk, leaves the old file as it
//! was. A temporary file in the same directory is written, flushed to the disk and renamed; then the directory is
//! flushed, so that the new name too survives a loss of power.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::Error;

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

fn replace(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    // Made by `File::create_new` rather than as a private file, so that it gets the mode any new file would.
    let (file, temporary) = tempfile::Builder::new()
        .prefix(".unfinished-")
        .make_in(directory, |path| File::create_new(path))?
        .into_parts();
    let mut writer = BufWriter::with_capacity(1 << 20, file);
    write(&mut writer)?;
    writer.flush()?;
    writer.get_ref().sync_all()?;
    temporary.persist(path).map_err(|failure| failure.error)?;
    sync_directory(directory)
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
