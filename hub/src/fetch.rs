//! A name and a revision in, a folder with its files out: fetched, or found in the cache.

use std::fs;

use crate::cache::Cache;
use crate::client::Client;
use crate::download::Download;
use crate::error::Error;
use crate::names::check_revision;
use crate::observer::Observer;
use crate::remote::Remote;
use crate::repository::Repository;
use crate::settings::Settings;
use crate::snapshot::{FetchedFile, Snapshot};

/// A hub and the cache of what came from it.
pub struct Hub {
    client: Client,
    cache: Cache,
}

impl Hub {
    /// The hub and the cache of these settings. Nothing is asked or read yet.
    pub fn new(settings: Settings) -> Self {
        Self { cache: Cache::new(settings.cache.clone()), client: Client::new(settings) }
    }

    /// Fetches the files of a revision that `choose` picks from the list of all, in its order; what is in the cache is not
    /// fetched again. Offline, the cache's own list is what there is.
    ///
    /// # Errors
    /// If the hub refuses or cannot be reached, `choose` finds something missing, bytes are not what the hub says they
    /// are, or the disk is full. What came until then stays, and the next call goes on from there.
    pub fn fetch(
        &self,
        repository: &Repository,
        revision: &str,
        choose: impl Fn(&[String]) -> Result<Vec<String>, String>,
        observer: &mut dyn Observer,
    ) -> Result<Snapshot, Error> {
        check_revision(revision)?;
        let id = repository.id();
        if self.client.settings().offline {
            let offline = || Error::Offline { id: id.to_owned(), cache: self.cache.root().to_owned() };
            return self.cache.find(repository, revision, choose)?.ok_or_else(offline);
        }
        let remote = Remote { client: &self.client, repository };
        let listing = remote.list(revision, observer)?;
        let chosen = choose(&listing.files).map_err(|reason| Error::Missing { id: id.to_owned(), reason })?;
        let place = self.cache.place(repository);
        let directory = place.snapshot(&listing.commit);
        let mut files = Vec::with_capacity(chosen.len());
        for name in chosen {
            let path = directory.join(&name);
            let mut downloaded = false;
            // A commit never changes, and nor do its files.
            if !path.is_file() {
                let metadata = &remote.metadata(&listing.commit, &name, observer)?;
                let (remote, place, commit) = (&remote, &place, &*listing.commit);
                downloaded = Download { remote, place, commit, file: &name, metadata }.run(observer)?;
                place.link(&metadata.tag, commit, &name)?;
            }
            let unreadable = |source| mtlift_files::Error::Unreadable { file: path.clone(), source };
            let bytes = fs::metadata(&path).map_err(unreadable)?.len();
            files.push(FetchedFile { name, bytes, downloaded });
        }
        place.refer(revision, &listing.commit)?;
        Ok(Snapshot { commit: listing.commit, directory, files })
    }
}
