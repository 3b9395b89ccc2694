//! What the hub says of a repository: its commit, its files, and of each file its tag and its size. Here too every status
//! other than success gets its meaning, from the hub's own `X-Error-Code` where there is one.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::client::{Answer, Ask, Client, is_redirect, not_a_hub};
use crate::error::Error;
use crate::failure::{Failure, patiently};
use crate::location::{host, shown};
use crate::names::{entity_tag, is_commit, stays_inside};
use crate::observer::Observer;
use crate::repository::{Kind, Repository};

/// What needs no escape in one part of an address.
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The same, for a path of such parts.
const PATH: &AsciiSet = &PART.remove(b'/');

/// The listing of a revision is a few hundred bytes a file.
const LARGEST_LISTING: u64 = 64 << 20;

/// A repository at one commit.
pub(crate) struct Listing {
    pub(crate) commit: String,
    /// Names with `/`, none of which leads out of the folder.
    pub(crate) files: Vec<String>,
}

/// What the hub says of a file.
pub(crate) struct Metadata {
    /// The name of its bytes.
    pub(crate) tag: String,
    pub(crate) size: Option<u64>,
}

/// One repository of a hub.
pub(crate) struct Remote<'a> {
    pub(crate) client: &'a Client,
    pub(crate) repository: &'a Repository,
}

/// What was asked for, for the message if it is not there.
#[derive(Clone, Copy)]
pub(crate) enum Asked<'a> {
    Revision(&'a str),
    File { file: &'a str, commit: &'a str },
}

impl Remote<'_> {
    /// The commit that a branch, tag or commit means, and its files.
    pub(crate) fn list(&self, revision: &str, observer: &mut dyn Observer) -> Result<Listing, Error> {
        #[derive(Deserialize)]
        struct Sibling {
            rfilename: String,
        }
        #[derive(Deserialize)]
        struct Info {
            sha: String,
            siblings: Vec<Sibling>,
        }
        let (id, kind) = (self.repository.id(), self.repository.kind().name());
        let path = format!("api/{kind}s/{id}/revision/{}", utf8_percent_encode(revision, PART));
        let (uri, bytes) = patiently(&self.client.settings().patience, observer, |tries, _| {
            let mut answer = self.client.ask(Ask::Document, &path)?;
            if answer.response.status() != 200 {
                return Err(self.refused(&answer, Asked::Revision(revision), tries));
            }
            let body = answer.response.body_mut().with_config().limit(LARGEST_LISTING);
            let bytes = body.read_to_vec().map_err(|error| crate::client::unreached(&answer.uri, error))?;
            Ok((answer.uri, bytes))
        })?;
        let info: Info =
            serde_json::from_slice(&bytes).map_err(|error| not_a_hub(&uri, error.to_string()))?;
        if !is_commit(&info.sha) {
            return Err(not_a_hub(&uri, format!("`{}` is no commit", info.sha)));
        }
        let files: Vec<String> = info.siblings.into_iter().map(|sibling| sibling.rfilename).collect();
        if let Some(file) = files.iter().find(|file| !stays_inside(file)) {
            return Err(Error::FileName { id: id.to_owned(), file: file.clone() });
        }
        Ok(Listing { commit: info.sha, files })
    }

    /// The tag and the size of a file.
    pub(crate) fn metadata(
        &self,
        commit: &str,
        file: &str,
        observer: &mut dyn Observer,
    ) -> Result<Metadata, Error> {
        patiently(&self.client.settings().patience, observer, |tries, _| {
            let answer = self.client.ask(Ask::Head, &self.address(commit, file))?;
            let status = answer.response.status();
            if !status.is_success() && !is_redirect(status) {
                return Err(self.refused(&answer, Asked::File { file, commit }, tries));
            }
            let missing = |name: &str| not_a_hub(&answer.uri, format!("there is no {name} header"));
            answer.header("x-repo-commit").ok_or_else(|| missing("X-Repo-Commit"))?;
            let tag = answer.header("x-linked-etag").or_else(|| answer.header("etag"));
            let tag = tag.ok_or_else(|| missing("ETag"))?;
            let wrong = || not_a_hub(&answer.uri, format!("the ETag is `{tag}`"));
            let tag = entity_tag(tag).ok_or_else(wrong)?;
            // A redirect's own length is that of its page.
            let length = || answer.header("content-length").filter(|_| !is_redirect(status));
            let size = answer.header("x-linked-size").or_else(length);
            Ok(Metadata { tag, size: size.and_then(|size| size.parse().ok()) })
        })
    }

    /// Where a file of a commit is, below the endpoint.
    pub(crate) fn address(&self, commit: &str, file: &str) -> String {
        format!("{}/resolve/{commit}/{}", self.repository.path(), utf8_percent_encode(file, PATH))
    }

    /// The page for people.
    fn page(&self) -> String {
        format!("{}/{}", self.client.settings().endpoint, self.repository.path())
    }

    /// What an answer means that is not what was asked for.
    pub(crate) fn refused(&self, answer: &Answer, asked: Asked<'_>, tries: u32) -> Failure {
        let (id, page, token) = (self.repository.id().to_owned(), self.page(), self.client.has_token());
        let message = answer.header("x-error-message").map(str::to_owned);
        let status = answer.response.status().as_u16();
        let (url, host) = (shown(&answer.uri), host(&answer.uri));
        let no_repository = || Error::NoRepository {
            endpoint: self.client.settings().endpoint.clone(),
            kind: match self.repository.kind() {
                Kind::Model => "model",
                Kind::Dataset => "data set",
            },
            id: id.clone(),
            token,
        };
        let bad_token = message.as_deref().is_some_and(|message| message.starts_with("Invalid credentials"));
        let error = match (answer.header("x-error-code"), status, asked) {
            (Some("GatedRepo"), ..) => Error::Gated { id, page, token },
            (Some("RepoNotFound"), ..) => no_repository(),
            (Some("RevisionNotFound"), _, Asked::Revision(revision)) => {
                Error::NoRevision { id, revision: revision.to_owned(), page }
            }
            (Some("EntryNotFound"), _, Asked::File { file, commit })
            | (_, 404, Asked::File { file, commit }) => {
                Error::NoFile { id, file: file.to_owned(), commit: commit.to_owned() }
            }
            (_, 401, _) if bad_token => Error::TokenRefused { host },
            // The hub does not tell a stranger whether a repository is private or not there.
            (_, 401 | 404, _) => no_repository(),
            (_, 403, _) => Error::Forbidden { id, page, message },
            (_, 429, _) => {
                let wait = answer.wait();
                let error = Error::TooManyRequests { host, wait: wait.unwrap_or_default(), token };
                return Failure::Passing { error, wait, progress: false };
            }
            (_, 408 | 500..=504, _) => {
                let error = Error::Unavailable { url, status, tries };
                return Failure::Passing { error, wait: answer.wait(), progress: false };
            }
            _ => Error::Status { url, status, message },
        };
        Failure::Final(error)
    }
}
