//! What the tests share: a folder with files, and the data home.

use mtlift_tokenizer::Error;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The data home named by `MTLIFT_HOME`. Tests that need it are ignored unless they are asked for, and then fail without it.
pub(crate) fn data_home() -> PathBuf {
    let home = std::env::var_os("MTLIFT_HOME");
    home.expect("set MTLIFT_HOME to the absolute path of a folder with glue/ and models/").into()
}

/// A temporary folder whose path is `DIR` in messages.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder(TempDir::new().unwrap())
    }

    /// A folder holding these files.
    pub(crate) fn with(files: &[(&str, &[u8])]) -> Folder {
        let folder = Folder::new();
        files.iter().for_each(|(name, content)| folder.write(name, content));
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path().join(name), content).unwrap();
    }

    /// The message of a failure.
    pub(crate) fn message<T: std::fmt::Debug>(&self, result: Result<T, Error>) -> String {
        result.unwrap_err().to_string().replace(self.path().to_str().unwrap(), "DIR")
    }
}

/// A model directory with a small BERT vocabulary: special tokens, and the words `w0` to `w9`.
pub(crate) fn small_bert() -> Folder {
    let words: Vec<String> = (0..10).map(|i| format!("w{i}")).collect();
    let vocab = format!("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n{}\n", words.join("\n"));
    Folder::with(&[("vocab.txt", vocab.as_bytes())])
}
