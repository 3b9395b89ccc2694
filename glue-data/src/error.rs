//! What can go wrong with data. Every message names the file (and the row, a 1-based line of it), what
//! was expected, what was found and, where it is not obvious, what to do.

use std::io;
use std::path::PathBuf;

/// A fault in a task's description or its files, or of the tokenizer that they are read for.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the message of each variant is its documentation, and names every field")]
pub enum Error {
    #[error(transparent)]
    Tokenizer(#[from] mtlift_tokenizer::Error),
    #[error("unknown task `{name}`{suggestion}; the tasks are {known}, or give the path of a .toml file")]
    UnknownTask { name: String, suggestion: String, known: String },
    #[error("{name}: {expected}, found `{setting}`; the knobs are {known}, separated by colons")]
    Knob { name: String, setting: String, expected: String, known: String },
    #[error("{task} is read from a data home, and none is given: name the folder that holds glue/{task}")]
    NoDataHome { task: String },
    #[error("{task} has no split `{split}`; its splits are {splits}")]
    UnknownSplit { task: String, split: String, splits: String },
    #[error("the {split} split of {task} is missing: there is no file {}", file.display())]
    MissingFile { task: String, split: String, file: PathBuf },
    #[error("cannot read {}: {source}", file.display())]
    Unreadable { file: PathBuf, source: io::Error },

    #[error("{}, line {line}: {reason}", file.display())]
    TomlSyntax { file: PathBuf, line: usize, reason: String },
    #[error("{}: {reason}", file.display())]
    TomlTask { file: PathBuf, reason: String },
    #[error("{}: `labels` is not given; the train file has {found}; list them, in the order the model shall use", file.display())]
    UnlistedLabels { file: PathBuf, found: String },
    #[error("{}: it has several heads, each a task: name one, as {}:HEAD; the heads are {heads}", file.display(), file.display())]
    SeveralHeads { file: PathBuf, heads: String },
    #[error("{}: there is no head `{head}`; {there}", file.display())]
    UnknownHead { file: PathBuf, head: String, there: String },
    #[error("{}: unknown metric `{metric}` for a {kind} task; the metrics are {known}", file.display())]
    UnknownMetric { file: PathBuf, metric: String, kind: &'static str, known: String },

    #[error("{}: `{metric}` counts one label, and there are {labels}: say which with `positive`, or use `macro-f1`", file.display())]
    NoPositive { file: PathBuf, metric: &'static str, labels: usize },

    #[error("{} is {what}: {cure}", file.display())]
    NotText { file: PathBuf, what: &'static str, cure: &'static str },
    #[error("{}: the gzip file is broken ({reason}): fetch it again, or compress it again", file.display())]
    BrokenGzip { file: PathBuf, reason: String },
    #[error(
        "{}: decompressed it is larger than {} MiB, more than 128 times its size; if that is right, decompress it first",
        file.display(), most >> 20
    )]
    TooMuch { file: PathBuf, most: usize },
    #[error("{}: cannot be read as Parquet: {reason}", file.display())]
    BrokenParquet { file: PathBuf, reason: String },
    #[error("{} is empty: expected at least one row of data", file.display())]
    EmptyFile { file: PathBuf },
    #[error("{}: no row is left for the {split} split: give more rows, or a larger fraction under [split]", file.display())]
    EmptyCarve { file: PathBuf, split: String },
    #[error("{}, row {row}: byte {byte} of the row (0x{found:02X}) is not UTF-8; convert the file to UTF-8", file.display())]
    NotUtf8 { file: PathBuf, row: usize, byte: usize, found: u8 },
    #[error("{}: there is no column {column}; {there}", file.display())]
    MissingColumn { file: PathBuf, column: String, there: String },
    #[error("{}: there are {count} columns named `{column}`; name it by its number", file.display())]
    RepeatedColumn { file: PathBuf, column: String, count: usize },
    #[error("{}, row {row}: expected {expected} fields, found {found}", file.display())]
    FieldCount { file: PathBuf, row: usize, expected: usize, found: usize },
    #[error("{}, row {row}: {reason}", file.display())]
    Malformed { file: PathBuf, row: usize, reason: String },
    #[error(
        "{}: the first line is taken for the names of the columns, but has `{found}`, {what}, in the label column: \
         give `header = false`",
        file.display()
    )]
    HeaderIsData { file: PathBuf, found: String, what: &'static str },
    #[error("{}, row {row}: unknown label `{found}`; the labels are {allowed}{hint}", file.display())]
    UnknownLabel { file: PathBuf, row: usize, found: String, allowed: String, hint: String },
    #[error("{}, row {row}: the target `{found}` is not a finite number{hint}", file.display())]
    NotANumber { file: PathBuf, row: usize, found: String, hint: String },
    #[error("{}, row {row}: there is no {what} (null)", file.display())]
    NoValue { file: PathBuf, row: usize, what: &'static str },
    #[error("{}, row {row}: there is no label; only rows of a test file may be without one", file.display())]
    NoLabel { file: PathBuf, row: usize },
    #[error("{}, row {row}: there is no group; only rows of a test file may be without one", file.display())]
    NoGroup { file: PathBuf, row: usize },
    #[error("{}, row {row}: the group `{found}` {what}", file.display())]
    GroupName { file: PathBuf, row: usize, found: String, what: &'static str },
    #[error("{}: column {column} has {found} different groups, expected at most {most}: is it the right column?", file.display())]
    TooManyGroups { file: PathBuf, column: String, found: usize, most: usize },
    #[error("{}: no row has one of the words of [groups], {words}: is it the right text?", file.display())]
    NoGroupWord { file: PathBuf, words: String },
    #[error(
        "{}: the dev split has no row of the group `{group}`, which train has, so the group would have no score: add rows of it \
         to dev, or take them out of train",
        file.display()
    )]
    GroupWithoutDev { file: PathBuf, group: String },
    #[error("{}, row {row}: the target `{found}` is outside of the range {least} to {greatest} of head `{head}`", file.display())]
    OutOfRange { file: PathBuf, row: usize, found: String, least: f32, greatest: f32, head: String },
    #[error(
        "{}: no row of the {split} split has a label for head `{head}` in its column {column}: label some, or leave out the head",
        file.display()
    )]
    HeadWithoutLabel { file: PathBuf, split: String, head: String, column: String },
    #[error(
        "{}, row {row}: the index `{found}` holds a control character (U+{control:04X}), which would break the lines of \
         predictions: give another `index` column, or none",
        file.display()
    )]
    IndexControl { file: PathBuf, row: usize, found: String, control: u32 },

    #[error("{} has no text: expected at least one line that is not blank", file.display())]
    NoText { file: PathBuf },
}

/// Names in backticks, separated by commas: how messages list what there is.
pub(crate) fn listed<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> String {
    names.into_iter().map(|name| format!("`{}`", name.as_ref())).collect::<Vec<_>>().join(", ")
}

/// The one of `known` that is most like a mistyped name, as the end of a message; nothing if none is like it.
pub(crate) fn suggestion<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let likeness = |other: &&str| strsim::normalized_levenshtein(&name.to_uppercase(), &other.to_uppercase());
    let best = known.max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match best.filter(|other| likeness(other) >= 0.5) {
        Some(other) => format!("; did you mean `{other}`?"),
        None => String::new(),
    }
}
