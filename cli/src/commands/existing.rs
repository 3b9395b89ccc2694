//! A study that is there, for the commands that look at one.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use mtlift_study::Study;

use super::subjects::Subjects;
use crate::options::Common;

/// Which study.
#[derive(Args)]
pub(crate) struct ExistingStudy {
    /// The study's directory
    #[arg(value_name = "STUDY")]
    pub(crate) directory: PathBuf,
    #[command(flatten)]
    pub(crate) common: Common,
}

impl ExistingStudy {
    pub(crate) fn open(&self) -> Result<Study> {
        let Common { threads, home, cache, .. } = &self.common;
        let spec = Study::spec_of(&self.directory)?;
        let subjects = Subjects::find(&spec, home, cache)?;
        let open = || Study::existing(&self.directory, subjects.sources());
        Ok(threads.with(threads.count(), open)??)
    }
}
