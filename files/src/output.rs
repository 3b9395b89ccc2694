//! Where a user asks for a result: a file, or something that takes bytes. A file is written whole or not at all, and
//! never over another one unasked. A device or a pipe is no file to be replaced: it is opened and written to.

use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;

use crate::{Error, write_atomically};

/// Writes what `write` gives to the place that a user named. `-` and `/dev/stdout` are standard output. Where a file is
/// already, it is replaced only with `force`; a link is written through.
///
/// # Errors
/// As [`check_output`], or if `write` fails or the place cannot be written. A reader of standard output that has gone away
/// is no error.
pub fn write_output(
    path: &Path,
    force: bool,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    check_output(path, force)?;
    if is_standard_output(path) {
        let mut out = BufWriter::new(io::stdout().lock());
        return match write(&mut out).and_then(|()| out.flush()) {
            Err(fault) if fault.kind() == ErrorKind::BrokenPipe => Ok(()),
            result => result.map_err(|source| unwritable(path, source)),
        };
    }
    if fs::symlink_metadata(path).is_ok_and(|entry| !entry.is_file()) {
        write_in_place(path, write)
    } else {
        write_atomically(path, |file| write(file))
    }
}

/// Whether [`write_output`] would write there; asked before the work whose result is to be written. Nothing is opened.
///
/// # Errors
/// If there is a file and `force` is not given, if the place is a directory, or if there is no directory to hold it.
pub fn check_output(path: &Path, force: bool) -> Result<(), Error> {
    if is_standard_output(path) {
        return Ok(());
    }
    match fs::metadata(path) {
        Ok(there) if there.is_file() && !force => Err(Error::Exists { file: path.to_owned() }),
        Ok(there) if there.is_dir() => Err(unwritable(path, ErrorKind::IsADirectory.into())),
        Ok(_) => Ok(()),
        Err(_) => match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => {
                fs::metadata(parent).map(drop).map_err(|source| unwritable(path, source))
            }
            _ => Ok(()),
        },
    }
}

/// Whether what is written there goes where the process prints. `/dev/stdout` is the same stream: opened by its name, a
/// file behind it would be overwritten from its beginning.
pub fn is_standard_output(path: &Path) -> bool {
    path == Path::new("-") || path == Path::new("/dev/stdout")
}

fn write_in_place(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Error> {
    // A link may lead to a file that is not there yet.
    let opened = OpenOptions::new().write(true).create(true).truncate(true).open(path);
    let written = opened.map(BufWriter::new).and_then(|mut file| {
        write(&mut file)?;
        file.flush()
    });
    written.map_err(|source| unwritable(path, source))
}

fn unwritable(path: &Path, source: io::Error) -> Error {
    Error::Unwritable { file: path.to_owned(), source }
}
