//! Where models, data and token ids are.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use etcetera::BaseStrategy;
use mtlift_glue_data::{GlueTask, Task, TokenCache, registry};

use super::{built_in_model, hub};
use crate::misuse::Misuse;

/// Where models and data are.
#[derive(Args, Clone)]
pub(crate) struct Home {
    /// Data home: the folder that holds glue/TASK/ and models/NAME/
    #[arg(long, env = "MTLIFT_HOME", value_name = "DIR", help_heading = "Places")]
    data_home: Option<PathBuf>,
}

impl Home {
    pub(crate) fn path(&self) -> Option<&Path> {
        self.data_home.as_deref()
    }

    /// The flag with which another command finds the same home; none where the environment says it.
    pub(crate) fn words(&self) -> Vec<String> {
        let said = std::env::var_os("MTLIFT_HOME").map(PathBuf::from);
        let home = self.data_home.as_ref().filter(|home| Some(*home) != said.as_ref());
        home.map_or(Vec::new(), |home| vec!["--data-home".to_owned(), home.display().to_string()])
    }

    /// A task by its name, or from a TOML file. One of GLUE's is in the data home, or else in the hub's cache.
    pub(crate) fn task(&self, name: &str) -> Result<Task> {
        let task = self.task_with_or_without_files(name)?;
        if glue_named(name).is_some() && !has_a_file(&task) {
            let (name, file) = (&task.name, task.files[0].path.display());
            return Err(to_fetch(format!("{name} is not in the data home: there is no file {file}"), name));
        }
        Ok(task)
    }

    /// The same, and of a file with several heads all of them.
    pub(crate) fn tasks(&self, name: &str) -> Result<Vec<Task>> {
        if glue_named(name).is_some() {
            Ok(vec![self.task(name)?])
        } else {
            Ok(Task::find_all(name, self.path())?)
        }
    }

    /// The same, where it is no error that a task of GLUE's has no file anywhere.
    pub(crate) fn task_with_or_without_files(&self, name: &str) -> Result<Task> {
        let Some(glue) = glue_named(name) else { return Ok(Task::find(name, self.path())?) };
        let at_home = glue.at(self.path());
        if !at_home.as_ref().is_ok_and(has_a_file)
            && let Some(fetched) = hub::glue(glue.name)?
        {
            return Ok(fetched);
        }
        at_home.map_err(|error| to_fetch(error.to_string(), glue.name))
    }

    /// The first model of the data home by name, if there is one.
    pub(crate) fn first_model(&self) -> Option<PathBuf> {
        let models = self.path()?.join("models");
        Some(models.join(names(&models).first()?))
    }

    /// A model's directory, the built-in one's, the one below `models/` that has the name, or the one in the hub's cache.
    pub(crate) fn model(&self, name: &str) -> Result<PathBuf> {
        let here = PathBuf::from(name);
        if here.is_dir() {
            return Ok(here);
        }
        if name == built_in_model::NAME {
            return built_in_model::directory();
        }
        if here.is_file() {
            return Err(Misuse(format!(
                "model {name}: this is a file; give the directory that holds the model"
            ))
            .into());
        }
        let models = self.path().map(|home| home.join("models"));
        if let Some(directory) = models.as_ref().map(|models| models.join(name)).filter(|path| path.is_dir())
        {
            return Ok(directory);
        }
        if let Some(directory) = hub::model(name)? {
            return Ok(directory);
        }
        let there = match &models {
            None => "there is no such directory, and no data home to look in: set MTLIFT_HOME or --data-home"
                .to_owned(),
            Some(models) => {
                format!("there is no such directory here or in {}{}", models.display(), list(models))
            }
        };
        Err(Misuse(format!("model {name}: {there}{}", hub::offer(name))).into())
    }
}

fn glue_named(name: &str) -> Option<&'static GlueTask> {
    registry().iter().find(|glue| glue.name.eq_ignore_ascii_case(name))
}

fn has_a_file(task: &Task) -> bool {
    task.files.iter().any(|file| file.path.is_file())
}

/// Why a task of GLUE's is not there, and what to do.
fn to_fetch(why: String, task: &str) -> anyhow::Error {
    Misuse(format!("{why}; to fetch it from the hub: mtlift fetch glue {task}")).into()
}

/// ", which has a, b"
fn list(models: &Path) -> String {
    let names = names(models);
    if names.is_empty() { String::new() } else { format!(", which has {}", names.join(", ")) }
}

/// The names of the models in a folder, sorted.
fn names(models: &Path) -> Vec<String> {
    let entries = models.read_dir().into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().join("config.json").is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Where token ids are kept from one run to the next.
#[derive(Args, Clone)]
pub(crate) struct Cache {
    /// Folder for token ids, kept between runs [default: mtlift below the user's cache folder]
    #[arg(long, env = "MTLIFT_CACHE", value_name = "DIR", help_heading = "Places")]
    cache_dir: Option<PathBuf>,
}

impl Cache {
    /// The cache; none on a machine where no place for one is known.
    pub(crate) fn open(&self) -> Option<TokenCache> {
        let users = || Some(etcetera::choose_base_strategy().ok()?.cache_dir().join("mtlift"));
        self.cache_dir.clone().or_else(users).map(TokenCache::new)
    }
}
