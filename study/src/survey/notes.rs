//! What the user should know of a study's tasks before its first run. The runs' own notes would say it once for each run.

use mtlift_glue_data::{Target, Task, target_notes};
use mtlift_train::ClassWeights;

use super::Survey;
use crate::spec::Spec;

impl Survey {
    /// A line on each support without a dev split, on what stands out in a task's targets, on each task nearly all of whose rows are
    /// of one class, unless its classes are weighed, and on unused rows that are scored: fewer than asked for, or known to a support.
    pub(crate) fn notes(&self, spec: &Spec) -> Vec<String> {
        let without_dev = self.without_dev().map(|name| {
            format!("support {name} has no dev split: its held-out rows select, and it gets no dev score")
        });
        let imbalanced = self.all.iter().filter_map(|subject| {
            let weights = spec.settings.class_weights.among([&subject.task].into_iter());
            subject.imbalance.clone().filter(|_| weights == ClassWeights::None)
        });
        let of_targets = self.all.iter().flat_map(|subject| subject.notes.iter().cloned());
        without_dev.chain(of_targets).chain(imbalanced).chain(self.of_score_rows(spec)).collect()
    }

    /// Lines on the unused rows that are scored: where they are fewer than asked for, and where a support may know them.
    pub(crate) fn of_score_rows(&self, spec: &Spec) -> Vec<String> {
        let Some(asked) = spec.settings.score_rows else { return Vec::new() };
        let fewer = self.score_rows(spec).filter(|(_, rows)| *rows < asked).map(|(name, rows)| {
            format!(
                "{name}: {rows} unused training rows are left to be scored beside dev, of {asked} asked for"
            )
        });
        let targets = self.places(&spec.targets);
        let pairs = targets.flat_map(|target| (0..self.all.len()).map(move |other| (target, other)));
        let known = pairs.filter(|(target, other)| target != other).filter_map(|(target, other)| {
            let [target, other] = [target, other].map(|place| &self.all[place]);
            let (name, other_name) = (&target.task.name, &other.task.name);
            let (shared, rows) = (target.texts.shared_with(&other.texts), target.dev.unused.rows());
            (shared > 0).then(|| {
                format!(
                    "{name}: {shared} of the {rows} unused training rows that are scored have the texts of training rows of \
                     {other_name}, so arms that train on {other_name} may know them: leave out --score-rows if their labels have to \
                     do with each other"
                )
            })
        });
        fewer.chain(known).collect()
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
