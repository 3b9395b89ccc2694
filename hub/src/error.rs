//! What can go wrong between a name and its files. A message says which name or file, what came in place of it, and what to do.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// A failure to find, fetch or keep a repository's files.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the message of each variant is its documentation, and names every field")]
pub enum Error {
    #[error("{name}: expected {expected}{}", found.as_ref().map_or(String::new(), |found| format!(", found `{found}`")))]
    Setting { name: String, expected: &'static str, found: Option<String> },
    #[error("`{name}` is no name of the hub's: {reason}")]
    Name { name: String, reason: String },

    #[error("HF_HUB_OFFLINE is set, and {id} is not whole in {}: fetch it once without HF_HUB_OFFLINE", cache.display())]
    Offline { id: String, cache: PathBuf },
    #[error("cannot reach {host}: {reason}. Check the connection, the proxy and HF_ENDPOINT")]
    Unreachable { host: String, reason: String },
    #[error("{url}: the hub answers {status} after {tries} tries: try again later")]
    Unavailable { url: String, status: u16, tries: u32 },
    #[error("{host} has had too many requests and asks to wait {} s: try again then{}", wait.as_secs(), if *token { "" } else { "; with HF_TOKEN set the limit is higher" })]
    TooManyRequests { host: String, wait: Duration, token: bool },
    #[error("{url}: unexpected answer {status}{}", said(message))]
    Status { url: String, status: u16, message: Option<String> },
    #[error("{url}: not the answer of a hub: {reason}. Check HF_ENDPOINT and the proxy")]
    NotAHub { url: String, reason: String },

    #[error("{endpoint} has no {kind} {id}, or it is private: check the name{}", if *token { ", and that the token may read it" } else { "; for a private one set HF_TOKEN" })]
    NoRepository { endpoint: String, kind: &'static str, id: String, token: bool },
    #[error("{id} has no revision `{revision}`: see {page} for its branches and tags")]
    NoRevision { id: String, revision: String, page: String },
    #[error("{id} has no file {file} at {commit}")]
    NoFile { id: String, file: String, commit: String },
    #[error("{id} is gated: accept its conditions on {page}{}", if *token { " with the account of your HF_TOKEN" } else { ", then set HF_TOKEN to a token of that account" })]
    Gated { id: String, page: String, token: bool },
    #[error("{host} refuses the token: check HF_TOKEN, or the file that HF_TOKEN_PATH names")]
    TokenRefused { host: String },
    #[error("{id} is closed to this token{}: see {page}", said(message))]
    Forbidden { id: String, page: String, message: Option<String> },

    #[error("{id} names a file `{file}`, which would be written outside of its folder: nothing is fetched")]
    FileName { id: String, file: String },
    #[error("{id}: {reason}")]
    Missing { id: String, reason: String },
    #[error(
        "{url}: the body ended after {found} of {expected} bytes, {tries} times: repeat the command, it goes on from there"
    )]
    Cut { url: String, expected: u64, found: u64, tries: u32 },
    #[error("{file}: {what} is {found}, the hub says {expected}: what came was deleted; repeat the command")]
    Corrupt { file: String, what: &'static str, expected: String, found: String },

    #[error("cannot write {}: {source}{}", file.display(), cure(source))]
    Unwritable { file: PathBuf, source: io::Error },
    #[error(transparent)]
    File(#[from] mtlift_files::Error),
}

/// What the server says of it, in brackets.
fn said(message: &Option<String>) -> String {
    message.as_ref().map_or(String::new(), |message| format!(" ({message})"))
}

fn cure(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::StorageFull => {
            ". Make room, or name another disk with HF_HOME; the same command then goes on from there"
        }
        _ => "",
    }
}
