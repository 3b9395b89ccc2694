//! What a fetch leaves in the cache, and what is found there.

use std::fs;
use std::path::Path;
use std::sync::Barrier;
use std::thread;

use mtlift_hub::{Cache, FetchedFile, Hub, Kind, Repository, model_files};

use crate::fixture::{Fixture, WEIGHTS, files, git_sha1, ordinary, repository, sha256, weights};
use crate::server::{COMMIT, Reply};

#[test]
fn the_cache_is_laid_out_as_by_python() {
    let mut fixture = Fixture::new(ordinary);
    let snapshot = fixture.fetch().unwrap();
    assert_eq!(
        (&*snapshot.commit, &snapshot.directory),
        (COMMIT, &fixture.path(&format!("snapshots/{COMMIT}")))
    );
    let file = |name: &str, bytes| FetchedFile { name: name.to_owned(), bytes, downloaded: true };
    assert_eq!(snapshot.files, [file("config.json", 22), file("vocab.txt", 12), file(WEIGHTS, 160_000)]);

    let link = fs::read_link(snapshot.directory.join(WEIGHTS)).unwrap();
    assert_eq!(link, Path::new(&format!("../../blobs/{}", sha256(&weights()))));
    let link = fs::read_link(snapshot.directory.join("vocab.txt")).unwrap();
    assert_eq!(link, Path::new(&format!("../../blobs/{}", git_sha1(b"[PAD]\n[UNK]\n"))));
    assert_eq!(fs::read_to_string(fixture.path("refs/main")).unwrap(), COMMIT);
    assert_eq!(fs::read_dir(fixture.path("blobs")).unwrap().count(), 3);
    let lock = format!(".locks/models--owner--small/{}.lock", sha256(&weights()));
    assert!(fixture.settings.cache.join(lock).is_file(), "Python takes the same lock");
    fixture.assert_whole();
    let begun: Vec<_> =
        fixture.notes.begun.iter().map(|(file, bytes, here)| (&**file, *bytes, *here)).collect();
    assert_eq!(
        begun,
        [("config.json", Some(22), 0), ("vocab.txt", Some(12), 0), (WEIGHTS, Some(160_000), 0)]
    );
}

#[test]
fn a_file_in_a_folder_links_out_of_it() {
    let fixture = Fixture::new(ordinary);
    let hub = Hub::new(fixture.settings.clone());
    let choose = |_: &[String]| Ok(vec!["onnx/model.onnx".to_owned()]);
    let repository = Repository::new(Kind::Dataset, "nyu-mll/glue").unwrap();
    let snapshot = hub.fetch(&repository, "main", choose, &mut ()).unwrap();
    assert_eq!(fs::read(snapshot.directory.join("onnx/model.onnx")).unwrap(), b"onnx");
    let link = fs::read_link(snapshot.directory.join("onnx/model.onnx")).unwrap();
    assert_eq!(link, Path::new(&format!("../../../blobs/{}", git_sha1(b"onnx"))));
    let folder = fixture.settings.cache.join("datasets--nyu-mll--glue");
    assert_eq!(snapshot.directory, folder.join("snapshots").join(COMMIT));
    let paths: Vec<String> = fixture.server.requests().into_iter().map(|request| request.path).collect();
    assert_eq!(paths[0], "/api/datasets/nyu-mll/glue/revision/main");
    assert_eq!(paths[1], format!("/datasets/nyu-mll/glue/resolve/{COMMIT}/onnx/model.onnx"));
}

#[test]
fn what_is_here_is_not_fetched_again() {
    let mut fixture = Fixture::new(ordinary);
    fixture.fetch().unwrap();
    let before = fixture.server.requests().len();
    let again = fixture.fetch().unwrap();
    assert!(again.files.iter().all(|file| !file.downloaded));
    assert_eq!(fixture.server.requests().len(), before + 1, "the listing alone");
    // Another commit with the same bytes costs a look at each file.
    fs::remove_dir_all(fixture.path("snapshots")).unwrap();
    assert!(fixture.fetch().unwrap().files.iter().all(|file| !file.downloaded));
    fixture.assert_whole();
}

#[test]
fn a_link_that_leads_nowhere_is_mended() {
    let mut fixture = Fixture::new(ordinary);
    let snapshot = fixture.fetch().unwrap();
    fs::remove_file(fixture.path(&format!("blobs/{}", sha256(&weights())))).unwrap();
    assert!(!snapshot.directory.join(WEIGHTS).exists());
    fixture.fetch().unwrap();
    fixture.assert_whole();
}

#[test]
fn a_revision_is_asked_for_as_one_part_and_kept_as_a_path() {
    let mut fixture = Fixture::new(ordinary);
    fixture.fetch_at("refs/pr/1").unwrap();
    assert_eq!(fixture.server.requests()[0].path, "/api/models/owner/small/revision/refs%2Fpr%2F1");
    assert_eq!(fs::read_to_string(fixture.path("refs/refs/pr/1")).unwrap(), COMMIT);
    fixture.fetch_at(COMMIT).unwrap();
    assert!(!fixture.path(&format!("refs/{COMMIT}")).exists(), "a commit is its own name");
}

#[test]
fn offline_the_cache_is_what_there_is() {
    let mut fixture = Fixture::new(ordinary);
    let fetched = fixture.fetch().unwrap();
    let asked = fixture.server.requests().len();
    fixture.settings.offline = true;
    for revision in ["main", COMMIT] {
        let found = fixture.fetch_at(revision).unwrap();
        assert_eq!(found.directory, fetched.directory);
        assert_eq!(found.files.len(), 3);
    }
    fs::remove_file(fetched.directory.join(WEIGHTS)).unwrap();
    let cache = fixture.settings.cache.display().to_string();
    assert_eq!(
        fixture.fails().replace(&cache, "CACHE"),
        "HF_HUB_OFFLINE is set, and owner/small is not whole in CACHE: fetch it once without HF_HUB_OFFLINE"
    );
    let cache = Cache::new(fixture.settings.cache.clone());
    assert_eq!(cache.find(&repository(), "main", model_files).unwrap(), None);
    assert_eq!(cache.find(&repository(), "other", model_files).unwrap(), None);
    assert_eq!(fixture.server.requests().len(), asked);
}

/// Links that lead back, each to all others, multiply with every step.
#[test]
#[cfg(unix)]
fn folders_that_link_to_each_other() {
    let mut fixture = Fixture::new(ordinary);
    let snapshot = fixture.fetch().unwrap();
    for name in ["a", "b", "c"] {
        std::os::unix::fs::symlink(".", snapshot.directory.join(name)).unwrap();
    }
    let cache = Cache::new(fixture.settings.cache.clone());
    let found = cache.find(&repository(), "main", |files| Ok(files.to_vec())).unwrap().unwrap();
    let names: Vec<&str> = found.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["config.json", WEIGHTS, "vocab.txt"]);
}

#[test]
fn two_that_want_one_file_fetch_it_once() {
    // A second request for the weights would fail.
    let both = Barrier::new(2);
    let fixture = Fixture::new(|request, count| {
        (request.is_for_bytes_of(WEIGHTS) && count > 0).then(|| Reply::new(500))
    });
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                both.wait();
                Hub::new(fixture.settings.clone())
                    .fetch(&repository(), "main", model_files, &mut ())
                    .unwrap();
            });
        }
    });
    assert_eq!(fixture.starts(), [None]);
    fixture.assert_whole();
}

#[test]
fn a_name_that_leads_out_of_the_folder_is_refused() {
    for name in ["../outside", "/etc/outside", "a/../../outside", "a\\..\\outside", "C:outside", "a//b", ""] {
        let mut all = files();
        let file = all["vocab.txt"].clone();
        all.insert(name.to_owned(), file);
        let mut fixture = Fixture::with(all, ordinary);
        assert_eq!(
            fixture.fails(),
            format!(
                "owner/small names a file `{name}`, which would be written outside of its folder: nothing is fetched"
            )
        );
        assert!(!fixture.settings.cache.exists());
    }
}
