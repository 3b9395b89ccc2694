//! From a name to a task, and from a task to its rows. A file is read once, however many splits are parts of it.

use crate::error::{Error, listed};
use crate::source_table::SourceTable;
use crate::task::{Split, SplitFile, Task};
use crate::{demo, reader, registry, toml_task};
use std::path::Path;

impl Task {
    /// Finds a task: one of GLUE's by its name (in any case), its files being under `data_home/glue`; one of the built-in
    /// suite, such as `demo:sentiment`, which has no files; or one described by a `.toml` file, its files being relative to
    /// that file.
    ///
    /// # Errors
    /// If there is no such task, no data home for a task of GLUE's, or the description is faulty. Data files are not
    /// opened, except the train file of a description that lists no labels, to say which there are.
    pub fn find(name_or_toml: &str, data_home: Option<&Path>) -> Result<Task, Error> {
        let path = Path::new(name_or_toml);
        if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")) {
            return toml_task::read(path);
        }
        if let Some(task) = demo::find(name_or_toml) {
            return task;
        }
        registry::find(name_or_toml)?.at(data_home)
    }

    /// Reads one split.
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
                    let part = carve.part(rows, split);
                    if part.examples.is_empty() {
                        return Err(Error::EmptyCarve { file: part.path, split: split.to_owned() });
                    }
                    part
                }
                None => rows,
            });
        }
        Ok(all)
    }

    fn file(&self, split: &str) -> Result<&SplitFile, Error> {
        self.files.iter().find(|file| file.split == split).ok_or_else(|| {
            let (task, splits) = (self.name.clone(), listed(self.splits()));
            Error::UnknownSplit { task, split: split.to_owned(), splits }
        })
    }
}
