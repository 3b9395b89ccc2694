//! A model on a server, a cache in a temporary folder, and an observer that keeps what it is told.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use mtlift_hub::{
    Certificates, Error, Hub, Observer, Patience, Repository, Settings, Snapshot, Token, model_files,
};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use tempfile::TempDir;

use crate::server::{COMMIT, File, Reply, Request, Server};

pub(crate) const ID: &str = "owner/small";
pub(crate) const WEIGHTS: &str = "model.safetensors";

/// Bytes without a period that a mistake could hide in.
pub(crate) fn weights() -> Vec<u8> {
    (0..40_000u32).flat_map(|i| (i.wrapping_mul(2_654_435_761)).to_le_bytes()).collect()
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(digest(&SHA256, bytes).as_ref())
}

pub(crate) fn git_sha1(bytes: &[u8]) -> String {
    let blob = [format!("blob {}\0", bytes.len()).as_bytes(), bytes].concat();
    hexadecimal(digest(&SHA1_FOR_LEGACY_USE_ONLY, &blob).as_ref())
}

/// A small model, and files that a fetch leaves alone.
pub(crate) fn files() -> BTreeMap<String, File> {
    let git = |bytes: &[u8]| File { bytes: bytes.to_vec(), tag: git_sha1(bytes), elsewhere: None };
    let weights = weights();
    BTreeMap::from([
        ("README.md".to_owned(), git(b"# small\n")),
        ("config.json".to_owned(), git(br#"{"model_type": "bert"}"#)),
        ("onnx/model.onnx".to_owned(), git(b"onnx")),
        ("vocab.txt".to_owned(), git(b"[PAD]\n[UNK]\n")),
        (WEIGHTS.to_owned(), File { tag: sha256(&weights), bytes: weights, elsewhere: None }),
    ])
}

/// An observer that keeps the notes and the last position.
#[derive(Default)]
pub(crate) struct Notes {
    pub(crate) notes: Vec<String>,
    pub(crate) begun: Vec<(String, Option<u64>, u64)>,
}

impl Observer for Notes {
    fn begin(&mut self, file: &str, bytes: Option<u64>, here: u64) {
        self.begun.push((file.to_owned(), bytes, here));
    }

    fn note(&mut self, message: &str) {
        self.notes.push(message.to_owned());
    }
}

/// A hub, and a client of it with an empty cache.
pub(crate) struct Fixture {
    pub(crate) server: Server,
    pub(crate) settings: Settings,
    pub(crate) notes: Notes,
    _folder: TempDir,
}

impl Fixture {
    /// The model of [`files`]; `special` answers in the hub's place where it wants to.
    pub(crate) fn new(special: impl Fn(&Request, usize) -> Option<Reply> + Send + Sync + 'static) -> Self {
        Self::with(files(), special)
    }

    pub(crate) fn with(
        files: BTreeMap<String, File>,
        special: impl Fn(&Request, usize) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        let server = Server::new(files, special);
        let folder = TempDir::new().unwrap();
        let settings = Settings {
            endpoint: server.url(),
            token: Token::new("hf_secret", "HF_TOKEN").unwrap(),
            cache: folder.path().join("hub"),
            certificates: Certificates::default(),
            offline: false,
            patience: Patience {
                read: Duration::from_secs(20),
                retries: 2,
                pause: Duration::ZERO,
                longest_wait: Duration::from_secs(1),
                ..Patience::default()
            },
        };
        Self { server, settings, notes: Notes::default(), _folder: folder }
    }

    pub(crate) fn fetch(&mut self) -> Result<Snapshot, Error> {
        self.fetch_at("main")
    }

    pub(crate) fn fetch_at(&mut self, revision: &str) -> Result<Snapshot, Error> {
        Hub::new(self.settings.clone()).fetch(&repository(), revision, model_files, &mut self.notes)
    }

    /// The message of a fetch that fails. `HUB` stands for the server's address, which differs from run to run.
    #[track_caller]
    pub(crate) fn fails(&mut self) -> String {
        self.shown(self.fetch_error())
    }

    #[track_caller]
    fn fetch_error(&self) -> Error {
        let hub = Hub::new(self.settings.clone());
        hub.fetch(&repository(), "main", model_files, &mut ()).unwrap_err()
    }

    pub(crate) fn shown(&self, error: Error) -> String {
        let (address, host) = (self.server.url(), format!("127.0.0.1:{}", self.server.port));
        error.to_string().replace(&address, "HUB").replace(&host, "HOST")
    }

    /// A path in the repository's folder of the cache.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.settings.cache.join("models--owner--small").join(name)
    }

    /// Puts these bytes where an earlier try of the weights would have left them.
    pub(crate) fn leave(&self, bytes: &[u8]) {
        fs::create_dir_all(self.path("blobs")).unwrap();
        fs::write(self.incomplete(), bytes).unwrap();
    }

    pub(crate) fn incomplete(&self) -> PathBuf {
        self.path(&format!("blobs/{}.incomplete", sha256(&weights())))
    }

    /// The first bytes that were asked for in each request for the weights.
    pub(crate) fn starts(&self) -> Vec<Option<usize>> {
        let requests = self.server.requests();
        requests.iter().filter(|request| request.is_for_bytes_of(WEIGHTS)).map(Request::start).collect()
    }

    /// That the weights are here, and nothing is half here.
    #[track_caller]
    pub(crate) fn assert_whole(&self) {
        assert_eq!(fs::read(self.path(&format!("snapshots/{COMMIT}/{WEIGHTS}"))).unwrap(), weights());
        assert!(!self.incomplete().exists());
    }
}

pub(crate) fn repository() -> Repository {
    Repository::model_at(ID).unwrap().0
}

/// The hub answers all by itself.
pub(crate) fn ordinary(_: &Request, _: usize) -> Option<Reply> {
    None
}
