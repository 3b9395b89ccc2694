//! Where a study file comes from: the user, or the program itself.

use std::path::Path;

use anyhow::Result;
use mtlift_study::{Question, Spec};
use mtlift_train::Protocol;

/// A question as a file asks it.
pub(crate) struct StudyFile {
    /// What messages call it.
    name: String,
    text: String,
}

impl StudyFile {
    /// The user's.
    pub(crate) fn read(file: &Path) -> Result<Self> {
        Ok(Self { name: file.display().to_string(), text: mtlift_files::read_text(file)? })
    }

    /// One that comes with the program.
    pub(crate) fn built_in(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), text: text.to_owned() }
    }

    /// Whether it says anything of a key.
    pub(crate) fn names(&self, key: &str) -> bool {
        self.text.parse::<toml::Table>().is_ok_and(|table| table.contains_key(key))
    }

    /// The question on top of its protocol's settings.
    pub(super) fn spec(&self, question: Question, protocol: Option<Protocol>) -> Result<Spec> {
        Ok(Spec::parse(question, protocol, &self.name, &self.text)?)
    }
}
