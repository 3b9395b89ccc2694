//! From a name to a task, and from a task to its rows. A file is read once, however many splits are parts of it.

use crate::error::{Error, listed};
use crate::source_table::SourceTable;
use crate::task::{Split, SplitFile, Task};
use crate::{demo, reader, registry, toml_task};
use std::path::Path;

/// The splits in which a head must have a label to be of use.
const LABELLED: [&str; 2] = ["train", "dev"];

impl Task {
    /// Finds a task: one of GLUE's by its name (in any case), its files being under `data_home/glue`; one of the built-in
    /// suite, such as `demo:sentiment`, which has no files; or one described by a `.toml` file, its files being relative to
    /// that file. A head of several is `FILE.toml:HEAD`.
    ///
    /// # Errors
    /// If there is no such task, no data home for a task of GLUE's, or the description is faulty. Data files are not
    /// opened, except the train file of a description that lists no labels, to say which there are.
    pub fn find(name_or_toml: &str, data_home: Option<&Path>) -> Result<Task, Error> {
        let mut all = Task::find_all(name_or_toml, data_home)?;
        match (all.pop(), all.is_empty()) {
            (Some(task), true) => Ok(task),
            (last, _) => {
                let all = all.iter().chain(&last).map(Task::head_name);
                Err(Error::SeveralHeads { file: name_or_toml.into(), heads: listed(all) })
            }
        }
    }

    /// The same, and of a `.toml` file with several heads all of them, in its order.
    ///
    /// # Errors
    /// As [`Task::find`].
    pub fn find_all(name_or_toml: &str, data_home: Option<&Path>) -> Result<Vec<Task>, Error> {
        if let Some(tasks) = toml_task::find(name_or_toml) {
            return tasks;
        }
        Ok(vec![Task::named(name_or_toml, data_home)?])
    }

    fn named(name: &str, data_home: Option<&Path>) -> Result<Task, Error> {
        if let Some(task) = demo::find(name) {
            return task;
        }
        registry::find(name)?.at(data_home)
    }

    /// What its file calls a head; a task that is none, its name.
    pub fn head_name(&self) -> &str {
        let after = self.head_of.as_ref().and_then(|_| self.name.rsplit_once(':'));
        after.map_or(&self.name, |(_, head)| head)
    }

    /// Reads one split. Of a head it also has the rows without a label for it: [`Split::labelled`] says which are its own.
    ///
    /// # Errors
    /// If the task has no such split, or its file is missing, unreadable, empty or faulty in any row; the message names
    /// file and row.
    pub fn read(&self, split: &str) -> Result<Split, Error> {
        let mut splits = self.read_each(&[split], |_, _| {})?;
        Ok(splits.pop().expect("a split for each name"))
    }

    /// All columns of a split's file, as they stand there.
    ///
    /// # Errors
    /// As [`Task::read`].
    pub fn source_table(&self, split: &str) -> Result<SourceTable, Error> {
        reader::source_table(&self.name, self.file(split)?)
    }

    /// Reads several splits, each of their files once. `see` is shown each split's file and its bytes, in this order.
    ///
    /// # Errors
    /// As [`Task::read`].
    pub fn read_each(
        &self,
        splits: &[&str],
        mut see: impl FnMut(&SplitFile, &[u8]),
    ) -> Result<Vec<Split>, Error> {
        // Splits that are parts of one file follow each other or not: what was read is kept.
        let mut read: Vec<(&Path, Vec<u8>)> = Vec::new();
        let mut all = Vec::with_capacity(splits.len());
        for &split in splits {
            let file = self.file(split)?;
            let place = match read.iter().position(|(path, _)| *path == file.path) {
                Some(place) => place,
                None => {
                    read.push((&file.path, reader::bytes(&self.name, file)?));
                    read.len() - 1
                }
            };
            let bytes = &read[place].1;
            see(file, bytes);
            let rows = reader::parse(self, file, bytes)?;
            all.push(match file.carve {
                Some(carve) => {
                    // The heads of a file have different labels and the same parts.
                    let strata = self.head_of.is_none().then(|| rows.targets()).flatten();
                    let part = carve.part(rows, strata, split);
                    if part.examples.is_empty() {
                        return Err(Error::EmptyCarve { file: part.path, split: split.to_owned() });
                    }
                    part
                }
                None => rows,
            });
        }
        for (split, rows) in splits.iter().zip(&all) {
            self.check_labelled(split, rows)?;
        }
        Ok(all)
    }

    /// Whether a head has a label where it learns or is scored.
    fn check_labelled(&self, name: &str, split: &Split) -> Result<(), Error> {
        let must = self.head_of.is_some() && LABELLED.contains(&name);
        if !must || split.examples.iter().any(|row| row.target.is_some()) {
            return Ok(());
        }
        let column = self.file(name)?.columns.label.as_ref().map(ToString::to_string).unwrap_or_default();
        let head = self.head_name().to_owned();
        Err(Error::HeadWithoutLabel { file: split.path.clone(), split: name.to_owned(), head, column })
    }

    fn file(&self, split: &str) -> Result<&SplitFile, Error> {
        self.files.iter().find(|file| file.split == split).ok_or_else(|| {
            let (task, splits) = (self.name.clone(), listed(self.splits()));
            Error::UnknownSplit { task, split: split.to_owned(), splits }
        })
    }
}
