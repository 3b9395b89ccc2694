//! Where a redirect leads, and who sees the token.

use std::fs;

use crate::fixture::{Fixture, WEIGHTS, files, ordinary};
use crate::server::{Reply, Request, Server, content};

const BEARER: Option<&str> = Some("Bearer hf_secret");

/// Whether a request carried the token.
fn has_token(request: &Request) -> bool {
    assert!(matches!(request.header("authorization"), None | BEARER));
    request.header("authorization").is_some()
}

#[test]
fn a_renamed_repository_is_followed_with_the_token() {
    let mut fixture = Fixture::new(|request, _| {
        let renamed = request.path.contains("owner/small");
        let location = request.path.replace("owner/small", "owner/renamed");
        renamed.then(|| Reply::new(307).with("Location", location))
    });
    fixture.fetch().unwrap();
    fixture.assert_whole();
    let requests = fixture.server.requests();
    assert!(requests.iter().any(|request| {
        request.is_for_bytes_of("renamed/resolve/0123456789abcdef0123456789abcdef01234567/model.safetensors")
    }));
    assert!(requests.iter().all(has_token));
}

#[test]
fn the_token_stays_with_the_hub() {
    let storage = Server::of(|request| content(&files()[WEIGHTS], request));
    // Another port, another name of the same machine, and both: all three are other origins.
    for host in ["127.0.0.1", "localhost"] {
        let mut all = files();
        let url = format!("http://{host}:{}/stored?signature=abc", storage.port);
        all.get_mut(WEIGHTS).unwrap().elsewhere = Some(url);
        let mut fixture = Fixture::with(all, ordinary);
        fixture.fetch().unwrap();
        fixture.assert_whole();
        assert!(fixture.server.requests().iter().all(has_token));
    }
    let stored = storage.requests();
    assert_eq!(stored.len(), 2);
    assert!(!stored.iter().any(has_token));
    assert!(stored.iter().all(|request| request.method == "GET" && request.path == "/stored?signature=abc"));
}

#[test]
fn the_same_port_under_another_name_is_another_origin() {
    let all = files();
    let mut fixture = Fixture::new(move |request, count| match &*request.path {
        "/stored" => Some(content(&all[WEIGHTS], request)),
        path if path.ends_with(WEIGHTS) && request.method == "GET" && count == 0 => {
            let port = request.header("host").unwrap().rsplit_once(':').unwrap().1.to_owned();
            Some(Reply::new(302).with("Location", format!("http://localhost:{port}/stored")))
        }
        _ => None,
    });
    fixture.fetch().unwrap();
    let requests = fixture.server.requests();
    let without: Vec<&str> =
        requests.iter().filter(|request| !has_token(request)).map(|request| &*request.path).collect();
    assert_eq!(without, ["/stored"]);
}

#[test]
fn no_server_of_a_chain_sees_the_token() {
    let last = Server::of(|request| content(&files()[WEIGHTS], request));
    let url = last.url();
    let middle = Server::of(move |_| Reply::new(302).with("Location", format!("{url}/stored")));
    let mut all = files();
    all.get_mut(WEIGHTS).unwrap().elsewhere = Some(middle.url());
    let mut fixture = Fixture::with(all, ordinary);
    fixture.fetch().unwrap();
    fixture.assert_whole();
    assert_eq!((middle.requests().len(), last.requests().len()), (1, 1));
    assert!(!middle.requests().iter().chain(&last.requests()).any(has_token));
}

#[test]
fn each_try_asks_the_hub_for_a_fresh_address() {
    let storage = Server::of(|request| {
        let reply = content(&files()[WEIGHTS], request);
        if request.start().is_none() { reply.cut_after(1000) } else { reply }
    });
    let mut all = files();
    all.get_mut(WEIGHTS).unwrap().elsewhere = Some(format!("{}/stored", storage.url()));
    let mut fixture = Fixture::with(all, ordinary);
    fixture.fetch().unwrap();
    fixture.assert_whole();
    assert_eq!(fixture.starts(), [None, Some(1000)], "to the hub");
    assert_eq!(storage.requests()[1].start(), Some(1000));
}

#[test]
fn the_listing_does_not_come_from_elsewhere() {
    let mut fixture = Fixture::new(|request, _| {
        request
            .path
            .starts_with("/api")
            .then(|| Reply::new(302).with("Location", "http://localhost:1/login?next=x"))
    });
    assert_eq!(
        fixture.fails(),
        "HUB/api/models/owner/small/revision/main: not the answer of a hub: a redirect to http://localhost:1/login. \
         Check HF_ENDPOINT and the proxy"
    );
}

#[test]
fn redirects_come_to_an_end() {
    let mut fixture = Fixture::new(|request, _| Some(Reply::new(307).with("Location", &request.path)));
    assert_eq!(
        fixture.fails(),
        "HUB/api/models/owner/small/revision/main: not the answer of a hub: more than 10 redirects. \
         Check HF_ENDPOINT and the proxy"
    );
    assert_eq!(fixture.server.requests().len(), 11);
}

#[test]
fn a_redirect_beside_the_answer_is_relative_to_it() {
    let mut fixture = Fixture::new(|request, _| {
        request.path.ends_with("/vocab.txt").then(|| Reply::new(302).with("Location", "README.md"))
    });
    let snapshot = fixture.fetch().unwrap();
    assert_eq!(fs::read(snapshot.directory.join("vocab.txt")).unwrap(), b"# small\n");
}
