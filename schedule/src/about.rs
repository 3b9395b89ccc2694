//! What is said of a method, and how it is written: `nash`, `nash(every=5)`, `fixed(target=1,supports=0.5)`.
//!
//! The one decision: all parameters are numbers with a name, a default and a range. So a method is written, read and explained
//! by one file, and a value that is the default is never written: two ways to write the same method are the same run.

use std::fmt;
use std::ops::RangeInclusive;

use crate::Error;
use crate::near::near;

/// The most parameters that a method has.
pub(crate) const MOST_PARAMETERS: usize = 13;

/// A value for each parameter of a method, in their order; what is beyond them is 0.
pub(crate) type Values = [f64; MOST_PARAMETERS];

/// What is said of a method.
#[derive(Debug)]
pub struct About {
    /// What it is written as.
    pub name: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// The paper.
    pub source: &'static str,
    /// How it works, and where sources differ what was chosen: some sentences.
    pub explanation: &'static str,
    /// What can be set.
    pub parameters: &'static [Parameter],
    /// Forward and backward passes over a step's rows, where plain training makes 1.
    pub passes: f64,
}

/// A number that a method takes.
#[derive(Debug)]
pub struct Parameter {
    /// What it is written as.
    pub name: &'static str,
    /// Its value where none is given.
    pub default: f64,
    /// What it may be.
    pub range: RangeInclusive<f64>,
    /// Whether it counts something.
    pub whole: bool,
    /// What it is, in a few words.
    pub meaning: &'static str,
}

impl About {
    /// The values that a method has without parentheses.
    pub(crate) fn defaults(&self) -> Values {
        let mut values = Values::default();
        values.iter_mut().zip(self.parameters).for_each(|(value, parameter)| *value = parameter.default);
        values
    }

    /// Reads what stands between the parentheses.
    fn values(&self, given: &str) -> Result<Values, Error> {
        let mut values = self.defaults();
        let mut seen = [false; MOST_PARAMETERS];
        for (item, assignment) in given.split(',').enumerate() {
            let (name, value) = assignment.split_once('=').unwrap_or((assignment, ""));
            let (name, value) = match self.parameters.first() {
                // A number without a name is the first parameter's.
                Some(first) if item == 0 && value.is_empty() && name.trim().parse::<f64>().is_ok() => {
                    (first.name, name)
                }
                _ => (name, value),
            };
            let (name, value) = (name.trim(), value.trim());
            let Some(place) = self.parameters.iter().position(|parameter| parameter.name == name) else {
                let (method, name) = (self.name, name.to_owned());
                return Err(Error::UnknownParameter { method, name, expected: self.list_parameters() });
            };
            let parameter = &self.parameters[place];
            let wrong = |found| {
                let (method, name, expected) = (self.name, parameter.name, parameter.expected());
                Error::Parameter { method, name, found, expected }
            };
            if std::mem::replace(&mut seen[place], true) {
                return Err(wrong("given twice".to_owned()));
            }
            let number = value.parse().ok().filter(|&value| parameter.takes(value));
            values[place] = number.ok_or_else(|| wrong(format!("`{value}`")))?;
        }
        Ok(values)
    }

    /// The method with what differs from its defaults.
    pub(crate) fn written(&self, values: &[f64]) -> String {
        let given: Vec<String> = self
            .parameters
            .iter()
            .zip(values)
            .filter(|(parameter, value)| parameter.default != **value)
            .map(|(parameter, value)| format!("{}={value}", parameter.name))
            .collect();
        if given.is_empty() { self.name.to_owned() } else { format!("{}({})", self.name, given.join(",")) }
    }

    fn list_parameters(&self) -> String {
        let named = |parameter: &Parameter| format!("{}={}", parameter.name, parameter.default);
        match self.parameters {
            [] => "it takes none".to_owned(),
            all => format!("it takes {}", all.iter().map(named).collect::<Vec<_>>().join(", ")),
        }
    }
}

impl Parameter {
    fn takes(&self, value: f64) -> bool {
        self.range.contains(&value) && (!self.whole || value.fract() == 0.0)
    }

    /// `a number from 0 to 1`.
    pub fn expected(&self) -> String {
        let kind = if self.whole { "a whole number" } else { "a number" };
        format!("{kind} from {} to {}", self.range.start(), self.range.end())
    }
}

/// A method of a table and its values: what is behind a type whose methods have nothing but what is said of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chosen {
    pub(crate) about: &'static About,
    pub(crate) values: Values,
}

impl Chosen {
    /// The method of a table that a text names; `what` is what the table has.
    pub(crate) fn read(what: &'static str, text: &str, table: &'static [About]) -> Result<Self, Error> {
        let (about, values) = read(what, text, table, |about| about)?;
        Ok(Self { about, values })
    }

    /// A method as it is without parentheses.
    pub(crate) fn with_defaults(about: &'static About) -> Self {
        Self { about, values: about.defaults() }
    }

    /// Whether a text begins with the name of one of a table.
    pub(crate) fn is_named_in(text: &str, table: &[About]) -> bool {
        table.iter().any(|about| about.name == name_in(text))
    }
}

impl PartialEq for Chosen {
    fn eq(&self, other: &Self) -> bool {
        (self.about.name, self.values) == (other.about.name, other.values)
    }
}

impl fmt::Display for Chosen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.about.written(&self.values))
    }
}

/// The name that a text begins with, before what it gives in parentheses.
pub(crate) fn name_in(text: &str) -> &str {
    text.split('(').next().unwrap_or(text).trim()
}

/// The method of a table that a text names, and its values; `what` is what the table has.
pub(crate) fn read<'a, T>(
    what: &'static str,
    text: &str,
    table: &'a [T],
    about: impl Fn(&T) -> &About,
) -> Result<(&'a T, Values), Error> {
    let text = text.trim();
    let (name, given) = match text.split_once('(') {
        None => (text, None),
        Some((name, rest)) => match rest.strip_suffix(')') {
            Some(given) => (name, Some(given)),
            None => return Err(Error::Parentheses { what, found: text.to_owned() }),
        },
    };
    let Some(found) = table.iter().find(|item| about(item).name == name) else {
        let all: Vec<&str> = table.iter().map(|item| about(item).name).collect();
        return Err(Error::UnknownMethod {
            what,
            name: name.to_owned(),
            near: near(name, &all),
            expected: all.join(", "),
        });
    };
    let values = match given {
        None => about(found).defaults(),
        Some(given) => about(found).values(given)?,
    };
    Ok((found, values))
}
