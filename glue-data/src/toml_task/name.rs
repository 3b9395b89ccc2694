//! A task's name becomes a part of file names and a field of tables, so what would break either is refused.

use super::Reader;
use crate::error::Error;

/// Well below the 255 bytes that file systems take, since a name is a part of longer ones.
const MOST_BYTES: usize = 100;

impl Reader<'_> {
    /// Of a task, or of a head.
    pub(super) fn check_name(&self, name: &str) -> Result<(), Error> {
        let what = if name.trim().is_empty() {
            "is empty"
        } else if name.len() > MOST_BYTES {
            "is longer than 100 bytes"
        } else if name.contains(['/', '\\']) || [".", ".."].contains(&name) {
            "reads as a path: leave out `/` and `\\`, and call it neither `.` nor `..`"
        } else if name.chars().any(char::is_control) {
            "holds a control character, such as a tab or a line end"
        } else {
            return Ok(());
        };
        // Cut and escaped: a message is one line of a readable length.
        let shown: String = name.escape_debug().take(60).collect();
        let reason = format!("`name` is part of the names of files, and `{shown}` {what}");
        Err(self.fault(reason))
    }
}
