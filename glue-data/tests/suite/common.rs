//! What the tests share: a folder with files, and the data home.

use mtlift_glue_data::{Column, Columns, Error, Example, Format, Kind, Source, SplitFile, Task};
use std::collections::BTreeMap;
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
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn task(&self, toml: &str) -> Result<Task, Error> {
        self.write("task.toml", toml);
        Task::find(self.path().join("task.toml").to_str().unwrap(), None)
    }

    /// A task for each head.
    pub(crate) fn heads(&self, toml: &str) -> Result<Vec<Task>, Error> {
        self.write("task.toml", toml);
        Task::find_all(self.path().join("task.toml").to_str().unwrap(), None)
    }

    /// One of them.
    pub(crate) fn head(&self, head: &str) -> Result<Task, Error> {
        Task::find(&format!("{}:{head}", self.path().join("task.toml").display()), None)
    }

    /// The message of a failure.
    pub(crate) fn message<T: std::fmt::Debug>(&self, result: Result<T, Error>) -> String {
        result.unwrap_err().to_string().replace(self.path().to_str().unwrap(), "DIR")
    }
}

/// A task of one train file with columns by number: two texts and a label, no header.
pub(crate) fn pair_task(path: PathBuf, format: Format) -> Task {
    let column = |number: i64, name: &str| match format {
        Format::Jsonl => Column::Name(name.to_owned()),
        _ => Column::Number(number),
    };
    let columns = Columns {
        text_a: column(0, "a"),
        text_b: Some(column(1, "b")),
        label: Some(column(2, "label")),
        index: None,
    };
    let file = SplitFile {
        split: "train".to_owned(),
        path,
        source: Source::File,
        format,
        header: false,
        delimiter: None,
        columns,
        groups: None,
        labels: None,
        may_lack_labels: false,
        skip_broken_rows: false,
        official_rows: None,
        carve: None,
    };
    Task {
        name: "pairs".to_owned(),
        kind: Kind::Classification,
        labels: vec!["no".to_owned(), "yes".to_owned()],
        positive: 1,
        metrics: vec!["accuracy".to_owned()],
        files: vec![file],
        relations: BTreeMap::new(),
        head_of: None,
    }
}

pub(crate) fn example(text_a: &str, text_b: Option<&str>) -> Example {
    let text_b = text_b.map(str::to_owned);
    Example { text_a: text_a.to_owned(), text_b, target: None, group: None, index: "0".to_owned(), line: 1 }
}

/// A model directory with a small BERT vocabulary: special tokens, and the words `w0` to `w9`.
pub(crate) fn small_bert() -> Folder {
    let words: Vec<String> = (0..10).map(|i| format!("w{i}")).collect();
    let vocab = format!("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n{}\n", words.join("\n"));
    Folder::with(&[("vocab.txt", vocab.as_bytes())])
}
