//! All columns of a file as they stand there, for whoever gives them back beside something else. A field of JSON lines keeps
//! its own spelling, so that no number loses a digit.

/// A file with all its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceTable {
    /// The columns' names: numbers from 0 in a file without a header; of JSON lines the keys, in the order in which they appear.
    pub names: Vec<String>,
    /// The rows, a field for each column.
    pub rows: Vec<Vec<SourceField>>,
}

/// A field of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceField {
    /// The row, a JSON object, does not have this key.
    Absent,
    /// A text.
    Text(String),
    /// JSON other than a string, as it is written.
    Json(String),
}
