//! What a task's score is of, in words. Page and terminal say it alike.

use crate::findings::TaskFacts;
use crate::format::count;

/// `277 dev rows`, `277 dev rows and 831 unused training rows`.
pub(crate) fn scored_on(task: &TaskFacts) -> String {
    let dev = format!("{} dev rows", count(task.dev_rows));
    match task.score_rows {
        0 => dev,
        unused => format!("{dev} and {} unused training rows", count(unused)),
    }
}
