//! The hub's cache as every program lays it out: `models--OWNER--NAME/` with `blobs/TAG`, `snapshots/COMMIT/FILE` as relative
//! links to them, and `refs/REVISION` with a commit. A revision gets its commit last, so what it names here is whole.

use std::fs;
use std::path::{Path, PathBuf};

use mtlift_files::{Lock, make_directory, read_text, write_atomically};

use crate::error::Error;
use crate::repository::Repository;
use crate::settings::cache_folder;
use crate::variables::{Variables, from_process};

/// The folder that all programs share.
#[derive(Clone, Debug)]
pub struct Cache {
    root: PathBuf,
}

impl Cache {
    /// The cache of this process's environment: `HF_HUB_CACHE`, by default `HF_HOME/hub`. No other setting is read.
    ///
    /// # Errors
    /// If a variable is not Unicode, or no home folder is known.
    pub fn from_env() -> Result<Self, Error> {
        Ok(Self::new(cache_folder(&Variables::new(&from_process))?))
    }

    /// The cache in this folder, which need not be there.
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn place(&self, repository: &Repository) -> Place {
        let folder = repository.folder();
        Place { locks: self.root.join(".locks").join(&folder), root: self.root.join(folder) }
    }
}

/// Where one repository's files are.
pub(crate) struct Place {
    root: PathBuf,
    locks: PathBuf,
}

impl Place {
    pub(crate) fn blob(&self, tag: &str) -> PathBuf {
        self.root.join("blobs").join(tag)
    }

    /// What of a blob has come so far.
    pub(crate) fn incomplete(&self, tag: &str) -> PathBuf {
        self.root.join("blobs").join(format!("{tag}.incomplete"))
    }

    /// The file whose lock its writer holds; Python takes the same one.
    pub(crate) fn lock(&self, tag: &str) -> PathBuf {
        self.locks.join(format!("{tag}.lock"))
    }

    pub(crate) fn snapshot(&self, commit: &str) -> PathBuf {
        self.root.join("snapshots").join(commit)
    }

    pub(crate) fn reference(&self, revision: &str) -> PathBuf {
        self.root.join("refs").join(revision)
    }

    /// Makes the folders in which a blob and its lock are.
    pub(crate) fn make(&self) -> Result<(), Error> {
        make_directory(&self.root.join("blobs"))?;
        Ok(make_directory(&self.locks)?)
    }

    /// Gives a blob its name in a commit. A link that leads nowhere is replaced.
    pub(crate) fn link(&self, tag: &str, commit: &str, file: &str) -> Result<(), Error> {
        let pointer = self.snapshot(commit).join(file);
        make_directory(pointer.parent().expect("a file of a snapshot has a parent"))?;
        if pointer.exists() {
            return Ok(());
        }
        // Whoever finds no link has to look again when no other is making it: else it would remove that one.
        self.make()?;
        let _lock = Lock::wait(&self.lock(tag))?;
        if pointer.exists() {
            return Ok(());
        }
        mtlift_files::remove_if_there(&pointer)?;
        let up = "../".repeat(file.split('/').count() + 1);
        let linked = symlink(&format!("{up}blobs/{tag}"), &pointer);
        // Two processes link the same; and where there are no links, a copy does.
        match linked {
            Err(_) if pointer.exists() => Ok(()),
            Err(_) => fs::copy(self.blob(tag), &pointer)
                .map(drop)
                .map_err(|source| Error::Unwritable { file: pointer, source }),
            Ok(()) => Ok(()),
        }
    }

    /// Writes which commit a revision is.
    pub(crate) fn refer(&self, revision: &str, commit: &str) -> Result<(), Error> {
        let reference = self.reference(revision);
        let known = reference.is_file() && read_text(&reference)? == commit;
        if revision == commit || known {
            return Ok(());
        }
        make_directory(reference.parent().expect("a reference has a parent"))?;
        Ok(write_atomically(&reference, |out| std::io::Write::write_all(out, commit.as_bytes()))?)
    }
}

#[cfg(unix)]
fn symlink(target: &str, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(windows)]
fn symlink(target: &str, link: &Path) -> std::io::Result<()> {
    std::os::windows::fs::symlink_file(target.replace('/', "\\"), link)
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;
    use crate::repository::Kind;

    /// One that came late removed the link of the first, to make it again.
    #[test]
    fn a_link_once_made_is_never_gone() {
        let directory = tempfile::tempdir().unwrap();
        let repository = Repository::new(Kind::Model, "owner/small").unwrap();
        let place = Cache::new(directory.path().to_owned()).place(&repository);
        place.make().unwrap();
        fs::write(place.blob("tag"), "bytes").unwrap();
        let (together, failed) = (Barrier::new(4), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for file in (0..800).map(|file| file.to_string()) {
                        together.wait();
                        let linked = place.link("tag", "commit", &file);
                        let is_there = place.snapshot("commit").join(&file).exists();
                        // A panic here would leave the others waiting.
                        failed.fetch_add(usize::from(linked.is_err() || !is_there), Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(failed.into_inner(), 0);
    }
}
