//! When the hub asks for patience, and when it shows none of its own.

use std::time::Duration;

use crate::fixture::{Fixture, WEIGHTS, weights};
use crate::server::{Reply, Request};

fn first(
    times: usize,
    reply: impl Fn() -> Reply + Send + Sync + 'static,
) -> impl Fn(&Request, usize) -> Option<Reply> + Send + Sync + 'static {
    move |_, count| (count < times).then(&reply)
}

#[test]
fn too_many_requests_are_waited_for() {
    let mut fixture = Fixture::new(first(1, || Reply::new(429).with("Retry-After", "0")));
    fixture.fetch().unwrap();
    fixture.assert_whole();
    assert_eq!(
        fixture.notes.notes[0].split_once(' ').unwrap().1,
        "has had too many requests and asks to wait 0 s: try again then; trying again in 0 s"
    );
}

#[test]
fn a_wait_that_is_too_long_is_left_to_the_user() {
    let message = "HOST has had too many requests and asks to wait 3600 s: try again then";
    let mut fixture = Fixture::new(first(9, || Reply::new(429).with("Retry-After", "3600")));
    assert_eq!(fixture.fails(), message);
    assert_eq!(fixture.server.requests().len(), 1);
    fixture.settings.token = None;
    assert_eq!(fixture.fails(), format!("{message}; with HF_TOKEN set the limit is higher"));
    // The form of the header that the hub itself sends.
    let window = || Reply::new(429).with("RateLimit", "\"api\";r=0;t=3600");
    assert_eq!(Fixture::new(first(9, window)).fails(), message);
    let mut patient = Fixture::new(first(1, || Reply::new(429).with("RateLimit", "\"api\";r=7;t=3600")));
    patient.fetch().unwrap();
}

#[test]
fn too_many_requests_in_a_row_come_to_an_end() {
    let mut fixture = Fixture::new(first(9, || Reply::new(429).with("Retry-After", "0")));
    assert_eq!(fixture.fails(), "HOST has had too many requests and asks to wait 0 s: try again then");
    assert_eq!(fixture.server.requests().len(), 3);
}

#[test]
fn a_hub_that_is_down_for_a_moment_is_asked_again() {
    let mut fixture = Fixture::new(first(2, || Reply::new(503)));
    fixture.fetch().unwrap();
    fixture.assert_whole();
    let mut fixture = Fixture::new(first(9, || Reply::new(502)));
    assert_eq!(
        fixture.fails(),
        "HUB/api/models/owner/small/revision/main: the hub answers 502 after 3 tries: try again later"
    );
}

#[test]
fn silence_is_a_failure() {
    let mut fixture = Fixture::new(|_, _| Some(Reply::new(200).body("{}").silent_after(0)));
    fixture.settings.patience.read = Duration::from_millis(50);
    assert_eq!(
        fixture.fails(),
        "cannot reach HOST: it was silent for too long (HF_HUB_DOWNLOAD_TIMEOUT is how long, in seconds). \
         Check the connection, the proxy and HF_ENDPOINT"
    );
    assert_eq!(fixture.server.requests().len(), 3);
}

#[test]
fn silence_within_a_body_goes_on_from_there() {
    let mut fixture = Fixture::new(|request, count| {
        let is_first = request.is_for_bytes_of(WEIGHTS) && count == 0;
        is_first.then(|| Reply::new(200).body(weights()).silent_after(50_000))
    });
    fixture.settings.patience.read = Duration::from_millis(500);
    fixture.fetch().unwrap();
    fixture.assert_whole();
    assert_eq!(fixture.starts(), [None, Some(50_000)]);
}
