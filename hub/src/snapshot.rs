//! What of a repository is in the cache. Looking needs no hub, no token and no network.

use std::fs;
use std::path::{Path, PathBuf};

use mtlift_files::{names_in, read_text};

use crate::cache::Cache;
use crate::error::Error;
use crate::names::{check_revision, is_commit};
use crate::repository::Repository;

/// A repository's files at one commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The commit.
    pub commit: String,
    /// The folder that has the files under their names in the repository.
    pub directory: PathBuf,
    /// What was asked for.
    pub files: Vec<FetchedFile>,
}

/// A file of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedFile {
    /// Its name in the repository, with `/`.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Whether its bytes came now; otherwise they were here.
    pub downloaded: bool,
}

impl Cache {
    /// The files that `choose` picks of a revision in the cache; none if something is missing there. Asks nothing of the
    /// network.
    ///
    /// # Errors
    /// If the revision can be none, or what is there cannot be read.
    pub fn find(
        &self,
        repository: &Repository,
        revision: &str,
        choose: impl Fn(&[String]) -> Result<Vec<String>, String>,
    ) -> Result<Option<Snapshot>, Error> {
        let Some((commit, directory)) = self.snapshot(repository, revision)? else { return Ok(None) };
        let Ok(chosen) = choose(&files_below(&directory)?) else { return Ok(None) };
        let file = |name: String| {
            let path = directory.join(&name);
            match fs::metadata(&path) {
                Ok(metadata) => Ok(FetchedFile { name, bytes: metadata.len(), downloaded: false }),
                Err(source) => Err(mtlift_files::Error::Unreadable { file: path, source }),
            }
        };
        let files = chosen.into_iter().map(file).collect::<Result<_, _>>()?;
        Ok(Some(Snapshot { commit, directory, files }))
    }

    /// The commit and the folder of a repository's revision, if some of its files are here.
    ///
    /// # Errors
    /// If the revision can be none, or what is here cannot be read.
    pub fn snapshot(
        &self,
        repository: &Repository,
        revision: &str,
    ) -> Result<Option<(String, PathBuf)>, Error> {
        check_revision(revision)?;
        let place = self.place(repository);
        let reference = place.reference(revision);
        let commit =
            if reference.is_file() { read_text(&reference)?.trim().to_owned() } else { revision.to_owned() };
        let directory = place.snapshot(&commit);
        Ok((is_commit(&commit) && directory.is_dir()).then_some((commit, directory)))
    }
}

/// The files in a folder and below it, with `/`, in order. A link that leads nowhere is none, and one to a folder is not followed:
/// links to folders can lead back, each to all others.
fn files_below(directory: &Path) -> Result<Vec<String>, Error> {
    let mut files = Vec::new();
    for name in names_in(directory)? {
        let path = directory.join(&name);
        if path.is_dir() && !path.is_symlink() {
            files.extend(files_below(&path)?.into_iter().map(|file| format!("{name}/{file}")));
        } else if path.is_file() {
            files.push(name);
        }
    }
    Ok(files)
}
