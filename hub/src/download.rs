//! The bytes of one file. What comes is kept in `TAG.incomplete`, so that a try that is cut, or a process that is killed,
//! costs what was on its way and no more; it gets its name when its length and its sum are right.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use mtlift_files::{Lock, rename_atomically};

use crate::cache::Place;
use crate::client::{Answer, Ask, unreached};
use crate::digest;
use crate::error::Error;
use crate::failure::{Failure, patiently};
use crate::location::shown;
use crate::observer::Observer;
use crate::remote::{Asked, Metadata, Remote};

/// One file of a commit.
pub(crate) struct Download<'a> {
    pub(crate) remote: &'a Remote<'a>,
    pub(crate) place: &'a Place,
    pub(crate) commit: &'a str,
    pub(crate) file: &'a str,
    pub(crate) metadata: &'a Metadata,
}

impl Download<'_> {
    /// Makes the blob, unless it is there; whether it was made.
    pub(crate) fn run(&self, observer: &mut dyn Observer) -> Result<bool, Error> {
        let tag = &self.metadata.tag;
        let blob = self.place.blob(tag);
        if blob.exists() {
            return Ok(false);
        }
        self.place.make()?;
        let path = self.place.lock(tag);
        let _lock = match Lock::take(&path)? {
            Some(lock) => lock,
            None => {
                observer.note(&format!("{}: waiting for another process that is fetching it", self.file));
                Lock::wait(&path)?
            }
        };
        if blob.exists() {
            return Ok(false);
        }
        let incomplete = self.place.incomplete(tag);
        let here = fs::metadata(&incomplete).map_or(0, |metadata| metadata.len());
        observer.begin(self.file, self.metadata.size, here);
        self.fill(&incomplete, observer)?;
        let mut checked = self.check_or_remove(&incomplete);
        // What was here before may be to blame: a loss of power leaves zeros.
        if checked.is_err() && here > 0 {
            observer
                .note(&format!("{}: the part from an earlier try was damaged; beginning anew", self.file));
            self.fill(&incomplete, observer)?;
            checked = self.check_or_remove(&incomplete);
        }
        checked?;
        rename_atomically(&incomplete, &blob)?;
        observer.end(fs::metadata(&blob).map_or(0, |metadata| metadata.len()));
        Ok(true)
    }

    /// Fetches until all bytes are here, and on the disk.
    fn fill(&self, incomplete: &Path, observer: &mut dyn Observer) -> Result<(), Error> {
        // Not cut: what is here stays.
        let opened = File::options().create(true).truncate(false).read(true).write(true).open(incomplete);
        let mut file = opened.map_err(unwritable(incomplete))?;
        let patience = &self.remote.client.settings().patience;
        let mut longest = length(&file, incomplete)?;
        patiently(patience, observer, |tries, observer| {
            let result = self.go_on(&mut file, incomplete, tries, observer);
            let here = length(&file, incomplete)?;
            let further = here > longest;
            longest = longest.max(here);
            result.map_err(|failure| match failure {
                Failure::Passing { error, wait, .. } => Failure::Passing { error, wait, progress: further },
                other => other,
            })
        })?;
        file.sync_all().map_err(unwritable(incomplete))
    }

    /// Asks once for the bytes that are not here yet, and keeps what comes.
    fn go_on(
        &self,
        file: &mut File,
        incomplete: &Path,
        tries: u32,
        observer: &mut dyn Observer,
    ) -> Result<(), Failure> {
        let size = self.metadata.size;
        let mut here = length(file, incomplete)?;
        if size.is_some_and(|size| here > size) {
            here = cut(file, incomplete)?;
        }
        if size == Some(here) && here > 0 {
            return Ok(());
        }
        let address = self.remote.address(self.commit, self.file);
        let mut answer = self.remote.client.ask(Ask::Bytes(here), &address)?;
        match answer.response.status().as_u16() {
            206 if starts_at(&answer, here) => {}
            // All of it: this server knows no ranges.
            200 if here == 0 => {}
            200 => here = cut(file, incomplete)?,
            206 | 416 => {
                cut(file, incomplete)?;
                let (url, message) =
                    (shown(&answer.uri), Some(format!("to a request for bytes from {here}")));
                let status = answer.response.status().as_u16();
                return Err(Failure::passing(Error::Status { url, status, message }));
            }
            _ => {
                let asked = Asked::File { file: self.file, commit: self.commit };
                return Err(self.remote.refused(&answer, asked, tries));
            }
        }
        file.seek(SeekFrom::Start(here)).map_err(unwritable(incomplete))?;
        observer.position(here);
        let body = answer.response.body_mut().as_reader();
        // One byte too many is enough to know.
        let mut body = body.take(size.map_or(u64::MAX, |size| size - here + 1));
        let mut buffer = vec![0; 256 << 10];
        loop {
            let count = match body.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
                Err(error) => return Err(unreached(&answer.uri, ureq::Error::from(error))),
            };
            file.write_all(&buffer[..count]).map_err(unwritable(incomplete))?;
            here += count as u64;
            observer.position(here);
        }
        let expected = size.or_else(|| announced(&answer));
        match expected.filter(|&expected| here < expected) {
            None => Ok(()),
            Some(expected) => {
                let url = shown(&answer.uri);
                Err(Failure::passing(Error::Cut { url, expected, found: here, tries }))
            }
        }
    }

    fn check_or_remove(&self, incomplete: &Path) -> Result<(), Error> {
        let checked = self.check(incomplete);
        if checked.is_err() {
            fs::remove_file(incomplete).map_err(unwritable(incomplete))?;
        }
        checked
    }

    /// Whether the file has the length and the sum that the hub says.
    fn check(&self, incomplete: &Path) -> Result<(), Error> {
        let wrong = |what, expected: String, found: String| {
            let file = format!("{} of {}", self.file, self.remote.repository.id());
            Err(Error::Corrupt { file, what, expected, found })
        };
        let unreadable = |source| mtlift_files::Error::Unreadable { file: incomplete.to_owned(), source };
        let found = fs::metadata(incomplete).map_err(unreadable)?.len();
        if let Some(expected) = self.metadata.size.filter(|&expected| expected != found) {
            return wrong("the length", expected.to_string(), format!("{found} bytes or more"));
        }
        let tag = &self.metadata.tag;
        match digest::of_file(incomplete, tag).map_err(unreadable)? {
            Some((name, sum)) if sum != *tag => wrong(name, tag.clone(), sum),
            _ => Ok(()),
        }
    }
}

/// The length of the whole file, by the answer that brings its end.
fn announced(answer: &Answer) -> Option<u64> {
    let range = answer.header("content-range").and_then(|range| range.rsplit_once('/'));
    range.map_or_else(|| answer.header("content-length"), |(_, length)| Some(length))?.parse().ok()
}

/// Whether a part begins where it was asked to.
fn starts_at(answer: &Answer, here: u64) -> bool {
    let range = answer.header("content-range").and_then(|range| range.strip_prefix("bytes "));
    range.and_then(|range| range.split_once('-')).is_some_and(|(start, _)| start.parse() == Ok(here))
}

fn length(file: &File, path: &Path) -> Result<u64, Error> {
    Ok(file.metadata().map_err(unwritable(path))?.len())
}

/// Begins anew: the file is empty afterwards.
fn cut(file: &mut File, path: &Path) -> Result<u64, Error> {
    file.set_len(0).map_err(unwritable(path))?;
    Ok(0)
}

fn unwritable(path: &Path) -> impl Fn(io::Error) -> Error {
    let file: PathBuf = path.to_owned();
    move |source| Error::Unwritable { file: file.clone(), source }
}
