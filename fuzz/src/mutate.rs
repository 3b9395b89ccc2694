//! From genuine files to files that nobody would write. A mutation that keeps a file's syntax reaches what is behind the parser;
//! one that does not is for the parser. Both happen.

mod bytes;
mod gzip;
mod parquet;
mod pickle;
mod tensors;
mod token_cache;
mod torch;
mod values;

use mtlift_nn::random::{Generator, Stream};
use serde_json::Value;

pub(crate) use gzip::compressed;
pub(crate) use torch::archive;

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
    /// A zip archive with a pickle, and data.
    Torch,
    /// Pages, and a footer with its length.
    Parquet,
    /// A key, a checksum, and what it is of.
    TokenCache,
    /// A compressed file of another form.
    Gzip(&'static Form),
}

/// Draws mutations.
pub(crate) struct Mutator {
    random: Generator,
}

impl Mutator {
    pub(crate) fn new(seed: u64) -> Self {
        Self { random: Stream::new(seed, "mutations").at(0) }
    }

    /// A whole number from 0, below `end`, which is at least 1.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        below(&mut self.random, end)
    }

    /// A mutation of one of the inputs.
    pub(crate) fn mutate(&mut self, form: Form, inputs: &[Vec<u8>]) -> Vec<u8> {
        let random = &mut self.random;
        let (input, other) = (&inputs[below(random, inputs.len())], &inputs[below(random, inputs.len())]);
        let is_in_form = below(random, 4) > 0;
        let mutated = if is_in_form { in_form(random, form, input, other) } else { None };
        mutated.unwrap_or_else(|| bytes::mutate(random, input, other))
    }
}

/// A mutation that keeps the form; none of what has lost it.
fn in_form(random: &mut Generator, form: Form, input: &[u8], other: &[u8]) -> Option<Vec<u8>> {
    match form {
        Form::Bytes => Some(bytes::mutate(random, input, other)),
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
        Form::Torch => torch::mutate(random, input),
        Form::Parquet => parquet::mutate(random, input),
        Form::TokenCache => token_cache::mutate(random, input),
        Form::Gzip(inner) => gzip::mutate(random, *inner, input, other),
    }
}

/// A whole number from 0, below `end`, which is at least 1.
fn below(random: &mut Generator, end: usize) -> usize {
    ((random.uniform() * end as f64) as usize).min(end - 1)
}
