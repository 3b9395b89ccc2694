//! The keys that divide a task's rows into groups: a column of groups, or a list of words.

use super::{Reader, Rows, WrittenGroups};
use crate::error::{Error, listed};
use crate::groups::words;
use crate::task::{Column, GroupRule, Kind};
use std::collections::BTreeSet;

impl Reader<'_> {
    pub(super) fn groups(
        &self,
        kind: Kind,
        column: Option<Column>,
        by_words: Option<WrittenGroups>,
        rows: &Rows,
    ) -> Result<Option<GroupRule>, Error> {
        if kind == Kind::Regression && (column.is_some() || by_words.is_some()) {
            return Err(self.fault("groups are scored by accuracy, which a regression task does not have"));
        }
        match (column, by_words) {
            (None, None) => Ok(None),
            (Some(_), Some(_)) => {
                Err(self.fault("groups are given by both `group` and [groups]; keep one of them"))
            }
            (Some(column), None) if column == rows.text_a || Some(&column) == rows.text_b.as_ref() => {
                Err(self.fault(format!("column {column} is both the group and a text")))
            }
            (Some(column), None) => Ok(Some(GroupRule::Column(column))),
            (None, Some(WrittenGroups { words, text })) => {
                let second = self.is_second_text(text.as_ref(), rows)?;
                Ok(Some(GroupRule::Words { second, words: self.words(&words)? }))
            }
        }
    }

    /// Whether the text that is looked at is the second of a pair. One text need not be named.
    fn is_second_text(&self, text: Option<&Column>, rows: &Rows) -> Result<bool, Error> {
        let texts = [Some(&rows.text_a), rows.text_b.as_ref()];
        match text {
            None if rows.text_b.is_none() => Ok(false),
            None => Err(self.fault("[groups] has no `text`: say in which of the two texts the words count")),
            Some(text) => {
                texts.iter().position(|column| *column == Some(text)).map(|place| place == 1).ok_or_else(
                    || {
                        let texts = texts.iter().flatten().map(|column| column.to_string());
                        let texts = texts.collect::<Vec<_>>().join(", ");
                        self.fault(format!(
                            "[groups] text is {text}, which is no text of the task; its texts are {texts}"
                        ))
                    },
                )
            }
        }
    }

    /// The words in lower case.
    fn words(&self, given: &[String]) -> Result<BTreeSet<String>, Error> {
        if given.is_empty() {
            return Err(self.fault("[groups] words is empty: list at least one word"));
        }
        let mut all = BTreeSet::new();
        for given in given {
            let mut found = words(given);
            let word = match (found.next(), found.next()) {
                (Some(word), None) if word.chars().count() == given.trim().chars().count() => word,
                _ => {
                    let given = listed([given.escape_debug().take(60).collect::<String>()]);
                    let reason =
                        format!("[groups] words has {given}, expected single words of letters and digits");
                    return Err(self.fault(reason));
                }
            };
            if !all.insert(word) {
                return Err(self.fault(format!("[groups] words has {} twice", listed([given]))));
            }
        }
        Ok(all)
    }
}
