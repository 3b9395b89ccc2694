//! A row's group: what stands in the column of groups, or which words its text has.

use crate::error::Error;
use crate::groups::{MOST_GROUPS, words};
use crate::task::{Example, GroupRule, SplitFile, Task};
use std::collections::BTreeSet;

/// The most bytes of a group's name, which stands in tables and messages.
const MOST_BYTES: usize = 100;

/// The group that stands in a row's column; none where a split that may lack labels has none.
pub(super) fn in_column(file: &SplitFile, row: usize, field: Option<&str>) -> Result<Option<String>, Error> {
    let Some(name) = field.filter(|name| !name.trim().is_empty()) else {
        let missing = Error::NoGroup { file: file.path.clone(), row };
        return if file.may_lack_labels { Ok(None) } else { Err(missing) };
    };
    let what = if name.len() > MOST_BYTES {
        "is longer than 100 bytes: is it the right column?"
    } else if name.chars().any(char::is_control) {
        "holds a control character, which would break the lines of tables: rename it in the data"
    } else {
        return Ok(Some(name.to_owned()));
    };
    // Cut and escaped: a message is one line of a readable length.
    let found = name.escape_debug().take(60).collect();
    Err(Error::GroupName { file: file.path.clone(), row, found, what })
}

/// Sets the groups that follow from labels and words; a row without a label has none.
pub(super) fn set_by_words(task: &Task, file: &SplitFile, examples: &mut [Example]) -> Result<(), Error> {
    let Some(GroupRule::Words { second, words: listed }) = &file.groups else { return Ok(()) };
    let mut is_found = false;
    for example in examples {
        let text = if *second { example.text_b.as_deref().unwrap_or_default() } else { &example.text_a };
        let has_one = words(text).any(|word| listed.contains(&word));
        is_found |= has_one;
        let class = example.target.and_then(|target| target.class());
        let side = if has_one { "with" } else { "without" };
        example.group = class.map(|class| format!("{}/{side}", task.labels[class]));
    }
    if !is_found && file.split == "train" {
        let words = listed.iter().cloned().collect::<Vec<_>>().join(", ");
        return Err(Error::NoGroupWord { file: file.path.clone(), words });
    }
    Ok(())
}

/// Refuses a column that has more values than a task has groups.
pub(super) fn check_count(file: &SplitFile, examples: &[Example]) -> Result<(), Error> {
    let Some(GroupRule::Column(column)) = &file.groups else { return Ok(()) };
    let groups: BTreeSet<&String> = examples.iter().filter_map(|example| example.group.as_ref()).collect();
    if groups.len() <= MOST_GROUPS {
        return Ok(());
    }
    let (column, found) = (column.to_string(), groups.len());
    Err(Error::TooManyGroups { file: file.path.clone(), column, found, most: MOST_GROUPS })
}
