//! Where the wanted columns stand in a table, by name or number; and whether the line that was taken for the header is one.

use super::Table;
use crate::error::{Error, listed};
use crate::task::{Column, Format, GroupRule, Kind, SplitFile, Task};

/// Where the wanted columns stand, as indices into a row's fields.
pub(super) struct Places {
    pub(super) text_a: usize,
    pub(super) text_b: Option<usize>,
    pub(super) label: Option<usize>,
    pub(super) index: Option<usize>,
    pub(super) group: Option<usize>,
}

/// Finds every wanted column.
pub(super) fn places(file: &SplitFile, table: &Table) -> Result<Places, Error> {
    let columns = &file.columns;
    let find = |column: &Column| place(file, column, table);
    // A file that may be without labels may be without this column too.
    let beside_labels = |column: Option<&Column>| match column.map(find).transpose() {
        Err(Error::MissingColumn { .. }) if file.may_lack_labels => Ok(None),
        found => found,
    };
    Ok(Places {
        text_a: find(&columns.text_a)?,
        text_b: columns.text_b.as_ref().map(find).transpose()?,
        label: beside_labels(columns.label.as_ref())?,
        index: columns.index.as_ref().map(find).transpose()?,
        group: beside_labels(file.groups.as_ref().and_then(GroupRule::column))?,
    })
}

fn place(file: &SplitFile, column: &Column, table: &Table) -> Result<usize, Error> {
    let (path, width, names) = (&file.path, table.width(), table.names.as_deref());
    let found = match (column, names) {
        (Column::Number(number), _) => column_number(*number, width),
        (Column::Name(name), Some(names)) => {
            let count = names.iter().filter(|there| *there == name).count();
            if count > 1 {
                return Err(Error::RepeatedColumn { file: path.clone(), column: name.clone(), count });
            }
            names.iter().position(|there| there == name)
        }
        (Column::Name(_), None) => None,
    };
    found.ok_or_else(|| Error::MissingColumn {
        file: path.clone(),
        column: column.to_string(),
        there: match names {
            Some(names) => format!("the columns are {}{}", listed(names), other_delimiter(file, names)),
            None => format!("without a header the columns are the numbers 0 to {}", width.saturating_sub(1)),
        },
    })
}

/// A column's place by its number, negative from the end.
pub(super) fn column_number(number: i64, width: usize) -> Option<usize> {
    let from_start = if number < 0 { number + width as i64 } else { number };
    usize::try_from(from_start).ok().filter(|&place| place < width)
}

/// A question where the one name looks like several that another character separates.
fn other_delimiter<S: AsRef<str>>(file: &SplitFile, names: &[S]) -> String {
    let ([name], Format::Csv | Format::Tsv) = (names, file.format) else { return String::new() };
    match [(';', ";"), ('\t', "\\t"), ('|', "|"), (',', ",")].iter().find(|(c, _)| name.as_ref().contains(*c))
    {
        Some((_, written)) => {
            format!("; are they separated by another character? give `delimiter = \"{written}\"`")
        }
        None => String::new(),
    }
}

/// Refuses a first line that was taken for the header and holds a label, or a regression's number, where the columns go by
/// number: a row of data would be lost.
pub(super) fn check_header(
    task: &Task,
    file: &SplitFile,
    table: &Table,
    places: &Places,
) -> Result<(), Error> {
    let by_number = file.wanted().all(|column| matches!(column, Column::Number(_)));
    let (Some(names), Some(label), true) = (&table.names, places.label, by_number) else { return Ok(()) };
    let found = names[label].as_ref();
    let (is_data, what) = match task.kind {
        Kind::Classification => (task.labels.iter().any(|label| label == found), "one of the labels"),
        Kind::Regression => (found.trim().parse::<f32>().is_ok(), "a number"),
    };
    if is_data && matches!(file.format, Format::Csv | Format::Tsv) {
        return Err(Error::HeaderIsData { file: file.path.clone(), found: found.to_owned(), what });
    }
    Ok(())
}
