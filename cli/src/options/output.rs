//! Where results go: standard output, as text or JSON, and a file that the user names.
//!
//! Standard output has one kind of content. Where the file goes there, what is said about it goes to standard error.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use mtlift_files::{check_output, is_standard_output, write_output};

use crate::misuse::Misuse;
use crate::{progress, stdout};

/// How results are printed.
#[derive(Args, Clone)]
pub(crate) struct Output {
    /// Print the results as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// A file to write.
#[derive(Args, Clone)]
pub(crate) struct OutFile {
    /// The file to write; `-` is standard output, and a pipe or a device is written to
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Overwrite FILE if it exists
    #[arg(long)]
    force: bool,
}

impl OutFile {
    pub(crate) fn path(&self) -> &Path {
        &self.out
    }

    /// Whether the file can be written, before the work of making its content.
    pub(crate) fn check(&self, output: &Output) -> Result<()> {
        if output.json && is_standard_output(&self.out) {
            let why = format!(
                "--json and --out {} both write to standard output: give --out a file",
                self.out.display()
            );
            return Err(Misuse(why).into());
        }
        Ok(check_output(&self.out, self.force)?)
    }

    pub(crate) fn write(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
        Ok(write_output(&self.out, self.force, write)?)
    }

    /// Says what was written, where it does not mix with it.
    pub(crate) fn announce(&self, text: &str) -> Result<()> {
        if is_standard_output(&self.out) {
            progress::note(text);
            return Ok(());
        }
        stdout::print(text)
    }
}
