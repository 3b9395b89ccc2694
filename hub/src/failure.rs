//! A try that failed: for good, or in a way that another try may mend. The tries and the pauses between them are here, so
//! that whoever asks the hub states only what one try is.

use std::thread;
use std::time::Duration;

use crate::error::Error;
use crate::observer::Observer;
use crate::settings::Patience;

/// Why one try failed.
pub(crate) enum Failure {
    /// Another try would fail too.
    Final(Error),
    /// Another try may succeed.
    Passing {
        /// What is said if none does.
        error: Error,
        /// How long the server asks to wait.
        wait: Option<Duration>,
        /// Whether this try brought something that stays.
        progress: bool,
    },
}

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Final(error.into())
    }
}

impl Failure {
    pub(crate) fn passing(error: Error) -> Self {
        Self::Passing { error, wait: None, progress: false }
    }
}

/// Tries until one succeeds, fails for good, or too many in a row have brought nothing. The try is given its number.
///
/// # Errors
/// The last try's.
pub(crate) fn patiently<T>(
    patience: &Patience,
    observer: &mut dyn Observer,
    mut once: impl FnMut(u32, &mut dyn Observer) -> Result<T, Failure>,
) -> Result<T, Error> {
    let mut tries = 1;
    loop {
        let (error, wait, progress) = match once(tries, observer) {
            Ok(value) => return Ok(value),
            Err(Failure::Final(error)) => return Err(error),
            Err(Failure::Passing { error, wait, progress }) => (error, wait, progress),
        };
        if progress {
            tries = 1;
        }
        if tries > patience.retries || wait.is_some_and(|wait| wait > patience.longest_wait) {
            return Err(error);
        }
        let pause = wait.unwrap_or(patience.pause * (1 << (tries - 1).min(3)));
        observer.note(&format!("{error}; trying again in {} s", pause.as_secs()));
        thread::sleep(pause);
        tries += 1;
    }
}
