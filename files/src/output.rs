//! Where a user asks for a result: a file, or something that takes bytes. A file is written whole or not at all, and
//! never over another one unasked. A device or a pipe is no file to be replaced: it is opened and written to.

use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;

use crate::{Error, write_atomically};

/// Writes what `write` gives to the place that a user named. `-` is standard output. Where a file is already, it is
/// replaced only with `force`; a link is written through.
///
/// # Errors
/// If there is a file and `force` is not given, or `write` fails or the place cannot be written. A reader of standard
/// output that has gone away is no error.
pub fn write_output(
    path: &Path,
    force: bool,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    if path == Path::new("-") {
        let mut out = BufWriter::new(io::stdout().lock());
        return match write(&mut out).and_then(|()| out.flush()) {
            Err(fault) if fault.kind() == ErrorKind::BrokenPipe => Ok(()),
            result => result.map_err(|source| Error::Unwritable { file: path.to_owned(), source }),
        };
    }
    match fs::metadata(path) {
        Ok(there) if there.is_file() && !force => Err(Error::Exists { file: path.to_owned() }),
        Ok(_) if !is_regular(path) => write_in_place(path, write),
        _ => write_atomically(path, |file| write(file)),
    }
}

/// Whether the name itself is that of a file, and not of a link to one.
fn is_regular(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|entry| entry.is_file())
}

fn write_in_place(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Error> {
    let opened = OpenOptions::new().write(true).truncate(true).open(path);
    let written = opened.map(BufWriter::new).and_then(|mut file| {
        write(&mut file)?;
        file.flush()
    });
    written.map_err(|source| Error::Unwritable { file: path.to_owned(), source })
}
