//! What a user reads when the hub says no, or is no hub.

use std::net::TcpListener;

use mtlift_hub::Hub;

use crate::fixture::{Fixture, files, ordinary, repository};
use crate::server::{COMMIT, Reply, Request};

fn listing(
    reply: impl Fn() -> Reply + Send + Sync + 'static,
) -> impl Fn(&Request, usize) -> Option<Reply> + Send + Sync + 'static {
    move |request, _| request.path.starts_with("/api").then(&reply)
}

fn head_of_vocabulary(
    reply: impl Fn() -> Reply + Send + Sync + 'static,
) -> impl Fn(&Request, usize) -> Option<Reply> + Send + Sync + 'static {
    move |request, _| request.path.ends_with("/vocab.txt").then(&reply)
}

/// The messages to one with a token and to one without.
#[track_caller]
fn messages(reply: impl Fn() -> Reply + Send + Sync + 'static, with: &str, without: &str) {
    let mut fixture = Fixture::new(listing(reply));
    assert_eq!(fixture.fails(), with);
    fixture.settings.token = None;
    assert_eq!(fixture.fails(), without);
    assert!(!fixture.settings.cache.exists());
    assert_eq!(fixture.server.requests().len(), 2, "asked once each");
}

#[test]
fn a_repository_that_is_not_there_or_private() {
    let with =
        "HUB has no model owner/small, or it is private: check the name, and that the token may read it";
    let without =
        "HUB has no model owner/small, or it is private: check the name; for a private one set HF_TOKEN";
    messages(|| Reply::new(404).with("X-Error-Code", "RepoNotFound"), with, without);
    messages(|| Reply::new(401).with("X-Error-Code", "RepoNotFound"), with, without);
    // The hub's answer to a stranger, and that of a mirror without error codes.
    messages(|| Reply::new(401).with("X-Error-Message", "Invalid username or password."), with, without);
    messages(|| Reply::new(404), with, without);
}

#[test]
fn a_gated_repository_names_its_page() {
    let gated =
        || Reply::new(403).with("X-Error-Code", "GatedRepo").with("X-Error-Message", "Access is restricted");
    messages(
        gated,
        "owner/small is gated: accept its conditions on HUB/owner/small with the account of your HF_TOKEN",
        "owner/small is gated: accept its conditions on HUB/owner/small, then set HF_TOKEN to a token of that account",
    );
    // The listing of a gated repository is open, its files are not.
    let mut fixture = Fixture::new(head_of_vocabulary(|| Reply::new(401).with("X-Error-Code", "GatedRepo")));
    assert!(fixture.fails().starts_with("owner/small is gated: accept its conditions on HUB/owner/small"));
}

#[test]
fn other_refusals() {
    let bad = || Reply::new(401).with("X-Error-Message", "Invalid credentials in Authorization header");
    let message = "HOST refuses the token: check HF_TOKEN, or the file that HF_TOKEN_PATH names";
    assert_eq!(Fixture::new(listing(bad)).fails(), message);

    let closed = || Reply::new(403).with("X-Error-Message", "Only for members");
    let message = "owner/small is closed to this token (Only for members): see HUB/owner/small";
    assert_eq!(Fixture::new(listing(closed)).fails(), message);

    let unknown = || Reply::new(404).with("X-Error-Code", "RevisionNotFound");
    let message = "owner/small has no revision `main`: see HUB/owner/small for its branches and tags";
    assert_eq!(Fixture::new(listing(unknown)).fails(), message);

    let gone = || Reply::new(404).with("X-Error-Code", "EntryNotFound");
    let message = format!("owner/small has no file vocab.txt at {COMMIT}");
    assert_eq!(Fixture::new(head_of_vocabulary(gone)).fails(), message);
    assert_eq!(Fixture::new(head_of_vocabulary(|| Reply::new(404))).fails(), message);

    // Nothing was asked that 304 could be an answer to.
    let message = format!("HUB/owner/small/resolve/{COMMIT}/vocab.txt: unexpected answer 304");
    assert_eq!(Fixture::new(head_of_vocabulary(|| Reply::new(304))).fails(), message);
    let message = "HUB/api/models/owner/small/revision/main: unexpected answer 418 (short and stout)";
    let teapot = || Reply::new(418).with("X-Error-Message", "short and stout");
    assert_eq!(Fixture::new(listing(teapot)).fails(), message);
}

#[test]
fn what_is_no_hub_is_told_so() {
    let api = "HUB/api/models/owner/small/revision/main: not the answer of a hub";
    let cure = "Check HF_ENDPOINT and the proxy";
    let page = || Reply::new(200).body("<html>Welcome to the airport's network</html>");
    assert_eq!(
        Fixture::new(listing(page)).fails(),
        format!("{api}: expected value at line 1 column 1. {cure}")
    );
    let outside = || Reply::new(200).body(r#"{"sha": "../../../etc", "siblings": []}"#);
    assert_eq!(Fixture::new(listing(outside)).fails(), format!("{api}: `../../../etc` is no commit. {cure}"));

    let file = format!("HUB/owner/small/resolve/{COMMIT}/vocab.txt: not the answer of a hub");
    let head = |reply: Reply| Fixture::new(head_of_vocabulary(move || reply.clone())).fails();
    assert_eq!(head(Reply::new(200)), format!("{file}: there is no X-Repo-Commit header. {cure}"));
    let commit = || Reply::new(200).with("X-Repo-Commit", COMMIT);
    assert_eq!(head(commit()), format!("{file}: there is no ETag header. {cure}"));
    for tag in ["../../outside", "a/b", ""] {
        let quoted = format!("\"{tag}\"");
        assert_eq!(head(commit().with("ETag", &quoted)), format!("{file}: the ETag is `{quoted}`. {cure}"));
    }
}

#[test]
fn a_hub_that_is_not_there() {
    let mut fixture = Fixture::new(ordinary);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    fixture.settings.endpoint = format!("http://127.0.0.1:{port}");
    let hub = Hub::new(fixture.settings.clone());
    let choose = |all: &[String]| Ok(all.to_vec());
    let error = hub.fetch(&repository(), "main", choose, &mut ()).unwrap_err().to_string();
    let expected = format!(
        "cannot reach 127.0.0.1:{port}: Connection refused (os error 111). Check the connection, the proxy and HF_ENDPOINT"
    );
    assert_eq!(error, expected);
}

/// No part of a host's name has more than 63 letters: the system knows without asking the network.
#[test]
fn a_host_that_is_unknown_is_not_waited_for() {
    let mut fixture = Fixture::new(ordinary);
    let host = format!("{}.invalid", "a".repeat(64));
    fixture.settings.endpoint = format!("http://{host}");
    let error = fixture.fetch().unwrap_err().to_string();
    assert!(error.starts_with(&format!("cannot reach {host}: ")), "{error}");
    assert_eq!(fixture.notes.notes, [""; 0]);
}

#[test]
fn a_connection_that_closes_without_an_answer_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut fixture = Fixture::new(ordinary);
    fixture.settings.endpoint = format!("http://{}", listener.local_addr().unwrap());
    let closing = std::thread::spawn(move || listener.incoming().take(3).for_each(drop));
    let error = fixture.fetch().unwrap_err().to_string();
    closing.join().unwrap();
    assert!(error.starts_with("cannot reach 127.0.0.1:"), "{error}");
    assert_eq!(fixture.notes.notes.len(), 2);
}

#[test]
fn a_repository_that_is_no_model() {
    let mut all = files();
    all.remove("config.json");
    assert_eq!(
        Fixture::with(all, ordinary).fails(),
        "owner/small: there is no config.json: it is no model in Hugging Face layout"
    );
}
