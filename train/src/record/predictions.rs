//! Predictions as a table: a line for each row of a split, with its index, what it is predicted to be and, of a
//! classification, a column for each label with its logit. A row is known by its index, not by its place.

use std::io::{self, Write};
use std::path::Path;

use mtlift_files::{read_text, write_atomically};

use crate::{Error, Predictions};

/// What a row is predicted to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prediction {
    /// The row's index as its task gives it.
    pub index: String,
    /// A label's name, or a number.
    pub prediction: String,
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

/// The rows of a table that [`write_predictions`] wrote, in its order.
///
/// # Errors
/// If the file cannot be read, or a line has no index and prediction; with the line.
pub fn read_predictions(path: &Path) -> Result<Vec<Prediction>, Error> {
    let text = read_text(path)?;
    let row = |(line, text): (usize, &str)| {
        let mut fields = text.split('\t').map(str::to_owned);
        match (fields.next(), fields.next()) {
            (Some(index), Some(prediction)) => Ok(Prediction { index, prediction }),
            _ => {
                let what = format!("line {}: expected an index, a tab and a prediction", line + 1);
                Err(mtlift_files::Error::Record { file: path.to_owned(), what }.into())
            }
        }
    };
    text.lines().enumerate().skip(1).map(row).collect()
}
