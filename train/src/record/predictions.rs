//! Predictions as a table: a line for each row of a split, with its index, what it is predicted to be and, of a
//! classification, a column for each label with its logit. A row is known by its index, not by its place.

use std::io::{self, Write};
use std::path::Path;

use mtlift_files::{read_text, write_atomically};

use crate::{Error, Predictions};

/// A table that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct PredictionTable {
    /// The labels that have a column of logits, in its order; none of a regression.
    pub labels: Vec<String>,
    /// Its rows.
    pub rows: Vec<Prediction>,
}

/// What a row is predicted to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// The row's index as its task gives it.
    pub index: String,
    /// A label's name, or a number.
    pub prediction: String,
    /// A finite logit for each of the table's labels.
    pub logits: Vec<f32>,
}

/// Writes the table of `[rows, labels]` logits. A regression has the one value and no column of logits.
///
/// # Errors
/// If `to` takes no more.
pub fn predictions_to(
    to: &mut dyn Write,
    indices: &[String],
    labels: &[String],
    logits: &[f32],
) -> io::Result<()> {
    match Predictions::from_logits(logits, labels.len()) {
        Predictions::Values(values) => {
            writeln!(to, "index\tprediction")?;
            indices.iter().zip(values).try_for_each(|(index, value)| writeln!(to, "{index}\t{value}"))
        }
        Predictions::Classes(classes) => {
            writeln!(to, "index\tprediction\t{}", labels.join("\t"))?;
            for ((index, class), row) in indices.iter().zip(classes).zip(logits.chunks_exact(labels.len())) {
                write!(to, "{index}\t{}", labels[class])?;
                row.iter().try_for_each(|logit| write!(to, "\t{logit}"))?;
                writeln!(to)?;
            }
            Ok(())
        }
    }
}

/// As [`predictions_to`], to a file that is whole or not there.
///
/// # Errors
/// If the file cannot be written.
pub fn write_predictions(
    path: &Path,
    indices: &[String],
    labels: &[String],
    logits: &[f32],
) -> Result<(), Error> {
    Ok(write_atomically(path, |file| predictions_to(file, indices, labels, logits))?)
}

/// The table that [`write_predictions`] wrote.
///
/// # Errors
/// If the file cannot be read, or a line has no index, prediction and a finite logit for each label of the first line; with the
/// line.
pub fn read_predictions(path: &Path) -> Result<PredictionTable, Error> {
    let text = read_text(path)?;
    let mut lines = text.lines();
    let labels: Vec<String> =
        lines.next().map_or_else(Vec::new, |header| header.split('\t').skip(2).map(str::to_owned).collect());
    let row = |(line, text): (usize, &str)| {
        parse(text, labels.len()).ok_or_else(|| {
            let expected = match labels.len() {
                0 => "an index, a tab and a prediction".to_owned(),
                labels => format!("an index, a prediction and {labels} logits, with tabs between them"),
            };
            let what = format!("line {}: expected {expected}", line + 2);
            mtlift_files::Error::Record { file: path.to_owned(), what }.into()
        })
    };
    let rows = lines.enumerate().map(row).collect::<Result<_, Error>>()?;
    Ok(PredictionTable { labels, rows })
}

fn parse(line: &str, labels: usize) -> Option<Prediction> {
    let mut fields = line.split('\t');
    let (index, prediction) = (fields.next()?.to_owned(), fields.next()?.to_owned());
    let logit = |field: &str| field.parse().ok().filter(|logit: &f32| logit.is_finite());
    let logits = fields.by_ref().take(labels).map(logit).collect::<Option<Vec<f32>>>()?;
    (logits.len() == labels).then_some(Prediction { index, prediction, logits })
}
