//! A reader as the mutator sees it: genuine files, their form, and what reads one.

use crate::mutate::Form;

/// Reads a file of these bytes; else the error's message.
type Read = Box<dyn FnMut(&[u8]) -> Result<(), String>>;

/// A reader of one kind of file.
pub struct Target {
    pub(crate) form: Form,
    /// Files that it reads without an error, at least one.
    pub(crate) genuine: Vec<Vec<u8>>,
    read: Read,
}

impl Target {
    pub(crate) fn new<E: ToString>(
        form: Form,
        genuine: Vec<Vec<u8>>,
        mut read: impl FnMut(&[u8]) -> Result<(), E> + 'static,
    ) -> Self {
        Self { form, genuine, read: Box::new(move |bytes| read(bytes).map_err(|error| error.to_string())) }
    }

    /// Reads a file of these bytes; else the error's message.
    ///
    /// # Errors
    /// If the reader refuses it.
    ///
    /// # Panics
    /// If the reader does, which is what is looked for.
    pub fn read(&mut self, bytes: &[u8]) -> Result<(), String> {
        (self.read)(bytes)
    }
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Target").field("form", &self.form).finish_non_exhaustive()
    }
}
