//! Bytes that come in parts, twice, wrong, or not at all.

use std::fs;

use crate::fixture::{Fixture, WEIGHTS, files, git_sha1, ordinary, sha256, weights};
use crate::server::{Reply, Request, content};

const HALF: usize = 80_000;

/// Answers requests for the weights' bytes.
fn for_weights(
    reply: impl Fn(&Request, usize) -> Option<Reply> + Send + Sync + 'static,
) -> impl Fn(&Request, usize) -> Option<Reply> + Send + Sync + 'static {
    move |request, count| if request.is_for_bytes_of(WEIGHTS) { reply(request, count) } else { None }
}

fn whole() -> Reply {
    Reply::new(200).body(weights())
}

#[test]
fn what_an_earlier_try_left_is_not_asked_for_again() {
    let mut fixture = Fixture::new(ordinary);
    fixture.leave(&weights()[..HALF]);
    fixture.fetch().unwrap();
    fixture.assert_whole();
    assert_eq!(fixture.starts(), [Some(HALF)]);
    assert_eq!(fixture.notes.begun.last().unwrap().2, HALF as u64);
}

#[test]
fn a_part_that_is_all_is_not_asked_for() {
    let mut fixture = Fixture::new(ordinary);
    fixture.leave(&weights());
    fixture.fetch().unwrap();
    fixture.assert_whole();
    assert_eq!(fixture.starts(), []);
}

#[test]
fn a_server_without_ranges_begins_anew() {
    let mut fixture = Fixture::new(for_weights(|_, _| Some(whole())));
    fixture.leave(&weights()[..HALF]);
    fixture.fetch().unwrap();
    fixture.assert_whole();
    assert_eq!(fixture.starts(), [Some(HALF)]);
}

#[test]
fn a_range_that_is_refused_begins_anew() {
    let mut fixture = Fixture::new(for_weights(|_, count| (count == 0).then(|| Reply::new(416))));
    fixture.leave(&weights()[..HALF]);
    fixture.fetch().unwrap();
    fixture.assert_whole();
    assert_eq!(fixture.starts(), [Some(HALF), None]);
    let note = fixture.notes.notes[0].rsplit_once(": ").unwrap().1;
    assert_eq!(note, "unexpected answer 416 (to a request for bytes from 80000); trying again in 0 s");
}

#[test]
fn a_part_from_elsewhere_begins_anew() {
    let from_the_start = |_: &Request, count: usize| {
        let part = || Reply::new(206).with("Content-Range", "bytes 0-159999/160000").body(weights());
        (count == 0).then(part)
    };
    let mut fixture = Fixture::new(for_weights(from_the_start));
    fixture.leave(&weights()[..HALF]);
    fixture.fetch().unwrap();
    fixture.assert_whole();
    assert_eq!(fixture.starts(), [Some(HALF), None]);
}

#[test]
fn a_cut_body_goes_on() {
    let cut = |request: &Request, count: usize| {
        (count < 6).then(|| content(&files()[WEIGHTS], request).cut_after(20_000))
    };
    let mut fixture = Fixture::new(for_weights(cut));
    fixture.fetch().unwrap();
    fixture.assert_whole();
    // Seven tries, with two in a row allowed: each brought something.
    let starts: Vec<_> = (0..7).map(|part| Some(part * 20_000).filter(|&start| start > 0)).collect();
    assert_eq!(fixture.starts(), starts);
}

#[test]
fn cuts_that_bring_nothing_come_to_an_end() {
    let cut = |request: &Request, count: usize| {
        Some(content(&files()[WEIGHTS], request).cut_after(if count == 0 { HALF } else { 0 }))
    };
    let mut fixture = Fixture::new(for_weights(cut));
    assert_eq!(
        fixture.fails(),
        "HUB/owner/small/resolve/0123456789abcdef0123456789abcdef01234567/model.safetensors: \
         the body ended after 80000 of 160000 bytes, 3 times: repeat the command, it goes on from there"
    );
    assert_eq!(fs::read(fixture.incomplete()).unwrap(), &weights()[..HALF]);
    assert!(!fixture.path("refs/main").exists(), "a revision gets its commit when all is there");
}

#[test]
fn wrong_bytes_are_refused_and_deleted() {
    let mut wrong = weights();
    wrong[100_000] ^= 1;
    let (found, expected) = (sha256(&wrong), sha256(&weights()));
    let mut fixture = Fixture::new(for_weights(move |_, _| Some(Reply::new(200).body(&wrong))));
    assert_eq!(
        fixture.fails(),
        format!(
            "model.safetensors of owner/small: SHA-256 is {found}, the hub says {expected}: \
             what came was deleted; repeat the command"
        )
    );
    assert!(!fixture.incomplete().exists());
    assert!(!fixture.path(&format!("blobs/{expected}")).exists());
}

#[test]
fn wrong_bytes_of_gits_are_refused_too() {
    let wrong = |request: &Request, _: usize| {
        request.is_for_bytes_of("vocab.txt").then(|| Reply::new(200).body(b"[UNK]\n[PAD]\n"))
    };
    let mut fixture = Fixture::new(wrong);
    let (found, expected) = (git_sha1(b"[UNK]\n[PAD]\n"), git_sha1(b"[PAD]\n[UNK]\n"));
    assert_eq!(
        fixture.fails(),
        format!(
            "vocab.txt of owner/small: git's SHA-1 is {found}, the hub says {expected}: \
             what came was deleted; repeat the command"
        )
    );
}

/// `sha256sum` and `git hash-object` of the file with the line `mtlift`.
#[test]
fn sums_are_those_of_sha256sum_and_git() {
    assert_eq!(sha256(b"mtlift\n"), "521d8d3fef918aad0f716162d570b659ad7c4a7f684324824ea3429be5033db2");
    assert_eq!(git_sha1(b"mtlift\n"), "cae61525615b03693f816de9d307e82bb5bf605e");
    for tag in [
        "521d8d3fef918aad0f716162d570b659ad7c4a7f684324824ea3429be5033db2",
        "cae61525615b03693f816de9d307e82bb5bf605e",
    ] {
        let mut all = files();
        let vocabulary = all.get_mut("vocab.txt").unwrap();
        (vocabulary.bytes, vocabulary.tag) = (b"mtlift\n".to_vec(), tag.to_owned());
        Fixture::with(all, ordinary).fetch().unwrap();
    }
}

#[test]
fn a_damaged_part_begins_anew() {
    let mut fixture = Fixture::new(ordinary);
    fixture.leave(&vec![0; HALF]);
    fixture.fetch().unwrap();
    fixture.assert_whole();
    assert_eq!(fixture.starts(), [Some(HALF), None]);
    assert_eq!(
        fixture.notes.notes,
        ["model.safetensors: the part from an earlier try was damaged; beginning anew"]
    );
    // A part that is too long can be no part.
    let mut fixture = Fixture::new(ordinary);
    fixture.leave(&vec![0; 160_001]);
    fixture.fetch().unwrap();
    fixture.assert_whole();
    assert_eq!(fixture.starts(), [None]);
}

#[test]
fn a_body_that_is_too_long_is_refused() {
    let long = [weights(), vec![0; 5]].concat();
    let mut fixture = Fixture::new(for_weights(move |_, _| Some(Reply::new(200).body(&long))));
    assert_eq!(
        fixture.fails(),
        "model.safetensors of owner/small: the length is 160001 bytes or more, the hub says 160000: \
         what came was deleted; repeat the command"
    );
}

#[test]
fn a_tag_that_is_no_sum_is_a_name() {
    let mut all = files();
    all.get_mut("vocab.txt").unwrap().tag = "5f3c-1a".to_owned();
    let mut fixture = Fixture::with(all, ordinary);
    fixture.fetch().unwrap();
    assert_eq!(fs::read(fixture.path("blobs/5f3c-1a")).unwrap(), b"[PAD]\n[UNK]\n");
}

#[test]
fn an_empty_file_is_a_file() {
    let mut all = files();
    let vocabulary = all.get_mut("vocab.txt").unwrap();
    (vocabulary.bytes, vocabulary.tag) = (Vec::new(), git_sha1(b""));
    let mut fixture = Fixture::with(all, ordinary);
    let snapshot = fixture.fetch().unwrap();
    assert_eq!(fs::read(snapshot.directory.join("vocab.txt")).unwrap(), b"");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_says_what_to_do() {
    let mut fixture = Fixture::new(ordinary);
    fs::create_dir_all(fixture.path("blobs")).unwrap();
    std::os::unix::fs::symlink("/dev/full", fixture.incomplete()).unwrap();
    let incomplete = fixture.incomplete().display().to_string();
    assert_eq!(
        fixture.fails(),
        format!(
            "cannot write {incomplete}: No space left on device (os error 28). Make room, or name another disk with \
             HF_HOME; the same command then goes on from there"
        )
    );
}
