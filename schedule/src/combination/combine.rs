//! A rule of the table with its parameters, as it is named everywhere.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::RULES;
use super::rule::{Combination, Rule};
use super::sum::Sum;
use crate::about::{Values, name_in, read};
use crate::{Error, spelled};

/// A combination by name, `pcgrad` or `nash(every=5)`: what differs from the rule's defaults is in parentheses. The default is
/// `sum`: the weighted sum of the losses has one gradient, which takes one backward pass.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Combine {
    rule: &'static Rule,
    values: Values,
}

impl Combine {
    /// All rules, in the order of the documentation.
    pub fn rules() -> &'static [Rule] {
        RULES
    }

    /// Whether a text begins with the name of one.
    pub fn is_named_in(text: &str) -> bool {
        RULES.iter().any(|rule| rule.about.name == name_in(text))
    }

    /// The line of the table.
    pub fn rule(&self) -> &'static Rule {
        self.rule
    }

    /// Whether gradients are only added.
    pub fn is_sum(&self) -> bool {
        self.rule.make.is_none()
    }

    /// The rule, ready to be used; none where gradients are only added.
    pub fn combination(&self) -> Option<Box<dyn Combination>> {
        self.rule.make.map(|make| make(&self.values))
    }

    /// As [`Combine::combination`], for whoever takes a gradient of each task even where they are only added.
    pub fn of_each_task(&self) -> Box<dyn Combination> {
        self.combination().unwrap_or_else(|| Box::new(Sum))
    }
}

impl Default for Combine {
    fn default() -> Self {
        Self { rule: &RULES[0], values: RULES[0].about.defaults() }
    }
}

impl PartialEq for Combine {
    fn eq(&self, other: &Self) -> bool {
        (self.rule.about.name, self.values) == (other.rule.about.name, other.values)
    }
}

impl fmt::Display for Combine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.rule.about.written(&self.values))
    }
}

impl FromStr for Combine {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (rule, values) = read("method", text, RULES, |rule| &rule.about)?;
        Ok(Self { rule, values })
    }
}

spelled!(Combine);
