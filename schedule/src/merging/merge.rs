//! A rule of the table with its parameters, as it is named everywhere: `metagpt`, `arithmetic(coefficient=0.5)`, `ties+held-out`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::RULES;
use super::rule::{Draws, MergeRule, Merged, Models};
use super::statistics::Look;
use crate::about::{Values, name_in, read};
use crate::{Error, spelled};

/// How it is written that a parameter is chosen on held-out rows.
const HELD_OUT: &str = "+held-out";

/// A merge by name; what differs from the rule's defaults is in parentheses.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Merge {
    rule: &'static MergeRule,
    values: Values,
    held_out: bool,
}

impl Merge {
    /// All rules, in the order of the documentation.
    pub fn rules() -> &'static [MergeRule] {
        &RULES
    }

    /// Whether a text begins with the name of one.
    pub fn is_named_in(text: &str) -> bool {
        let name = name_in(text.split('+').next().unwrap_or(text));
        RULES.iter().any(|rule| rule.about.name == name)
    }

    /// The line of the table.
    pub fn rule(&self) -> &'static MergeRule {
        self.rule
    }

    /// Whether a parameter of it is to be chosen on held-out rows, by [`Merge::choices`].
    pub fn is_chosen(&self) -> bool {
        self.held_out
    }

    /// What it looks at beside the parameters of the models, if at something.
    pub fn looks_at(&self) -> Option<Look> {
        let look = |&(at, place): &(_, usize)| Look { at, rows: self.values[place] as usize };
        self.rule.looks_at.as_ref().map(look)
    }

    /// The merges of which the best is to be chosen, in the order of preference where they score alike: with each value of the parameter
    /// that is chosen, or this one alone.
    pub fn choices(&self) -> Vec<Merge> {
        match &self.rule.choice {
            Some(choice) if self.held_out => {
                let with = |&value: &f64| {
                    let mut values = self.values;
                    values[choice.place] = value;
                    Merge { values, held_out: false, ..*self }
                };
                choice.values.iter().map(with).collect()
            }
            _ => vec![*self],
        }
    }

    /// The models as one; a parameter that is to be chosen has the value that was given.
    ///
    /// # Errors
    /// If the rule needs what the models started from, or looks at statistics, and they are not there, or takes another number of models.
    ///
    /// # Panics
    /// If models or their statistics differ in length, or a tensor lies outside of them.
    pub fn merge(&self, models: &Models<'_>, draws: &Draws<'_>) -> Result<Merged, Error> {
        models.check(self.rule)?;
        Ok((self.rule.merge)(&self.values, models, draws))
    }
}

impl Default for Merge {
    /// The mean.
    fn default() -> Self {
        let rule = RULES.iter().find(|rule| rule.about.name == "average").expect("it is in the table");
        Self { rule, values: rule.about.defaults(), held_out: false }
    }
}

impl PartialEq for Merge {
    fn eq(&self, other: &Self) -> bool {
        (self.rule.about.name, self.values, self.held_out)
            == (other.rule.about.name, other.values, other.held_out)
    }
}

impl fmt::Display for Merge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held_out = if self.held_out { HELD_OUT } else { "" };
        f.pad(&format!("{}{held_out}", self.rule.about.written(&self.values)))
    }
}

impl FromStr for Merge {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let named = text.strip_suffix(HELD_OUT);
        let (rule, values) = read("merge", named.unwrap_or(text), &RULES, |rule| &rule.about)?;
        let held_out = named.is_some();
        if held_out && rule.choice.is_none() {
            return Err(Error::NothingToChoose { method: rule.about.name });
        }
        Ok(Self { rule, values, held_out })
    }
}

spelled!(Merge);
