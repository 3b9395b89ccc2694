//! A study on disk.
//!
//! ```text
//! study.json          what was asked
//! runs/ID.json        what a run is, written before it begins; ID is the hash of its description
//! runs/ID.lock        held by the process that is making it
//! runs/ID/            the run, as `train` leaves it; result.json is written last
//! findings.json, report.html, tables/   written anew whenever they are asked for
//! ```
//!
//! Nothing else is state. Several processes may work on a study, and any of them may be killed at any moment: what is
//! done is what has a result, and a lock is released by the system.

mod orphans;
mod runs;
mod study_file;

use std::io::Write;
use std::path::{Path, PathBuf};

use mtlift_files::{
    UNFINISHED, bytes_in, check_own_directory, copy_directory, make_directory, names_in, remove_if_there,
    rename_atomically, write_atomically, write_record,
};
use serde::Serialize;

use crate::error::Error;
use crate::spec::Spec;

pub use orphans::Orphan;
pub(crate) use runs::Finished;

const STUDY: &str = "study.json";
const RUNS: &str = "runs";
/// What may stand in a study's directory, besides temporary files.
const OURS: [&str; 5] = [STUDY, RUNS, "findings.json", "report.html", "tables"];

/// A study's directory.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    path: PathBuf,
}

impl Store {
    /// The study that is, or is to be, in a directory.
    pub(crate) fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// Whether a directory can hold a study: it is empty or not there, or holds this very study, or a smaller one that
    /// `spec` grows. Says in which way it grows.
    pub(crate) fn check(path: &Path, spec: &Spec, resume: bool) -> Result<Vec<String>, Error> {
        let store = Self::at(path);
        store.check_links()?;
        let mut grown = Vec::new();
        if store.file().exists() {
            let there = study_file::read(&store.file())?;
            grown = there.grown_into(spec).map_err(|differences| Error::OtherStudy {
                directory: path.to_owned(),
                differences: differences.join(", "),
            })?;
            if !resume {
                return Err(Error::Exists { directory: path.to_owned() });
            }
        } else if path.exists() {
            let ours = |name: &str| name.starts_with(UNFINISHED) || OURS[1..].contains(&name);
            if let Some(entry) = names_in(path)?.into_iter().find(|name| !ours(name)) {
                return Err(Error::Occupied { directory: path.to_owned(), entry });
            }
        }
        Ok(grown)
    }

    /// Makes the study's directory, or lets the study that is there grow. Another process may have done so since
    /// [`Store::check`]: the two work together.
    pub(crate) fn begin(&self, spec: &Spec) -> Result<(), Error> {
        let grown = Self::check(&self.path, spec, true)?;
        make_directory(&self.runs())?;
        if !self.file().exists() || !grown.is_empty() {
            study_file::write(&self.file(), spec)?;
        }
        Ok(())
    }

    /// A study that is there.
    pub(crate) fn existing(path: &Path) -> Result<(Self, Spec), Error> {
        let store = Self::at(path);
        if !store.file().exists() {
            return Err(Error::NoStudy { directory: path.to_owned() });
        }
        store.check_links()?;
        let spec = study_file::read(&store.file())?;
        spec.check()?;
        Ok((store, spec))
    }

    /// Bytes of all that is in the study's directory.
    pub(crate) fn all_bytes(&self) -> u64 {
        bytes_in(&self.path)
    }

    /// Whether nothing in the study's own directories leads elsewhere.
    fn check_links(&self) -> Result<(), Error> {
        let own = [self.path.clone(), self.runs(), self.path.join("tables")];
        Ok(own.iter().try_for_each(|directory| check_own_directory(directory))?)
    }

    fn runs(&self) -> PathBuf {
        self.path.join(RUNS)
    }

    fn file(&self) -> PathBuf {
        self.path.join(STUDY)
    }

    /// Takes over a finished run of another study, if it has it. What is made is complete or not there.
    pub(crate) fn adopt(&self, other: &Store, id: &str) -> Result<bool, Error> {
        if !other.is_finished(id) {
            return Ok(false);
        }
        let unfinished = self.runs().join(format!("{UNFINISHED}{id}"));
        remove_if_there(&unfinished)?;
        copy_directory(&other.run(id), &unfinished)?;
        remove_if_there(&self.run(id))?;
        rename_atomically(&unfinished, &self.run(id))?;
        Ok(true)
    }

    /// Writes a text file of the study.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<(), Error> {
        let file = self.path.join(name);
        if let Some(parent) = file.parent() {
            make_directory(parent)?;
        }
        Ok(write_atomically(&file, |to| writeln!(to, "{}", text.trim_end_matches('\n')))?)
    }

    /// Writes a record of the study.
    pub(crate) fn write_record(&self, name: &str, record: &impl Serialize) -> Result<(), Error> {
        Ok(write_record(&self.path.join(name), record)?)
    }

    /// Removes a file of the study, if it is there.
    pub(crate) fn remove_file(&self, name: &str) -> Result<(), Error> {
        Ok(remove_if_there(&self.path.join(name))?)
    }

    /// Removes what killed processes left half written beside these runs, and in them. Only for when all are finished.
    pub(crate) fn tidy<'a>(&self, mut ids: impl Iterator<Item = &'a str>) -> Result<(), Error> {
        ids.try_for_each(|id| self.files(id).tidy())?;
        let runs = self.runs();
        let left = names_in(&runs)?.into_iter().filter(|name| name.starts_with(UNFINISHED));
        left.into_iter().try_for_each(|name| Ok(remove_if_there(&runs.join(name))?))
    }
}

#[cfg(test)]
mod tests;
