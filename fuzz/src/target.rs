//! A reader as the mutator sees it: the files that it reads, genuine ones of each, and what reads one.

use crate::mutate::Form;

/// Reads a file of these bytes in the place of a genuine one, whose number is given; else the error's message.
type Read = Box<dyn FnMut(usize, &[u8]) -> Result<(), String> + Send>;

/// A reader of one or several files, of which one at a time is mutated.
pub struct Target {
    pub(crate) files: Vec<Genuine>,
    read: Read,
}

/// A file that a reader reads without an error.
#[derive(Clone, Debug)]
pub(crate) struct Genuine {
    pub(crate) name: String,
    pub(crate) form: Form,
    /// Versions of it, at least one.
    pub(crate) versions: Vec<Vec<u8>>,
}

impl Target {
    /// Of one file.
    pub(crate) fn new<E: ToString>(
        form: Form,
        versions: Vec<Vec<u8>>,
        mut read: impl FnMut(&[u8]) -> Result<(), E> + Send + 'static,
    ) -> Self {
        Self::of(vec![Genuine { name: "the input".to_owned(), form, versions }], move |_, bytes| read(bytes))
    }

    /// Of several.
    pub(crate) fn of<E: ToString>(
        files: Vec<Genuine>,
        mut read: impl FnMut(usize, &[u8]) -> Result<(), E> + Send + 'static,
    ) -> Self {
        Self {
            files,
            read: Box::new(move |file, bytes| read(file, bytes).map_err(|error| error.to_string())),
        }
    }

    /// Reads a file of these bytes in the place of genuine file `file`, counted from 0; else the error's message.
    ///
    /// # Errors
    /// If the reader refuses it.
    ///
    /// # Panics
    /// If the reader does, which is what is looked for; or if there is no such file.
    pub fn read(&mut self, file: usize, bytes: &[u8]) -> Result<(), String> {
        (self.read)(file, bytes)
    }
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Target").field("files", &self.files.len()).finish_non_exhaustive()
    }
}
