//! What the hub's cache has under a name. Nothing here asks the network: only `mtlift fetch` does.

use std::path::PathBuf;

use anyhow::Result;
use mtlift_glue_data::Task;
use mtlift_hub::{Cache, Kind, Repository, model_files};

/// The revision that a name means.
pub(crate) const MAIN: &str = "main";

/// Where GLUE is.
pub(crate) fn glue_repository() -> Repository {
    Repository::new(Kind::Dataset, "nyu-mll/glue").expect("the name is one of the hub's")
}

/// A model's directory in the cache; none if not all of the model is there.
pub(super) fn model(name: &str) -> Result<Option<PathBuf>> {
    let Ok((repository, revision)) = Repository::model_at(name) else { return Ok(None) };
    let found = Cache::from_env()?.find(&repository, revision.unwrap_or(MAIN), model_files)?;
    Ok(found.map(|snapshot| snapshot.directory))
}

/// What to do about a model that is nowhere, as the end of a message.
pub(super) fn offer(name: &str) -> String {
    match Repository::model_at(name) {
        Ok(_) => format!("; to fetch it from the hub: mtlift fetch model {name}"),
        Err(_) => String::new(),
    }
}

/// One of GLUE's tasks from the cache; none if not all of its files are there.
pub(super) fn glue(name: &str) -> Result<Option<Task>> {
    let wanted = Task::hub_glue_files(name)?;
    let missing = |files: &[String]| wanted.iter().find(|file| !files.contains(file)).cloned();
    let choose = |files: &[String]| missing(files).map_or_else(|| Ok(wanted.clone()), Err);
    match Cache::from_env()?.find(&glue_repository(), MAIN, choose)? {
        Some(snapshot) => Ok(Some(Task::from_hub_glue(name, &snapshot.directory)?)),
        None => Ok(None),
    }
}
