//! A place that one process at a time may write to. The lock is the operating system's, on an open file, so it is
//! released when its process dies; nothing is left to be cleaned up.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::{Error, check_own};

/// A lock that is held while the value lives.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of this file, which is made if need be; none if another process holds it.
    ///
    /// # Errors
    /// If the file cannot be made or is a link, or the system has no locks there.
    pub fn take(path: &Path) -> Result<Option<Lock>, Error> {
        let file = open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(unwritable(path, source)),
        }
    }

    /// Takes the lock of this file, which is made if need be, as soon as no other process holds it.
    ///
    /// # Errors
    /// As [`Lock::take`].
    pub fn wait(path: &Path) -> Result<Lock, Error> {
        let file = open(path)?;
        file.lock().map_err(|source| unwritable(path, source))?;
        Ok(Lock { _file: file })
    }

    /// Whether somebody holds the lock of this file; nobody does where there is no such file.
    pub fn is_held(path: &Path) -> bool {
        File::open(path).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}

fn open(path: &Path) -> Result<File, Error> {
    check_own(path)?;
    // Never emptied: whatever was written there is somebody's.
    let file = File::options().write(true).create(true).truncate(false).open(path);
    file.map_err(|source| unwritable(path, source))
}

fn unwritable(path: &Path, source: std::io::Error) -> Error {
    Error::Unwritable { file: path.to_owned(), source }
}
