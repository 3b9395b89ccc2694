//! Groups of a task's rows, of which each has a score of its own: by a column, or by a list of words.
//!
//! The one decision: a group is a name that a row carries. So nothing after the reader knows how a task says which row is of which
//! group, and groups are told apart by their names alone.

use crate::error::Error;
use crate::task::{Column, GroupRule, SplitFile, Task};

/// The most groups of a task: more are no groups but another column, such as an index.
pub(crate) const MOST_GROUPS: usize = 50;

impl GroupRule {
    /// The column that it reads beside texts and label.
    pub(crate) fn column(&self) -> Option<&Column> {
        match self {
            GroupRule::Column(column) => Some(column),
            GroupRule::Words { .. } => None,
        }
    }
}

/// The words of a text in lower case: letters, digits and the apostrophes between them.
pub(crate) fn words(text: &str) -> impl Iterator<Item = String> {
    let is_apostrophe = |c: char| matches!(c, '\'' | '’');
    text.split(move |c: char| !(c.is_alphanumeric() || is_apostrophe(c)))
        .map(move |word| word.trim_matches(is_apostrophe).replace('’', "'").to_lowercase())
        .filter(|word| !word.is_empty())
}

impl SplitFile {
    /// The columns that are read, in no promised order.
    pub(crate) fn wanted(&self) -> impl Iterator<Item = &Column> {
        self.columns.all().chain(self.groups.as_ref().and_then(GroupRule::column))
    }
}

impl Task {
    /// How the group of a row is found; none of a task without groups.
    pub fn groups(&self) -> Option<&GroupRule> {
        self.files.iter().find_map(|file| file.groups.as_ref())
    }

    /// Whether each of the groups that train has is one of those that dev has, by name: without a row it would have no score.
    ///
    /// # Errors
    /// Names the first that is not, and dev's file.
    pub fn check_groups(&self, train: &[String], dev: &[String]) -> Result<(), Error> {
        let Some(group) = train.iter().find(|group| !dev.contains(group)) else { return Ok(()) };
        let file = self.files.iter().find(|file| file.split == "dev").map(|file| file.path.clone());
        Err(Error::GroupWithoutDev { file: file.unwrap_or_default(), group: group.clone() })
    }
}
