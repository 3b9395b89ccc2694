//! Characters and patterns in texts that usually mean that something went wrong before: one table of names and tests.

use crate::task::{Example, Split, Target, Task};
use serde::Serialize;

/// Something odd about the texts of a split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// What it is.
    pub what: &'static str,
    /// How many rows have it.
    pub rows: usize,
    /// The first of them, as a 1-based line of the file.
    pub first_row: usize,
}

/// Whether a text has the fault.
type Test = fn(&str) -> bool;

const IN_TEXT: [(&str, Test); 10] = [
    ("replacement character U+FFFD (the file lost characters)", |text| text.contains('\u{fffd}')),
    ("UTF-8 encoded twice (such as Ã© for é)", encoded_twice),
    ("byte-order mark U+FEFF within a text", |text| text.contains('\u{feff}')),
    ("control character", |text| text.contains(|c: char| c.is_control() && !"\t\n\r".contains(c))),
    ("non-breaking space", |text| text.contains('\u{a0}')),
    ("tab within a text (columns not split?)", |text| text.contains('\t')),
    ("line end within a text", |text| text.contains(['\n', '\r'])),
    ("field still in CSV quotes", |text| text.len() > 1 && text.starts_with('"') && text.contains("\"\"")),
    ("space at the beginning or end", |text| text != text.trim() && !text.trim().is_empty()),
    ("text without a visible character", |text| text.chars().all(is_invisible)),
];

/// Looks for every known fault. `without_token` are the places of rows of which a text has no token, as far as that is known.
pub(super) fn find(task: &Task, split: &Split, without_token: &[usize]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut count = |what, is_faulty: &dyn Fn(&Example) -> bool| {
        let mut rows = split.examples.iter().filter(|example| is_faulty(example)).peekable();
        if let Some(first_row) = rows.peek().map(|row| row.line) {
            faults.push(Fault { what, rows: rows.count(), first_row });
        }
    };
    count("a text is the row's own label (wrong column?)", &|example| holds_target(task, example));
    for (what, is_faulty) in IN_TEXT {
        count(what, &|example| texts(example).any(is_faulty));
    }
    if let Some(&first) = without_token.first() {
        faults.push(Fault {
            what: "text without a token (a model sees nothing of it)",
            rows: without_token.len(),
            first_row: split.examples[first].line,
        });
    }
    if split.byte_order_mark {
        faults.push(Fault {
            what: "byte-order mark at the start of the file (passed over)",
            rows: 1,
            first_row: 1,
        });
    }
    faults
}

fn texts(example: &Example) -> impl Iterator<Item = &str> {
    std::iter::once(example.text_a.as_str()).chain(example.text_b.as_deref())
}

fn holds_target(task: &Task, example: &Example) -> bool {
    texts(example).map(str::trim).any(|text| match example.target {
        Some(Target::Class(class)) => text == task.labels[class],
        Some(Target::Value(value)) => text.parse() == Ok(value),
        None => false,
    })
}

/// Spaces, controls, and the characters of no width that copied text carries along.
fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// A character that UTF-8 writes in two or three bytes, each byte having become a character of Latin-1 or Windows-1252.
fn encoded_twice(text: &str) -> bool {
    let mut before = ' ';
    text.chars().any(|c| {
        let found = match before {
            'Â' | 'Ã' => ('\u{80}'..='\u{bf}').contains(&c),
            'â' => c == '€' || c == '\u{80}',
            _ => false,
        };
        before = c;
        found
    })
}
