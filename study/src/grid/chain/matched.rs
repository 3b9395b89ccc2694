//! What the labels of mixed tasks say of each other, where heads are matched: as a task's file says, as the labels' names say, or as a run on
//! the one task alone estimates, in this order.
//!
//! The one decision: of a pair there is one table, from the task with more labels to the one with fewer unless a file says otherwise, so it
//! is the same whichever of them is the target.

use std::cmp::Reverse;

use mtlift_glue_data::Task;
use mtlift_schedule::{Architecture, LabelTable};
use mtlift_train::{Mixing, Settings};

use super::Builder;
use crate::error::Error;
use crate::recipe::matched::Estimate;
use crate::recipe::training::Part;

impl Builder<'_> {
    /// The tables that are known, of a mixed phase whose heads are matched.
    pub(super) fn label_tables(
        &self,
        architecture: Option<&Architecture>,
        parts: &[Part],
    ) -> Result<Vec<LabelTable>, Error> {
        if !matches!(architecture, Some(Architecture::Match { .. })) {
            return Ok(Vec::new());
        }
        let pairs = self.pairs(parts);
        if pairs.is_empty() {
            let names: Vec<&str> = parts.iter().map(|part| self.task(part.task).name.as_str()).collect();
            let what = format!(
                "match needs tasks whose labels say something of each other, and of {} at most one is a classification",
                names.join(", ")
            );
            return Err(Error::Spec { what });
        }
        let tables = pairs.into_iter().filter_map(|(first, second)| self.known(first, second));
        let fits = |table: &LabelTable| {
            let labels = |name: &str| {
                let subject = self.survey.all.iter().find(|subject| subject.task.name == name);
                subject.map_or(&[][..], |subject| &subject.task.labels[..])
            };
            table.probabilities(labels(&table.from), labels(&table.to)).is_some()
        };
        tables
            .map(|table| match fits(&table) {
                true => Ok(table),
                false => {
                    let (from, to) = (table.from, table.to);
                    Err(mtlift_train::Error::LabelTable { from, to }.into())
                }
            })
            .collect()
    }

    /// The tables that are still to be estimated, and the runs that do so, of a run with these settings.
    pub(super) fn estimates(
        &mut self,
        parts: &[Part],
        mixing: &Mixing,
        settings: &Settings,
    ) -> Vec<Estimate> {
        if !matches!(mixing.architecture, Some(Architecture::Match { .. })) {
            return Vec::new();
        }
        let is_open = |&(first, second): &(usize, usize)| self.known(first, second).is_none();
        let open: Vec<(usize, usize)> = self.pairs(parts).into_iter().filter(is_open).collect();
        let mut estimates = Vec::new();
        for (from, second) in open {
            let (alone, place) = (
                parts.iter().find(|part| part.task == from),
                parts.iter().position(|part| part.task == second),
            );
            let (Some(&alone), Some(to)) = (alone, place) else { continue };
            let run = self.add_single(alone, settings);
            estimates.push(Estimate { from, run, to });
        }
        estimates
    }

    /// The pairs of classifications, the one with more labels first, in an order that does not depend on the target.
    fn pairs(&self, parts: &[Part]) -> Vec<(usize, usize)> {
        let classifies = |task: &usize| !self.task(*task).labels.is_empty();
        let mut tasks: Vec<usize> = parts.iter().map(|part| part.task).filter(classifies).collect();
        tasks.sort_by_key(|&task| (Reverse(self.task(task).labels.len()), &self.task(task).name));
        let with_later = |(place, &first): (usize, &usize)| {
            tasks[place + 1..].iter().map(|&second| (first, second)).collect::<Vec<_>>()
        };
        tasks.iter().enumerate().flat_map(with_later).collect()
    }

    /// What a task's file or the labels' names say of a pair.
    fn known(&self, first: usize, second: usize) -> Option<LabelTable> {
        let (first, second) = (self.task(first), self.task(second));
        let given = |from: &Task, to: &Task| {
            let rows = to.relations.get(&from.name)?.clone();
            Some(LabelTable { from: from.name.clone(), to: to.name.clone(), rows })
        };
        let named =
            |from: &Task, to: &Task| LabelTable::by_names((&from.name, &from.labels), (&to.name, &to.labels));
        given(first, second)
            .or_else(|| given(second, first))
            .or_else(|| named(first, second))
            .or_else(|| named(second, first))
    }

    fn task(&self, place: usize) -> &Task {
        &self.survey.all[place].task
    }
}
