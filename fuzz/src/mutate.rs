//! From genuine files to files that nobody would write. A mutation that keeps a file's syntax reaches what is behind the parser;
//! one that does not is for the parser. Both happen.

mod bytes;
mod tensors;
mod values;

use mtlift_nn::random::{Generator, Stream};
use serde_json::Value;

/// How a kind of file is made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Of bytes, or of lines of text.
    Bytes,
    /// One JSON value.
    Json,
    /// A JSON value a line.
    JsonLines,
    /// One TOML table.
    Toml,
    /// A length, a JSON header of that length, and data.
    Tensors,
}

/// Draws mutations.
pub(crate) struct Mutator {
    form: Form,
    random: Generator,
}

impl Mutator {
    pub(crate) fn new(form: Form, seed: u64) -> Self {
        Self { form, random: Stream::new(seed, "mutations").at(0) }
    }

    /// A mutation of one of the inputs.
    pub(crate) fn mutate(&mut self, inputs: &[Vec<u8>]) -> Vec<u8> {
        let input = &inputs[below(&mut self.random, inputs.len())];
        let in_form = below(&mut self.random, 4) > 0;
        let mutated = if in_form { self.in_form(input) } else { None };
        mutated.unwrap_or_else(|| {
            let other = &inputs[below(&mut self.random, inputs.len())];
            bytes::mutate(&mut self.random, input, other)
        })
    }

    /// A mutation that keeps the form; none of bytes, and none of what has lost it.
    fn in_form(&mut self, input: &[u8]) -> Option<Vec<u8>> {
        let random = &mut self.random;
        match self.form {
            Form::Bytes => None,
            Form::Json => {
                let mut value: Value = serde_json::from_slice(input).ok()?;
                values::mutate(random, &mut value);
                Some(value.to_string().into_bytes())
            }
            Form::JsonLines => {
                let text = std::str::from_utf8(input).ok()?;
                let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
                let line = below(random, lines.len().max(1));
                let mut value: Value = serde_json::from_str(lines.get(line)?).ok()?;
                values::mutate(random, &mut value);
                lines[line] = value.to_string();
                Some((lines.join("\n") + "\n").into_bytes())
            }
            Form::Toml => {
                let table: toml::Table = std::str::from_utf8(input).ok()?.parse().ok()?;
                let mut value = serde_json::to_value(table).ok()?;
                values::mutate(random, &mut value);
                // A null, or a root that is no table, cannot be written.
                Some(toml::to_string(&value).ok()?.into_bytes())
            }
            Form::Tensors => tensors::mutate(random, input),
        }
    }
}

/// A whole number from 0, below `end`, which is at least 1.
fn below(random: &mut Generator, end: usize) -> usize {
    ((random.uniform() * end as f64) as usize).min(end - 1)
}
