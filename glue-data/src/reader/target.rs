//! What a row's label and index columns say. Labels are matched by name and to the letter; what would break the lines of a file
//! of predictions is refused where it is read.

use super::columns::places;
use super::{bytes, parquet, table};
use crate::error::{Error, listed};
use crate::task::{Format, Kind, SplitFile, Target, Task};
use std::collections::BTreeSet;

/// The labels that a task whose description lists none may have.
pub(crate) enum Labels {
    /// Named by the file itself, in its order.
    Named(Vec<String>),
    /// The distinct labels of its rows, sorted: their order says nothing.
    Found(Vec<String>),
}

/// The labels of a file.
pub(crate) fn labels(task: &str, file: &SplitFile) -> Result<Labels, Error> {
    let bytes = bytes(task, file)?;
    if let (Format::Parquet, Some(label)) = (file.format, &file.columns.label)
        && let Some(names) = parquet::label_names(file, &bytes, label)?
    {
        return Ok(Labels::Named(names));
    }
    let (table, _) = table(file, &bytes)?;
    let place = places(file, &table)?.label.expect("the caller asks only where there is a label column");
    let fields = table.rows.iter().filter_map(|row| row.fields.get(place)?.as_deref());
    let distinct: BTreeSet<String> = fields.map(str::to_owned).collect();
    Ok(Labels::Found(distinct.into_iter().collect()))
}

/// What in a head's column says that a row has no label for it, unless it is one of the labels; so does nothing at all.
const MISSING: [&str; 2] = ["-", "NA"];

/// A row's target; `None` where a split that may lack labels has none, or a head has none for this row.
pub(super) fn target(
    task: &Task,
    file: &SplitFile,
    row: usize,
    field: Option<&str>,
) -> Result<Option<Target>, Error> {
    let is_head = task.head_of.is_some();
    let Some(field) = field else {
        let missing = Error::NoLabel { file: file.path.clone(), row };
        return if file.may_lack_labels || is_head { Ok(None) } else { Err(missing) };
    };
    if is_head && is_missing(field) && !task.labels.iter().any(|label| label == field) {
        return Ok(None);
    }
    let hint = |more: String| {
        let of_head = if is_head { format!(" (head `{}`)", task.head_name()) } else { String::new() };
        of_head + if is_first_line(file, row) { HEADER_HINT } else { &more }
    };
    let target = match task.kind {
        Kind::Classification => {
            let written = file.labels.as_ref().unwrap_or(&task.labels);
            let class = written.iter().position(|label| label == field);
            class.map(Target::Class).ok_or_else(|| Error::UnknownLabel {
                file: file.path.clone(),
                row,
                found: field.to_owned(),
                allowed: listed(written),
                hint: hint(alike(field, written)),
            })?
        }
        Kind::Regression => match field.trim().parse::<f32>() {
            Ok(value) if value.is_finite() => {
                check_range(task, file, row, field, value)?;
                Target::Value(value)
            }
            _ => {
                let (file, found) = (file.path.clone(), field.to_owned());
                return Err(Error::NotANumber { file, row, found, hint: hint(String::new()) });
            }
        },
    };
    Ok(Some(target))
}

fn is_missing(field: &str) -> bool {
    let field = field.trim();
    field.is_empty() || MISSING.contains(&field)
}

/// Whether a number is one that its head may have.
fn check_range(task: &Task, file: &SplitFile, row: usize, field: &str, value: f32) -> Result<(), Error> {
    let Some([least, greatest]) = task.head_of.as_ref().and_then(|head| head.range) else { return Ok(()) };
    if (least..=greatest).contains(&value) {
        return Ok(());
    }
    let (file, found, head) = (file.path.clone(), field.to_owned(), task.head_name().to_owned());
    Err(Error::OutOfRange { file, row, found, least, greatest, head })
}

const HEADER_HINT: &str = "; if this row names the columns, give `header = true`";

fn is_first_line(file: &SplitFile, row: usize) -> bool {
    row == 1 && !file.header && matches!(file.format, Format::Csv | Format::Tsv)
}

/// A question where a label differs by case or spaces alone.
fn alike(found: &str, labels: &[String]) -> String {
    let same = |label: &&String| label.trim().to_lowercase() == found.trim().to_lowercase();
    labels.iter().find(same).map_or_else(String::new, |label| {
        format!("; it differs from `{label}` by case or spaces, and labels are compared to the letter")
    })
}

/// A row's index, which becomes a field of a line of predictions.
pub(super) fn index(file: &SplitFile, row: usize, index: String) -> Result<String, Error> {
    match index.chars().find(|c| c.is_control()) {
        None => Ok(index),
        Some(control) => {
            let found = index.escape_debug().to_string();
            Err(Error::IndexControl { file: file.path.clone(), row, found, control: u32::from(control) })
        }
    }
}
