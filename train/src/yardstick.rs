//! By which number a task's models are selected, and a study's arms are judged: the task's score, or the accuracy of its worst group.
//! Who selects by the one and judges by the other does so knowingly; each is asked for by itself.

use mtlift_eval::{GroupScore, Scores};
use mtlift_glue_data::Task;
use mtlift_schedule::named;
use serde::{Deserialize, Serialize};

use crate::Error;

/// By which number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Yardstick {
    /// The mean of the task's metrics.
    #[default]
    Score,
    /// The accuracy of the worst group; of a task without groups the score.
    WorstGroup,
}

named!(Yardstick, "yardstick", Score => "score", WorstGroup => "worst-group");

impl Yardstick {
    /// The number, of rows with these scores and this worst group. Who asks for one and has none is refused before.
    pub fn of(self, scores: &Scores, worst: Option<&GroupScore>) -> f64 {
        worst.filter(|_| self == Self::WorstGroup).map_or(scores.headline(), |worst| worst.accuracy)
    }

    /// The part of it that is about these tasks: a run is recognised by what it depends on alone.
    #[must_use]
    pub fn among<'a>(self, mut tasks: impl Iterator<Item = &'a Task>) -> Self {
        if tasks.any(|task| task.groups().is_some()) { self } else { Self::Score }
    }

    /// Whether one of these tasks has groups, where a worst group is asked for. `name` is that of the setting.
    ///
    /// # Errors
    /// If none has.
    pub fn check_for<'a>(
        self,
        name: &'static str,
        tasks: impl Iterator<Item = &'a Task>,
    ) -> Result<(), Error> {
        if self.among(tasks) == self {
            return Ok(());
        }
        let expected = "a task with groups: give `group` or [groups] in its task file (docs/task-files.md)";
        Err(Error::Setting { name, value: self.name().to_owned(), expected })
    }
}
