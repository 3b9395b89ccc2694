//! What the user should know of a study's tasks before its first run. The runs' own notes would say it once for each run.

use mtlift_glue_data::{Target, Task, target_notes};
use mtlift_train::ClassWeights;

use super::Survey;
use crate::spec::Spec;

impl Survey {
    /// A line on each support without a dev split, on what stands out in a task's targets, and on each task nearly all of whose
    /// rows are of one class, unless its classes are weighed.
    pub(crate) fn notes(&self, spec: &Spec) -> Vec<String> {
        let without_dev = self.without_dev().map(|name| {
            format!("support {name} has no dev split: its held-out rows select, and it gets no dev score")
        });
        let imbalanced = self.all.iter().filter_map(|subject| {
            let weights = spec.settings.class_weights.among([&subject.task].into_iter());
            subject.imbalance.clone().filter(|_| weights == ClassWeights::None)
        });
        let of_targets = self.all.iter().flat_map(|subject| subject.notes.iter().cloned());
        without_dev.chain(of_targets).chain(imbalanced).collect()
    }

    /// The names of the supports that have no dev split.
    pub(crate) fn without_dev(&self) -> impl Iterator<Item = &str> {
        let without = self.all.iter().filter(|subject| subject.dev.rows() == 0);
        without.map(|subject| subject.task.name.as_str())
    }
}

/// What stands out in the targets of a task's train and dev rows.
pub(super) fn of_targets(task: &Task, train: &[Target], dev: &[Target]) -> Vec<String> {
    let of_split = |(split, targets)| target_notes(split, &task.labels, &task.metrics, targets);
    let notes = [("train", train), ("dev", dev)].into_iter().flat_map(of_split);
    notes.map(|note| format!("{}: {note}", task.name)).collect()
}
