//! Predictions as TSV, CSV or JSON lines, beside the user's own columns where those are kept.
//!
//! What cannot be written is found before the model runs: a column of the user's that has the name of one of ours, and for TSV,
//! which has no quoting, a field with a tab or a line break.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Result, bail};
use mtlift_glue_data::{SourceField, SourceTable};
use mtlift_train::{Predictions, TaskHead, probabilities};
use serde_json::{Map, Value, json};

use crate::misuse::Misuse;

const INDEX: &str = "index";
const PREDICTION: &str = "prediction";

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Tsv,
    Csv,
    Jsonl,
}

impl Form {
    /// The forms by name, which is also how a file's name ends.
    pub(super) const NAMES: [(&str, Form); 3] =
        [("tsv", Form::Tsv), ("csv", Form::Csv), ("jsonl", Form::Jsonl)];

    /// The form that a file's name ends in, if it ends in one.
    pub(super) fn of(path: &Path) -> Option<Form> {
        let extension = path.extension()?.to_str()?;
        Form::NAMES.iter().find(|(name, _)| *name == extension).map(|(_, form)| *form)
    }
}

/// What stands in the columns of the labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    Logits,
    Probabilities,
}

/// A table that can be written.
pub(super) struct Table<'a> {
    /// The one of a task, which has the scores of its labels beside it; or one for each head.
    predictions: Vec<Column<'a>>,
    indices: &'a [String],
    own: Option<&'a SourceTable>,
    scale: Scale,
    form: Form,
}

/// A column of predictions.
struct Column<'a> {
    name: &'a str,
    /// Empty for values.
    labels: &'a [String],
}

/// What one model predicts, and its logits `[rows, labels]`.
pub(super) type Predicted = (Predictions, Vec<f32>);

impl<'a> Table<'a> {
    /// The table of rows with these indices, or with the user's own columns in place of them; of several heads with their names.
    pub(super) fn check(
        heads: Vec<(&'a str, &'a TaskHead)>,
        indices: &'a [String],
        own: Option<&'a SourceTable>,
        scale: Scale,
        form: Form,
    ) -> Result<Self> {
        let is_alone = heads.len() == 1;
        let column = |(name, head): (&'a str, &'a TaskHead)| Column {
            name: if is_alone { PREDICTION } else { name },
            labels: if head.outputs() == 1 { &[] } else { &head.labels.names },
        };
        let table = Self { predictions: heads.into_iter().map(column).collect(), indices, own, scale, form };
        if scale == Scale::Probabilities && table.labels().is_empty() {
            let why = if is_alone {
                "--probabilities is for labels, and the model predicts a number"
            } else {
                "--probabilities is for one head: name it, as --task FILE.toml:HEAD"
            };
            return Err(Misuse(why.to_owned()).into());
        }
        let ours = table.our_columns();
        let names = own.map_or(&[][..], |own| &own.names);
        if let Some(name) = names.iter().find(|name| ours.contains(&name.as_str())) {
            bail!(
                "--keep-columns: the input has a column `{name}`, which the output adds: rename it, or leave out --keep-columns"
            );
        }
        if form == Form::Tsv {
            table.check_tsv()?;
        }
        Ok(table)
    }

    fn check_tsv(&self) -> Result<()> {
        let breaks = |text: &str| text.contains(['\t', '\n', '\r']);
        let refuse = |what: String| -> Result<()> {
            bail!("{what} holds a tab or a line break, which TSV cannot: give --format csv or jsonl")
        };
        let mut labels = self.predictions.iter().flat_map(|column| column.labels);
        if let Some(label) = labels.find(|label| breaks(label)) {
            return refuse(format!("the label {label:?}"));
        }
        let Some(own) = self.own else {
            let broken = self.indices.iter().find(|index| breaks(index));
            return broken.map_or(Ok(()), |index| refuse(format!("the index {index:?}")));
        };
        if let Some(name) = own.names.iter().find(|name| breaks(name)) {
            return refuse(format!("the column {name:?}"));
        }
        for (row, fields) in own.rows.iter().enumerate() {
            if let Some(column) = fields.iter().position(|field| breaks(plain(field))) {
                return refuse(format!("row {row} (from 0), column `{}`,", own.names[column]));
            }
        }
        Ok(())
    }

    /// The names that the output adds.
    fn our_columns(&self) -> Vec<&str> {
        let predictions = self.predictions.iter().map(|column| column.name);
        match self.form {
            Form::Jsonl => predictions.chain(["logits", "probabilities"]).collect(),
            Form::Tsv | Form::Csv => predictions.chain(self.labels().iter().map(String::as_str)).collect(),
        }
    }

    /// The labels whose scores are written: those of a task by itself, and of several heads none.
    fn labels(&self) -> &'a [String] {
        if let [column] = &self.predictions[..] { column.labels } else { &[] }
    }

    /// Writes a line for each row, by what is predicted for each head.
    pub(super) fn write(&self, to: &mut dyn Write, predicted: &[Predicted]) -> io::Result<()> {
        let scores: Vec<f32> = match (self.labels().len(), predicted, self.scale) {
            (1.., [(_, logits)], Scale::Logits) => logits.clone(),
            (labels @ 1.., [(_, logits)], Scale::Probabilities) => {
                probabilities(logits, labels).into_iter().map(|p| p as f32).collect()
            }
            _ => Vec::new(),
        };
        match self.form {
            Form::Jsonl => self.write_json_lines(to, predicted, &scores),
            Form::Csv => self.write_fields(to, csv::WriterBuilder::new(), predicted, &scores),
            Form::Tsv => {
                let mut builder = csv::WriterBuilder::new();
                builder.delimiter(b'\t').quote_style(csv::QuoteStyle::Never);
                self.write_fields(to, builder, predicted, &scores)
            }
        }
    }

    fn write_fields(
        &self,
        to: &mut dyn Write,
        builder: csv::WriterBuilder,
        predicted: &[Predicted],
        scores: &[f32],
    ) -> io::Result<()> {
        let mut writer = builder.from_writer(to);
        let first = self.own.map_or(vec![INDEX], |own| own.names.iter().map(String::as_str).collect());
        writer.write_record(first.into_iter().chain(self.our_columns()))?;
        for row in 0..self.indices.len() {
            match self.own {
                None => writer.write_field(&self.indices[row])?,
                Some(own) => own.rows[row].iter().try_for_each(|field| writer.write_field(plain(field)))?,
            }
            for (column, (predictions, _)) in self.predictions.iter().zip(predicted) {
                match predictions {
                    Predictions::Classes(classes) => writer.write_field(&column.labels[classes[row]])?,
                    Predictions::Values(values) => writer.write_field(values[row].to_string())?,
                }
            }
            self.of_row(scores, row).iter().try_for_each(|score| writer.write_field(score.to_string()))?;
            writer.write_record(None::<&[u8]>)?;
        }
        writer.flush()
    }

    fn write_json_lines(
        &self,
        to: &mut dyn Write,
        predicted: &[Predicted],
        scores: &[f32],
    ) -> io::Result<()> {
        for row in 0..self.indices.len() {
            // Written by hand, field by field: the user's keep their order and spelling.
            let mut fields = match self.own {
                None => vec![format!("{}:{}", json!(INDEX), index(&self.indices[row]))],
                Some(own) => {
                    let named = own.names.iter().zip(&own.rows[row]);
                    named
                        .filter_map(|(name, field)| Some(format!("{}:{}", json!(name), as_json(field)?)))
                        .collect()
                }
            };
            for (column, (predictions, _)) in self.predictions.iter().zip(predicted) {
                let prediction = match predictions {
                    Predictions::Classes(classes) => json!(column.labels[classes[row]]),
                    Predictions::Values(values) => number(values[row]),
                };
                fields.push(format!("{}:{prediction}", json!(column.name)));
            }
            let labels = self.labels();
            if !labels.is_empty() {
                let scores = labels.iter().cloned().zip(self.of_row(scores, row).iter().map(|x| number(*x)));
                let name = if self.scale == Scale::Logits { "logits" } else { "probabilities" };
                fields.push(format!("{}:{}", json!(name), Value::Object(scores.collect::<Map<_, _>>())));
            }
            writeln!(to, "{{{}}}", fields.join(","))?;
        }
        Ok(())
    }

    fn of_row<'s>(&self, scores: &'s [f32], row: usize) -> &'s [f32] {
        let labels = self.labels().len();
        &scores[row * labels..][..labels]
    }
}

/// A field as text; what is not there, or is `null`, is empty.
fn plain(field: &SourceField) -> &str {
    match field {
        SourceField::Absent => "",
        SourceField::Json(json) if json == "null" => "",
        SourceField::Text(text) | SourceField::Json(text) => text,
    }
}

fn as_json(field: &SourceField) -> Option<String> {
    match field {
        SourceField::Absent => None,
        SourceField::Text(text) => Some(json!(text).to_string()),
        SourceField::Json(json) => Some(json.clone()),
    }
}

/// An index that is a whole number as a number.
fn index(index: &str) -> Value {
    let number = index.parse::<u64>().ok().filter(|number| number.to_string() == index);
    number.map_or_else(|| json!(index), |number| json!(number))
}

/// With the digits that an `f32` has, not those that it gains as an `f64`.
fn number(value: f32) -> Value {
    let digits = value.to_string().parse::<f64>().unwrap_or(f64::NAN);
    json!(digits)
}
