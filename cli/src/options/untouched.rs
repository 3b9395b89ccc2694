//! What a command reads and must not write to: its files by whatever name they are given, and all that is in the model's
//! directory and the data home. Not even `--force` is meant for these.

use std::path::{Path, PathBuf};

use anyhow::Result;
use mtlift_files::{are_same_file, is_inside, is_standard_output, names_in};
use mtlift_glue_data::Task;

use super::Home;
use crate::misuse::Misuse;

/// Files and directories that a command reads.
#[derive(Default)]
pub(crate) struct Untouched {
    files: Vec<PathBuf>,
    /// With what they are.
    directories: Vec<(&'static str, PathBuf)>,
}

impl Untouched {
    /// What is in the data home.
    pub(crate) fn home(home: &Home) -> Self {
        let directories = home.path().map(|home| ("data home", home.to_owned())).into_iter().collect();
        Self { files: Vec::new(), directories }
    }

    /// Also what is in a model's directory, hard links to it too.
    pub(crate) fn model(mut self, directory: &Path) -> Self {
        self.directories.push(("model's directory", directory.to_owned()));
        self.files_in(directory)
    }

    /// Also the files of a directory, beside which something may be written.
    pub(crate) fn files_in(mut self, directory: &Path) -> Self {
        let names = names_in(directory).unwrap_or_default();
        self.files.extend(names.iter().map(|name| directory.join(name)).filter(|file| file.is_file()));
        self
    }

    /// Also the files of a task, as it was `given`: by name or by the file that describes it.
    pub(crate) fn task(self, given: &str, task: &Task) -> Self {
        let description = task.head_of.as_ref().map_or(Path::new(given), |head| &head.file);
        task.files.iter().fold(self.file(description), |all, file| all.file(&file.path))
    }

    /// Also a file.
    pub(crate) fn file(mut self, file: &Path) -> Self {
        self.files.push(file.to_owned());
        self
    }

    /// Whether `--out` is none of it, nor below it.
    ///
    /// # Errors
    /// Names what it is.
    pub(crate) fn check(&self, out: &Path) -> Result<()> {
        if is_standard_output(out) {
            return Ok(());
        }
        if let Some(file) = self.files.iter().find(|file| are_same_file(out, file)) {
            let why = format!(
                "--out {} is {}, which this command reads: give another file",
                out.display(),
                file.display()
            );
            return Err(Misuse(why).into());
        }
        if let Some((what, directory)) = self.directories.iter().find(|(_, place)| is_inside(out, place)) {
            let why = format!(
                "--out {} is inside the {what} {}, where nothing is written: give a place outside of it",
                out.display(),
                directory.display()
            );
            return Err(Misuse(why).into());
        }
        Ok(())
    }
}
