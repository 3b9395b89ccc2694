//! The model and the tasks that a question names, found on this machine.

use std::path::PathBuf;

use anyhow::Result;
use mtlift_glue_data::{Task, TokenCache};
use mtlift_study::{Sources, Spec};

use crate::misuse::Misuse;
use crate::options::{Cache, Home};

/// What a study's runs read.
pub(crate) struct Subjects {
    model: PathBuf,
    tasks: Vec<Task>,
    cache: Option<TokenCache>,
}

impl Subjects {
    pub(crate) fn find(spec: &Spec, home: &Home, cache: &Cache) -> Result<Self> {
        if spec.model.is_empty() {
            return Err(Misuse("missing --model MODEL".to_owned()).into());
        }
        let tasks = spec.tasks().iter().map(|name| home.task(name)).collect::<Result<_>>()?;
        Ok(Self { model: home.model(&spec.model)?, tasks, cache: cache.open() })
    }

    pub(crate) fn sources(&self) -> Sources<'_> {
        Sources { model: &self.model, tasks: &self.tasks, cache: self.cache.as_ref() }
    }
}
