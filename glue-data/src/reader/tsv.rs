//! Tab-separated lines as GLUE writes them: no quoting, no escapes. A quote-aware reader would join lines wherever a
//! sentence holds an odd number of quotes, and lose rows without a word.

use super::{Row, Table};
use crate::error::Error;
use crate::task::SplitFile;
use std::borrow::Cow;

/// Cuts a file into fields. Lines end in `\n` or `\r\n`, the last may lack its end; empty lines are passed over at the
/// end of the file and are faults elsewhere.
pub(super) fn table<'a>(file: &SplitFile, text: &'a str) -> Result<Table<'a>, Error> {
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return Ok(Table { names: None, rows: Vec::new() });
    }
    let delimiter = file.delimiter.map_or('\t', char::from);
    let (mut names, mut rows) = (None, Vec::new());
    for (i, line) in text.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.is_empty() {
            let reason = "the line is empty".to_owned();
            return Err(Error::Malformed { file: file.path.clone(), row: i + 1, reason });
        }
        let fields = line.split(delimiter).map(Cow::from);
        if i == 0 && file.header {
            names = Some(fields.collect());
        } else {
            rows.push(Row { line: i + 1, fields: fields.map(Some).collect() });
        }
    }
    Ok(Table { names, rows })
}
