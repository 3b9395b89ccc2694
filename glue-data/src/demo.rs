//! The built-in suite: English-like tasks in GLUE's kinds, made in memory, for trying things out without a file. What their words
//! mean is drawn from a seed and shared by the tasks, so that transfer from one to another is real and can be switched off.

mod draw;
mod event;
mod knobs;
mod lexicon;
mod meaning;
mod rows;
mod tasks;

use crate::error::{Error, listed, suggestion};
use crate::task::{Column, Columns, Format, Source, SplitFile, Task};
use knobs::{KNOBS, Knobs, PREFIX};
use std::collections::BTreeMap;
use std::path::PathBuf;

pub use rows::DemoRows;
pub use tasks::DemoTask;

/// The tasks of the built-in suite.
pub fn demo_tasks() -> &'static [DemoTask] {
    &tasks::TASKS
}

/// What the name of a task can be followed by: each knob's name, and what it may be.
pub fn demo_knobs() -> &'static [(&'static str, &'static str)] {
    &KNOBS
}

/// The task of a name that begins as the suite's do; `None` for other names.
pub(crate) fn find(name: &str) -> Option<Result<Task, Error>> {
    let rest = name.get(..PREFIX.len()).filter(|start| start.eq_ignore_ascii_case(PREFIX))?;
    let parts: Vec<&str> = name[rest.len()..].split(':').collect();
    Some(named(name, parts[0]).and_then(|task| Ok(task.with(&Knobs::parse(task.rows, name, &parts[1..])?))))
}

fn named(name: &str, task: &str) -> Result<&'static DemoTask, Error> {
    let is_it = |known: &&DemoTask| known.name[PREFIX.len()..].eq_ignore_ascii_case(task);
    tasks::TASKS.iter().find(is_it).ok_or_else(|| Error::UnknownTask {
        name: name.to_owned(),
        suggestion: suggestion(&format!("{PREFIX}{task}"), tasks::TASKS.iter().map(|task| task.name)),
        known: listed(tasks::TASKS.iter().map(|task| task.name)),
    })
}

impl DemoTask {
    fn with(&'static self, knobs: &Knobs) -> Task {
        let name = knobs.name(self.name, self.rows);
        let column = |name: &str| Column::Name(name.to_owned());
        let (text_a, text_b) = if self.is_pair {
            (column(rows::TEXTS[0]), Some(column(rows::TEXTS[1])))
        } else {
            (column(rows::TEXT), None)
        };
        let split_file = |split: &'static str| SplitFile {
            split: split.to_owned(),
            path: PathBuf::from(format!("{name}/{split}")),
            source: Source::Demo(DemoRows { task: self, knobs: knobs.clone(), split }),
            format: Format::Jsonl,
            header: true,
            delimiter: None,
            columns: Columns {
                text_a: text_a.clone(),
                text_b: text_b.clone(),
                label: Some(column(rows::TARGET)),
                index: None,
            },
            groups: None,
            labels: None,
            may_lack_labels: false,
            skip_broken_rows: false,
            official_rows: None,
            carve: None,
        };
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let files = rows::SPLITS.iter().map(|(split, _)| split_file(split)).collect();
        Task {
            name: name.clone(),
            kind: self.kind,
            labels: owned(self.labels),
            positive: 1,
            metrics: owned(self.metrics),
            files,
            relations: BTreeMap::new(),
            head_of: None,
        }
    }
}
