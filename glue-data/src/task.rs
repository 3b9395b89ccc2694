//! What a task is: its labels, metrics, files and columns. GLUE's tasks and the user's own become the same [`Task`], so
//! that nothing after this point knows where a task came from.

use crate::demo::DemoRows;
pub use crate::kind::{Kind, METRICS};
use mtlift_tokenizer::Texts;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The split of the user's own rows: see [`Task::with_input`].
pub const INPUT: &str = "input";
/// The split of rows whose labels nobody knows.
pub const UNLABELLED: &str = "unlabelled";

/// A labelled data set: what it asks for and where its rows are.
#[derive(Clone, Debug)]
pub struct Task {
    /// The name, e.g. `RTE`.
    pub name: String,
    /// Whether the target is a label or a number.
    pub kind: Kind,
    /// Label names exactly as they stand in the files; their order is the order of a fresh head's outputs. Empty for
    /// regression.
    pub labels: Vec<String>,
    /// The label (as an index into `labels`) that counts as positive in F1; without meaning for regression.
    pub positive: usize,
    /// Names out of [`METRICS`] that suit `kind`, the first being the one to show first.
    pub metrics: Vec<String>,
    /// The splits and their files.
    pub files: Vec<SplitFile>,
    /// What labels of other tasks say of this one's, as far as its file says so.
    pub relations: Relations,
    /// Whose head it is, where it is one of several over the same texts.
    pub head_of: Option<HeadOf>,
}

/// What makes a task one head of several. A row that has no label for it is none of its rows, and the rows of all heads of a file
/// are the same texts, place by place.
#[derive(Clone, Debug, PartialEq)]
pub struct HeadOf {
    /// The file that describes all of them, by the one path that it has.
    pub file: PathBuf,
    /// The least and the greatest number that a regression may have, where the file says.
    pub range: Option<[f32; 2]>,
}

/// By the name of another task, for each of its labels the probabilities of a task's own, 1 in sum; those that are not named are 0.
pub type Relations = BTreeMap<String, BTreeMap<String, BTreeMap<String, f64>>>;

/// One split of a task, and how its file is read.
#[derive(Clone, Debug)]
pub struct SplitFile {
    /// The split's name, e.g. `dev`.
    pub split: String,
    /// What messages call the bytes: the file's path, or the name of what stands in its place.
    pub path: PathBuf,
    /// Where the bytes are.
    pub source: Source,
    /// How rows are written.
    pub format: Format,
    /// Whether the first line names the columns (JSON lines have no such line).
    pub header: bool,
    /// What separates the fields of a TSV or CSV file, where that is not the format's own character.
    pub delimiter: Option<u8>,
    /// Where texts and targets stand.
    pub columns: Columns,
    /// How a row's group is found; `None` of a task without groups.
    pub groups: Option<GroupRule>,
    /// The labels as this file writes them, in the order of [`Task::labels`]; `None` if as they stand there.
    pub labels: Option<Vec<String>>,
    /// Whether the label column, or a row's label, may be absent from the file: such rows have no target.
    pub may_lack_labels: bool,
    /// Whether rows with a wrong number of fields are left out and counted instead of being an error. GLUE's own QQP
    /// files have such rows, and every published number leaves them out.
    pub skip_broken_rows: bool,
    /// The number of rows in GLUE's own file.
    pub official_rows: Option<usize>,
    /// Set if the file is shared by several splits and this one is a part of it.
    pub carve: Option<Carve>,
}

/// Where the bytes of a split come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// The file at [`SplitFile::path`].
    File,
    /// They have been read already: standard input cannot be read twice.
    Memory(Arc<[u8]>),
    /// They are made, of a task of the built-in suite.
    Demo(DemoRows),
}

/// How the rows of a file are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Fields separated by tabs, or another character; quotes are text.
    Tsv,
    /// Fields separated by commas, or another character, and quoted where need be (RFC 4180).
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// Columns of typed values, as pandas and Hugging Face's `datasets` write them.
    Parquet,
}

impl Format {
    /// The formats by name, which is also how a file's name ends.
    pub const NAMES: [(&str, Format); 4] =
        [("tsv", Format::Tsv), ("csv", Format::Csv), ("jsonl", Format::Jsonl), ("parquet", Format::Parquet)];

    /// The format that a file's name says it has: its extension, below `.gz` if it ends in that.
    pub fn of(path: &Path) -> Option<Format> {
        let extension = |path: &Path| Some(path.extension()?.to_str()?.to_ascii_lowercase());
        let extension = match extension(path)?.as_str() {
            "gz" => extension(Path::new(path.file_stem()?))?,
            other => other.to_owned(),
        };
        Format::NAMES.iter().find(|(name, _)| *name == extension).map(|(_, format)| *format)
    }
}

/// Where texts and targets stand in a file.
#[derive(Clone, Debug)]
pub struct Columns {
    /// The first or only text.
    pub text_a: Column,
    /// The second text of a pair.
    pub text_b: Option<Column>,
    /// The label or numeric target; `None` for files without.
    pub label: Option<Column>,
    /// The row's own index, used in predictions; `None` counts rows from zero.
    pub index: Option<Column>,
}

impl Columns {
    /// The columns that are read, in no promised order.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Column> {
        [Some(&self.text_a), self.text_b.as_ref(), self.label.as_ref(), self.index.as_ref()]
            .into_iter()
            .flatten()
    }
}

/// A column by its name in the header (or its JSON key), or by its number from zero, negative from the end.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(untagged, expecting = "expected a column's name or its number from zero")]
pub enum Column {
    /// By its number; -1 is the last.
    Number(i64),
    /// By its name.
    Name(String),
}

impl std::fmt::Display for Column {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Column::Number(number) => write!(f, "{number}"),
            Column::Name(name) => write!(f, "`{name}`"),
        }
    }
}

/// How a row's group is found.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum GroupRule {
    /// It stands in a column.
    Column(Column),
    /// Each label's rows are divided: `yes/with` are those in whose text one of the words stands, `yes/without` the others.
    Words {
        /// Whether the text is the second of a pair.
        second: bool,
        /// In lower case.
        words: BTreeSet<String>,
    },
}

/// Which part of train to hold out as dev and test, drawn by class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Carve {
    /// The fraction of the train file that becomes dev; 0 for none.
    pub dev: f64,
    /// The fraction of the train file that becomes test; 0 for none.
    pub test: f64,
    /// Decides which rows.
    pub seed: u64,
}

/// The rows of one split.
#[derive(Clone, Debug)]
pub struct Split {
    /// The file the rows come from.
    pub path: PathBuf,
    /// The rows in the order of the file.
    pub examples: Vec<Example>,
    /// blake3 of the file's bytes, decompressed if need be, in hexadecimal.
    pub hash: String,
    /// Row numbers (lines of the file) left out because they are broken; see [`SplitFile::skip_broken_rows`].
    pub skipped: Vec<usize>,
    /// Whether the file begins with a byte-order mark (which is not part of any text).
    pub byte_order_mark: bool,
}

impl Split {
    /// The places of the rows that have a target.
    pub fn labelled(&self) -> Vec<usize> {
        let has_target = |place: &usize| self.examples[*place].target.is_some();
        (0..self.examples.len()).filter(has_target).collect()
    }

    /// The rows at these places alone, in this order.
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    pub fn select(self, places: &[usize]) -> Split {
        let examples = places.iter().map(|&place| self.examples[place].clone()).collect();
        Split { examples, ..self }
    }

    /// The target of every row, or `None` if the split is without labels.
    pub fn targets(&self) -> Option<Vec<Target>> {
        self.examples.iter().map(|example| example.target).collect()
    }
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// The first or only text, exactly as in the file.
    pub text_a: String,
    /// The second text of a pair.
    pub text_b: Option<String>,
    /// What is to be predicted; `None` where the file does not say.
    pub target: Option<Target>,
    /// The group that the row is of; `None` of a task without groups, and where a row without a label has none.
    pub group: Option<String>,
    /// The row's name in predictions: the file's index column if it has one, else the row's number from zero.
    pub index: String,
    /// The 1-based line of the file on which the row begins; in Parquet the row's number from 1.
    pub line: usize,
}

impl<'a> From<&'a Example> for Texts<'a> {
    fn from(example: &'a Example) -> Self {
        Texts { first: &example.text_a, second: example.text_b.as_deref() }
    }
}

/// What is to be predicted for a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// An index into [`Task::labels`].
    Class(usize),
    /// A finite number.
    Value(f32),
}

impl Target {
    /// The class, of a classification's row.
    pub fn class(&self) -> Option<usize> {
        match *self {
            Target::Class(class) => Some(class),
            Target::Value(_) => None,
        }
    }

    /// The value, of a regression's row.
    pub fn value(&self) -> Option<f32> {
        match *self {
            Target::Class(_) => None,
            Target::Value(value) => Some(value),
        }
    }
}

impl SplitFile {
    /// Whether its rows can be read: its file is there, or it needs none.
    pub(crate) fn is_there(&self) -> bool {
        !matches!(self.source, Source::File) || self.path.exists()
    }
}

impl Task {
    /// This task with one more split, [`INPUT`], for rows of the user's own: these bytes, in the columns of the test split
    /// (or the last there is of rows with labels), from which only the texts are read. The format is the one given, else the one of a name that
    /// ends in .tsv, .csv, .jsonl or .parquet, or that and .gz, else that of the test split. `path` is what messages call it.
    #[must_use]
    pub fn with_input(mut self, path: &Path, format: Option<Format>, bytes: Vec<u8>) -> Task {
        let has_labels = |file: &&SplitFile| file.split != UNLABELLED;
        let like = self.files.iter().find(|file| file.split == "test");
        if let Some(like) = like.or(self.files.iter().rfind(has_labels)).cloned() {
            let columns = Columns { label: None, index: None, ..like.columns };
            let format = format.or_else(|| Format::of(path)).unwrap_or(like.format);
            self.files.push(SplitFile {
                split: INPUT.to_owned(),
                path: path.to_owned(),
                source: Source::Memory(bytes.into()),
                format,
                delimiter: like.delimiter.filter(|_| format == like.format),
                // JSON lines and Parquet, which name their fields, say nothing of a header.
                header: like.header || matches!(like.format, Format::Jsonl | Format::Parquet),
                columns,
                groups: None,
                // Whoever asks for predictions wants one for every row.
                skip_broken_rows: false,
                official_rows: None,
                carve: None,
                ..like
            });
        }
        self
    }

    /// Whether the first line of a split's file is taken for the names of the columns though nothing shows that it is: the
    /// columns go by number.
    pub fn assumes_header(&self, split: &str) -> bool {
        self.files.iter().filter(|file| file.split == split).any(|file| {
            file.header
                && matches!(file.format, Format::Tsv | Format::Csv)
                && file.wanted().all(|column| matches!(column, Column::Number(_)))
        })
    }

    /// The names of the splits: `train`, `dev`, `test` and [`UNLABELLED`] as far as there are such, and MNLI's `dev-mismatched` and
    /// `test-mismatched`.
    pub fn splits(&self) -> Vec<&str> {
        self.files.iter().map(|file| file.split.as_str()).collect()
    }

    /// Whether a row has two texts.
    pub fn has_pairs(&self) -> bool {
        self.files.iter().any(|file| file.columns.text_b.is_some())
    }

    /// The splits whose scores are a result: `dev`, and `dev-mismatched` where there is one.
    pub fn dev_splits(&self) -> Vec<&str> {
        self.splits().into_iter().filter(|split| split.starts_with("dev")).collect()
    }
}
