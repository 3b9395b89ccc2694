//! Logs: a JSON object a line. They are the one kind of file that grows; a process that goes on from a checkpoint cuts
//! them back to where they were then.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Error, check_own, read_text};

/// A log that is being written.
#[derive(Debug)]
pub struct Log {
    file: File,
    path: PathBuf,
    length: u64,
}

impl Log {
    /// Opens a log, to be cut before the first line is added.
    ///
    /// # Errors
    /// If it cannot be opened or made, or is a link.
    pub fn open(path: &Path) -> Result<Self, Error> {
        check_own(path)?;
        let file = OpenOptions::new().create(true).append(true).read(true).open(path);
        let file = file.map_err(|source| Error::Unwritable { file: path.to_owned(), source })?;
        Ok(Self { file, path: path.to_owned(), length: 0 })
    }

    /// Whether its first `length` bytes are whole lines, so that it can be cut there.
    ///
    /// # Errors
    /// If it is shorter, or a line goes on there; with both lengths.
    pub fn check_cut(&self, length: u64) -> Result<(), Error> {
        let unreadable = |source| Error::Unreadable { file: self.path.clone(), source };
        let there = self.file.metadata().map_err(unreadable)?.len();
        let fault = |what| Err(Error::Record { file: self.path.clone(), what });
        if length > there {
            return fault(format!("expected {length} bytes or more, found {there}"));
        }
        let Some(last) = length.checked_sub(1) else { return Ok(()) };
        let mut byte = [0];
        let mut file = &self.file;
        file.seek(SeekFrom::Start(last)).and_then(|_| file.read_exact(&mut byte)).map_err(unreadable)?;
        if byte == *b"\n" { Ok(()) } else { fault(format!("expected the end of a line at byte {length}")) }
    }

    /// Forgets what is past `length` bytes.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn cut(&mut self, length: u64) -> Result<(), Error> {
        self.length = length;
        self.file.set_len(length).map_err(|source| Error::Unwritable { file: self.path.clone(), source })
    }

    /// Adds a line.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn append(&mut self, record: &impl Serialize) -> Result<(), Error> {
        let unwritable = |source| Error::Unwritable { file: self.path.clone(), source };
        let mut line = serde_json::to_vec(record).map_err(|source| unwritable(source.into()))?;
        line.push(b'\n');
        self.file.write_all(&line).map_err(unwritable)?;
        self.length += line.len() as u64;
        Ok(())
    }

    /// Flushes to the disk and says how many bytes long the log is.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn sync(&mut self) -> Result<u64, Error> {
        self.file.sync_data().map_err(|source| Error::Unwritable { file: self.path.clone(), source })?;
        Ok(self.length)
    }
}

/// All records of a log.
///
/// # Errors
/// If it cannot be read; with the line, if one is no such record.
pub fn read_log<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, Error> {
    let text = read_text(path)?;
    let record = |(line, text): (usize, &str)| {
        serde_json::from_str(text).map_err(|fault| Error::Record {
            file: path.to_owned(),
            what: format!("line {}: {fault}", line + 1),
        })
    };
    text.lines().enumerate().map(record).collect()
}
